"""Pictures of a distribution of the drawn world."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zollstock.models.data.base import Pictures
from zollstock.seeds import seed_for
from zollstock.worlds import get_world
from zollstock.worlds.datasets import check_classes, sample_dataset


def training_set(data: Mapping[str, Any], classes: Sequence[str], seed: int) -> Pictures:
    """Draw what a model is trained on.

    Parameters
    ----------
    data
        ``world`` as `zollstock.worlds.datasets.sample_dataset` takes it, ``distribution`` and
        ``images``, their number.
    classes
        The world's, in its order.
    seed
        Of the study.
    """
    world = data["world"]
    check_classes(world["name"], classes, "models: classes")
    return _drawn(world, data["distribution"], data["images"], (seed, "train"))


def test_sets(data: Mapping[str, Any], seed: int) -> Iterator[tuple[str, Pictures]]:
    """Yield ``test_images`` of each distribution of the world; no model was trained on one."""
    world = data["world"]
    for split in get_world(world["name"]).distributions:
        yield split, _drawn(world, split, data["test_images"], (seed, "test"))


def _drawn(
    world: Mapping[str, Any], distribution: str, count: int, seed: tuple[object, ...]
) -> Pictures:
    latents, labels = sample_dataset(world, distribution, count, seed)
    drawn = get_world(world["name"])
    images = drawn.render(latents, size=world["size"], masks=False).frames
    where = f"{distribution} of the world {world['name']}"
    named = [drawn.class_names[label] for label in labels]
    # Another seed draws other pictures, which must not be taken for these.
    start = f"{distribution}_{seed_for(*seed) % 16**8:08x}"
    return Pictures(
        where,
        named,
        images.__getitem__,
        latents=latents,
        names=[f"{start}_{place:06d}" for place in range(count)],
        subjects=latents[drawn.facts.subject].tolist() if drawn.facts.subject else (),
    )
