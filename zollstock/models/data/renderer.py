"""Pictures of a distribution of the drawn world."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from zollstock.models.data.base import Pictures
from zollstock.seeds import seed_for
from zollstock.worlds import get_world
from zollstock.worlds.base import Latents
from zollstock.worlds.datasets import check_classes, sample_dataset
from zollstock.worlds.facts import PLAIN, label_of, split_of

_FOR_MEDIANS = 1001


def training_set(data: Mapping[str, Any], classes: Sequence[str], seed: int) -> Pictures:
    """Draw what a model is trained on.

    Parameters
    ----------
    data
        ``world`` as `zollstock.worlds.datasets.sample_dataset` takes it, ``distribution``,
        ``images``, their number, and ``label_by``, the latents that labels are told by, if they are
        not the world's.
    classes
        The world's, in its order, or those of the latents.
    seed
        Of the study.
    """
    world = data["world"]
    if not data.get("label_by"):
        check_classes(world["name"], classes, "models: classes")
    return _drawn(data, data["distribution"], data["images"], (seed, "train"))


def test_sets(data: Mapping[str, Any], seed: int) -> Iterator[tuple[str, Pictures]]:
    """Yield ``test_images`` of each distribution of the world; no model was trained on one."""
    for split in get_world(data["world"]["name"]).distributions:
        name = split_of(split, data.get("label_by") or ())
        yield name, _drawn(data, split, data["test_images"], (seed, "test"))


def labels_by(latents: Latents, names: Sequence[str], world: Mapping[str, Any]) -> list[str]:
    """Return a label an image that tells which of its latents are high: another task of a world.

    High is what lies above the median of unbiased pictures, which is the same for every set of
    pictures.

    Parameters
    ----------
    latents
        Of N images.
    names
        Of latents.
    world
        As `zollstock.worlds.datasets.sample_dataset` takes it.
    """
    plain, _ = sample_dataset(dict(world, bias=None), PLAIN, _FOR_MEDIANS, ("median",))
    high = [latents[name] > np.median(plain[name]) for name in names]
    return [label_of(names, row) for row in zip(*high, strict=True)]


def _drawn(
    data: Mapping[str, Any], distribution: str, count: int, seed: tuple[object, ...]
) -> Pictures:
    world = data["world"]
    latents, labels = sample_dataset(world, distribution, count, seed)
    drawn = get_world(world["name"])
    images = drawn.render(latents, size=world["size"], masks=False).frames
    where = f"{distribution} of the world {world['name']}"
    if by := data.get("label_by"):
        named = labels_by(latents, by, world)
    else:
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
