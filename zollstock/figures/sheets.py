"""Contact sheets: many small pictures at once, to look at before believing a number."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from PIL import Image

from zollstock.figures.style import plt


def thumbnail(pixels: npt.NDArray[np.uint8], side: int = 96) -> npt.NDArray[np.uint8]:
    """Return the picture scaled to fit a white square; small ones keep their sharp pixels."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    how = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BOX
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(pixels).resize(size, how)
    square = Image.new("RGB", (side, side), "white")
    square.paste(small, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.array(square)


def draw_sheet(
    pictures: Sequence[npt.NDArray[np.uint8]],
    captions: Sequence[str],
    *,
    title: str,
    columns: int,
    total: int,
) -> Figure:
    """Draw pictures in rows with a caption above each; `total` is how many there are."""
    shown = len(pictures)
    rows = -(-shown // columns)
    height = 0.5 + 1.15 * rows
    figure, axes = plt.subplots(rows, columns, figsize=(1.05 * columns, height), squeeze=False)
    for place, cell in enumerate(axes.flat):
        cell.set_axis_off()
        if place < shown:
            cell.imshow(thumbnail(pictures[place]), interpolation="nearest")
            cell.set_title(captions[place], fontsize=6, pad=2)
    note = "" if shown == total else f" (the first {shown} of {total})"
    _finish(figure, title + note, height)
    return figure


def draw_path_sheet(
    rows: Mapping[str, npt.NDArray[np.uint8]],
    axes: Mapping[str, npt.NDArray[np.float64]],
    *,
    title: str,
    total: int,
) -> Figure:
    """Draw one row of frames per image.

    Parameters
    ----------
    rows
        Image id → frames, uint8, shape (frames, height, width, 3); no frames if its path failed.
    axes
        Image id → the property's value of each frame, shape (frames,). Written once, above
        the first row that has frames, where all images agree; otherwise above every row.
    title
        Above the sheet.
    total
        Number of images in the study, of which these are the first.
    """
    columns = max(1, *(len(frames) for frames in rows.values()))
    height = 0.5 + 1.0 * len(rows)
    figure, grid = plt.subplots(
        len(rows), columns, figsize=(0.8 + 1.0 * columns, height), squeeze=False
    )
    titled = False
    differ = len({tuple(axes[name]) for name, frames in rows.items() if len(frames)}) > 1
    for cells, (name, frames) in zip(grid, rows.items(), strict=True):
        for cell, frame in zip(cells, frames, strict=False):
            cell.imshow(thumbnail(frame), interpolation="nearest")
        for cell in cells:
            cell.set_axis_off()
        if not len(frames):
            cells[0].text(
                0.5, 0.5, "failed", transform=cells[0].transAxes, ha="center", va="center"
            )
        elif differ or not titled:
            titled = True
            for cell, value in zip(cells, axes[name], strict=False):
                cell.set_title(f"{value:.2f}", fontsize=7, pad=2, color="0.35")
        cells[0].text(
            -0.08, 0.5, name, transform=cells[0].transAxes, ha="right", va="center", fontsize=7
        )
    note = "" if len(rows) == total else f" (the first {len(rows)} of {total} images)"
    _finish(figure, title + note, height, left=0.8 / (0.8 + columns))
    return figure


def _finish(figure: Figure, title: str, height: float, left: float = 0.01) -> None:
    figure.subplots_adjust(
        left=left, right=0.99, top=1 - 0.45 / height, bottom=0.01, wspace=0.06, hspace=0.18
    )
    figure.suptitle(title, x=0.01, ha="left", y=1 - 0.08 / height, fontsize=10)


def strip_steps(axis: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.intp]:
    """Return steps at equal distances among the used ones, first and last included.

    Parameters
    ----------
    axis
        Property values, shape (S,), NaN at unused steps.
    count
        How many to return at most. None are returned for a failed path.
    """
    used = np.flatnonzero(np.isfinite(axis))
    places = np.linspace(0, len(used) - 1, min(count, len(used))).round().astype(np.intp)
    return used[np.unique(places)]
