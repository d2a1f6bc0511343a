"""What a model is repaired with: images that are not the study's, and their frames."""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.engines.base import FailedPath, make_paths
from zollstock.engines.registry import engine_for
from zollstock.errors import ZollstockError
from zollstock.images.reading import UnusableImage, pixel_sha256
from zollstock.images.table import ImageRecord, read_table, save_png
from zollstock.models.card import Model
from zollstock.models.data.base import Pictures, source_of
from zollstock.profiles import compared_steps
from zollstock.repair.material import Images, Labels, Material, Paths, wanted_from_paths
from zollstock.repair.sources import check_enough, wanted_maps
from zollstock.seeds import rng_for, seed_for
from zollstock.worlds import get_world

FRAMES = "frames"
"""The source of maps that asks for paths."""
Groups = npt.NDArray[np.intp]


def pictures_of(
    cfg: Mapping[str, Any], model: Model, seed: int, images: Path, pixels: Path
) -> tuple[Pictures, Pictures]:
    """Return the pictures that a repair is trained on, and those that choose weight and epoch.

    Parameters
    ----------
    cfg
        See `zollstock.plan.repairing.Repairing.job`.
    model
        Before its repair.
    seed
        Of the replicate.
    images, pixels
        The study's images, of which none is taken; see `zollstock.images.table.read_table`.

    Raises
    ------
    ZollstockError
        See `other_pictures`.
    """
    known = {record.sha256 for record in read_table(images, pixels)}
    counts = (cfg["images"], cfg["validation"])
    trained, held_out = other_pictures(cfg["data"], model.classes, seed, counts, known)
    return trained, held_out


def other_pictures(
    data: Mapping[str, Any],
    classes: Sequence[str],
    seed: int,
    counts: Sequence[int],
    known: Collection[str],
) -> list[Pictures]:
    """Return sets of labelled pictures, none of them in another one or among the study's images.

    Where pictures share subjects, each is of another subject.

    Parameters
    ----------
    data
        ``source``, and what else that module in `zollstock.models.data` reads. Drawn ones are drawn
        anew for each seed, others shuffled by it.
    classes
        Of the model.
    seed
        Of the replicate.
    counts
        How many there are to be of each set.
    known
        Checksums of the study's images.

    Raises
    ------
    ZollstockError
        If there are too few.
    """
    every = source_of(data).training_set(data, classes, seed)
    order = rng_for(seed, "repair", "images").permutation(len(every.labels))
    wanted, found, seen = sum(counts), list[int](), set[Hashable]()
    for place in map(int, order):
        if len(found) == wanted:
            break
        try:
            checksum = pixel_sha256(every.read(place))
        except UnusableImage:
            continue
        subject = every.subjects[place] if every.subjects else place
        if checksum not in known and subject not in seen:
            found.append(place)
            seen.add(subject)
    if len(found) < wanted:
        raise ZollstockError(
            "repair: images, held_out",
            f"ask for {wanted} pictures of {every.where}, which has {len(found)} that are no "
            "images of the study" + (", of a subject each" if every.subjects else ""),
            "at most as many",
            "Lower them, or add pictures.",
        )
    ends = [0, *accumulate(counts)]
    return [every.at(found[start:stop]) for start, stop in pairwise(ends)]


def groups_of(pictures: Pictures, shown: Sequence[str], world: str) -> Groups | None:
    """Return which half of its range each latent is in, as one number a picture, (N,).

    None where pictures were not drawn.
    """
    if not pictures.latents or not shown:
        return None
    ranges, found = get_world(world).latent_ranges, np.zeros(len(pictures.labels), np.intp)
    for name in shown:
        low, high = ranges[name]
        found = 2 * found + (pictures.latents[name] > (low + high) / 2)
    return found


def paths_of(
    pictures: Pictures,
    model: Model,
    properties: Mapping[str, Mapping[str, Any]],
    frames: int,
    seed: int,
) -> dict[str, Paths]:
    """Return frames of pictures along properties, as a model takes them.

    Parameters
    ----------
    pictures
        A path is made of each.
    model
        Its geometry and classes are used.
    properties
        Name → settings of its engine.
    frames
        How many of a path's frames are kept, evenly spread.
    seed
        Of paths that draw something.

    Raises
    ------
    ZollstockError
        If no path of a property can be made.
    """
    with recorded(pictures) as records:
        return {
            name: edits_of(name, settings, records, model, frames, seed).paths(model)
            for name, settings in properties.items()
        }


