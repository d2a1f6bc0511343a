"""The files of a captured series: what lies in a folder, or what a CSV names, in their order."""

import math
import os
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path as FilePath

import numpy as np
import numpy.typing as npt
from PIL import Image

from zollstock.engines.numbering import maybe_thousands, read_names
from zollstock.errors import ZollstockError
from zollstock.folders import entries, leads_nowhere, located, stem
from zollstock.images.listing import read_csv
from zollstock.images.reading import is_picture


@dataclass(frozen=True)
class Series:
    """The files of one path in axis order.

    Attributes
    ----------
    where
        The folder or CSV.
    files
        The frames.
    axis
        Their values; None where a folder gives none.
    why
        Where order and axis come from.
    others
        Names of what lies in the folder and is no frame.
    """

    where: FilePath
    files: list[FilePath]
    axis: npt.NDArray[np.float64] | None
    why: str
    others: Sequence[str] = ()


def read_folder(folder: FilePath, even: bool) -> Series:
    """Return the pictures in a folder; `even` takes the order of their names alone.

    Raises
    ------
    ZollstockError
        If the folder cannot be read, a link in it leads nowhere, or no order is certain.
    """
    lost: list[str] = []
    try:
        files, folders = entries(folder, lost)
    except OSError as error:
        raise ZollstockError(
            folder, f"cannot be read ({error})", "a readable folder", "Check its permissions."
        ) from None
    for link in filter(os.path.islink, lost):
        if is_picture(FilePath(link)):
            raise leads_nowhere(link, "a frame")
    frames = [FilePath(file) for file in files if is_picture(FilePath(file))]
    endings = Image.registered_extensions()
    names = {frame.name for frame in frames if frame.suffix.lower() in endings}
    frames = [frame for frame in frames if frame.name in names or not _is_copy(frame.name, names)]
    others = sorted({FilePath(place) for place in [*files, *folders, *lost]} - set(frames))
    read = read_names([stem(frame.name) for frame in frames], even=even)
    if read.unclear:
        raise ZollstockError(
            folder,
            f"{read.unclear}, so that the order is not clear",
            "frames named by different numbers of one kind",
            "Rename them, or give a CSV with the columns path and axis.",
        )
    return Series(
        folder,
        [frames[place] for place in read.order],
        None if read.values is None else np.array(read.values),
        read.why,
        [place.name for place in others],
    )


def _is_copy(name: str, names: Set[str]) -> bool:
    """Return whether a program left a file beside one of these frames: ``1.png~``, ``1.png.bak``.

    Names of frames end as pictures do.
    """
    bare = name.lstrip(".")
    return any(bare[:end] in names for end in range(1, len(bare)))


def read_table(table: FilePath) -> Series:
    """Return the pictures that a CSV names in its column ``path``, in the order of ``axis``.

    Raises
    ------
    ZollstockError
        If a column is missing, or values are none or repeat.
    """
    rows = read_csv(table, ["path", "axis"])
    if maybe_thousands(list(rows["axis"])):
        raise ZollstockError(
            table,
            "has numbers like 1,000 in the column axis",
            "numbers with a decimal point",
            "Write 1000 or 1.000.",
        )
    values = []
    for line, text in zip(rows.index + 2, rows["axis"], strict=True):
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ZollstockError(
                f"{table}, line {line}", f"axis is '{text}'", "a finite number", "Correct it."
            )
        values.append(value)
    axis = np.array(values)
    order = np.argsort(axis, kind="stable")
    repeated = np.flatnonzero(np.diff(axis[order]) == 0)
    if len(repeated):
        value = axis[order][repeated[0]]
        what = "has one value only" if len(np.unique(axis)) == 1 else "names a value twice"
        raise ZollstockError(
            table, f"the axis {what} ({value:g})", "one value per frame", "Correct the axis column."
        )
    files = [located(table.parent / rows["path"].iloc[int(row)]) for row in order]
    return Series(table, files, axis[order], "the column axis")
