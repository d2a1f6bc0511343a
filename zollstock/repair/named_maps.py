"""Files of maps, and the training pictures that they are named after."""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np

from zollstock.errors import ZollstockError, did_you_mean, some_of
from zollstock.folders import files_below
from zollstock.models.card import Model
from zollstock.models.data.base import Pictures
from zollstock.repair.wanted import Maps


def input_size(pictures: Pictures, model: Model) -> tuple[int, int]:
    """Return height and width of a model's input."""
    height, width = model.geometry.apply(pictures.read(0)[None]).shape[1:3]
    return height, width


def named_maps(
    folder: Path, pictures: Pictures, model: Model, read: Callable[[Path, int], Maps]
) -> Maps:
    """Return maps of pictures, (N, H, W), NaN of those without.

    A file is of the picture whose name is its path below the folder without the ending, or whose
    name ends with its own: ``cat/001.png`` or ``001.png`` is of ``cat/001``, unless there is a
    ``dog/001`` too.

    Parameters
    ----------
    folder
        Searched to any depth.
    pictures
        Of some of a set; ``among`` names all of it.
    model
        For its input's size.
    read
        From a file and a picture's place to its map, (H, W).

    Raises
    ------
    ZollstockError
        If the folder is empty, a file is named after no picture or after several, or a map is the
        same everywhere.
    """
    size = input_size(pictures, model)
    found = np.full((len(pictures.names), *size), np.nan, np.float32)
    places = {name: place for place, name in enumerate(pictures.names)}
    for name, file in _files(folder, pictures).items():
        if name in places:
            one = read(file, places[name])
            if not np.ptp(one):
                raise ZollstockError(
                    file,
                    "is the same everywhere",
                    "places where a model may look, and others",
                    "Correct it, or take it out.",
                )
            found[places[name]] = one
    return found


def _files(folder: Path, pictures: Pictures) -> dict[str, Path]:
    """Return the name of a picture of the whole set → its file."""
    listed = [Path(file) for file in files_below(folder)]
    if not listed:
        raise ZollstockError(
            folder,
            "holds no file" if folder.is_dir() else "is no folder",
            "pictures that are named after training pictures",
            "Put them there; docs/repair.md says how they are named.",
        )
    every = set(pictures.among or pictures.names)
    ends = Counter(PurePosixPath(name).name for name in every)
    by_end = {PurePosixPath(name).name: name for name in every}
    found: dict[str, Path] = {}
    strange = []
    for file in listed:
        stem = str(PurePosixPath(file.relative_to(folder).as_posix()).with_suffix(""))
        name = stem if stem in every else by_end.get(stem)
        if name is None:
            strange.append(file)
            continue
        if stem not in every and ends[stem] > 1:
            raise ZollstockError(
                file,
                f"may be of {ends[stem]} training pictures",
                f"a name that says which, such as {name}",
                "Put it into a folder of that name.",
            )
        if name in found:
            raise ZollstockError(
                file, f"is of '{name}', as {found[name].name} is", "one of them", "Remove one."
            )
        found[name] = file
    # Pictures that are drawn anew for each repair have maps of each.
    if strange and not (pictures.latents and found):
        some = some_of([file.name for file in strange])
        raise ZollstockError(
            folder,
            f"holds {some}, after which no picture of {pictures.where} is named",
            f"names such as {some_of(sorted(every)[:3])}",
            did_you_mean(strange[0].stem, sorted(every), "Rename or remove them."),
        )
    if strange:
        print(f"{folder}: {len(strange)} files are of other draws", file=sys.stderr)
    return found