@dataclass(frozen=True)
class Edits:
    """Finished paths of pictures along a property.

    Attributes
    ----------
    places
        Which pictures they are of.
    frames
        uint8, (P, S, H, W, 3), in the pictures' own size.
    unedited
        What each starts from, uint8, (H, W, 3).
    labels
        The class of each, (P,).
    """

    places: Sequence[int]
    frames: Images
    unedited: Sequence[Images]
    labels: Labels

    def paths(self, model: Model) -> Paths:
        """Return them as a model takes them."""
        return Paths(np.stack([model.geometry.apply(path) for path in self.frames]), self.labels)


def edits_of(
    name: str,
    settings: Mapping[str, Any],
    records: Sequence[ImageRecord],
    model: Model,
    frames: int,
    seed: int,
) -> Edits:
    """Return the paths of a property that can be made; arguments as in `paths_of`.

    Raises
    ------
    ZollstockError
        If none can.
    """
    engine = engine_for(settings)
    engine.shape(records)  # it checks, and learns the size
    seeds = [seed_for(seed, "repair", name, record.id) for record in records]
    made = list(make_paths(engine, records, seeds, lambda number: None))
    there = {place: path for place, path in enumerate(made) if not isinstance(path, FailedPath)}
    if not there:
        raise ZollstockError(
            f"repair.against: {name}",
            f"fails on all of {len(records)} pictures: {made[0]}",
            "paths of some at least",
            "Try its settings on the study's images first.",
        )
    thinned = [_thinned(path, frames) for path in there.values()]
    steps = min(map(len, thinned))
    return Edits(
        list(there),
        np.stack([path[:steps] for path in thinned]),
        [path.unedited for path in there.values()],
        np.array([model.classes.index(records[place].label) for place in there]),
    )


def material_of(
    pictures: Pictures,
    model: Model,
    paths: Mapping[str, Paths],
    groups: Groups | None,
    looks: Mapping[str, Any] | None = None,
) -> Material:
    """Return what a model is trained with; `paths` are of the first pictures, if of any.

    Parameters
    ----------
    pictures, model, paths, groups
        What there is.
    looks
        Where a model may look, None for methods that do not ask: of ``source: frames`` where no
        frame of an image's paths differs, see `zollstock.repair.material.wanted_from_paths`, and
        of images without paths nothing is known; of others see `zollstock.repair.sources`.

    Raises
    ------
    ZollstockError
        If too few pictures have a map, or one is wrong.
    """
    frames, labels = pictures.fitted(model.classes, model.geometry)
    wanted = None
    if looks and looks["source"] == FRAMES:
        wanted = np.full(frames.shape[:3], np.nan, np.float32)
        allowed = np.prod([wanted_from_paths(one) for one in paths.values()], axis=0)
        wanted[: len(allowed)] = allowed
    elif looks:
        wanted = wanted_maps(pictures, model, looks)
        check_enough(wanted, looks, pictures.where)
    return Material(frames, labels, groups, paths, wanted)


@contextmanager
def recorded(pictures: Pictures) -> Iterator[list[ImageRecord]]:
    """Lend pictures as images of a study, whose files lie in a folder that is removed after."""
    with TemporaryDirectory() as folder:
        yield _records(pictures, Path(folder))


def _records(pictures: Pictures, folder: Path) -> list[ImageRecord]:
    found = []
    for place, label in enumerate(pictures.labels):
        name = f"{place:06d}"
        latents = {key: float(values[place]) for key, values in pictures.latents.items()}
        file, pixels = folder / f"{name}.png", pictures.read(place)
        save_png(pixels, file)
        checksum = pixel_sha256(pixels)
        found.append(ImageRecord(name, label, checksum, pictures.where, file, latents))
    return found


def _thinned(path: Any, frames: int) -> npt.NDArray[np.uint8]:  # noqa: ANN401
    """Return so many frames of a path or all of them, evenly spread."""
    there = np.flatnonzero(np.isfinite(path.axis))
    chosen: npt.NDArray[np.uint8] = path.frames[there[compared_steps(len(there), frames)]]
    return chosen
