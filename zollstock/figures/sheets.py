"""Contact sheets: many small pictures at once, to look at before believing a number."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from PIL import Image

from zollstock.figures.style import DOUBLE, cut_name, fold, new_figure, width_of
from zollstock.images.table import ImageRecord

SIDE = 96
"""Pixels along the side of a small picture; one inch of the figure."""

MOST = 200
"""Images of a study drawn at most."""

OUTLINE, DARK = (255, 221, 0), (40, 40, 40)
"""Colours of the outline of a mask, and beside it."""

LETTERS = 18  # above a small picture


def thumbnail(pixels: npt.NDArray[np.uint8], side: int = SIDE) -> npt.NDArray[np.uint8]:
    """Return the picture scaled to fit a white square; small ones keep their sharp pixels."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    how = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BOX
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(pixels).resize(size, how)
    square = Image.new("RGB", (side, side), "white")
    square.paste(small, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.array(square)


def outlined(small: npt.NDArray[np.uint8], mask: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Return a `thumbnail` on which a mask of the whole picture is outlined.

    The line runs inside the mask, yellow, and dark beside it, so that it is seen on any picture.
    """
    grey = np.rint(mask * 255).astype(np.uint8)
    white = thumbnail(np.repeat(grey[..., None], 3, axis=2))[..., 0] > 127
    # Around pictures that are not square a thumbnail is white, which is no mask.
    shown = thumbnail(np.zeros((*mask.shape, 3), np.uint8))[..., 0] == 0
    inside = white & shown
    near = np.zeros_like(inside)
    beside = np.zeros_like(inside)
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        moved = np.roll(inside, step, axis=axis)
        np.moveaxis(moved, axis, 0)[0 if step > 0 else -1] = False
        near |= inside & ~moved
        beside |= shown & ~inside & moved
    drawn = small.copy()
    drawn[near], drawn[beside] = OUTLINE, DARK
    return drawn


class Strip(NamedTuple):
    """Some frames of a path.

    Attributes
    ----------
    image
        Id of the path.
    frames
        uint8, shape (F, height, width, 3); F = 0 if the path failed.
    axis
        Property values of all steps of the path, shape (S,), NaN at unused ones.
    steps
        Which steps the frames are, shape (F,).
    """

    image: str
    frames: npt.NDArray[np.uint8]
    axis: npt.NDArray[np.float64]
    steps: npt.NDArray[np.intp]


def draw_images(images: Sequence[ImageRecord]) -> Figure:
    """Draw the images of a study with their ids and classes, the first `MOST` of them."""
    shown = images[:MOST]
    columns = 6 if len(shown) > 4 else 4
    captions = [_caption(image.id, image.label) for image in shown]
    lines = max(caption.count("\n") + 1 for caption in captions)
    grid = _Grid(-(-len(shown) // columns), columns, above=6 + 11 * lines, between=14)
    for place, (image, caption) in enumerate(zip(images, captions, strict=False)):
        grid.put(*divmod(place, columns), image.pixels())
        grid.write(*divmod(place, columns), caption)
    note = "" if len(shown) == len(images) else f" (the first {len(shown)} are drawn)"
    one = len(images) == 1
    return grid.draw(f"{len(images)} image{'' if one else 's'} of the study{note}")


def draw_path_sheet(
    strips: Iterable[Strip],
    *,
    title: str,
    total: int,
    outlines: Mapping[str, npt.NDArray[np.float32]] | None = None,
) -> Figure:
    """Draw one row of frames per image.

    The property's values are written once, above the first row that has frames, where all images
    agree; otherwise above every row.

    Parameters
    ----------
    strips
        Of the images drawn; of their frames only small copies are kept.
    title
        Above the sheet.
    total
        Number of images in the study, of which these are the first.
    outlines
        Path → its mask, (height, width), which is outlined on the first frame of the row.
    """
    names, pictures, values = [], [], []
    for strip in strips:
        names.append(strip.image)
        cells = [thumbnail(frame) for frame in strip.frames]
        if cells and outlines and strip.image in outlines:
            cells[0] = outlined(cells[0], outlines[strip.image])
        pictures.append(cells)
        values.append([f"{value:.2f}" for value in strip.axis[strip.steps]])
    columns = max(1, *map(len, pictures))
    kinds = {tuple(words) for words in values if words}
    grid = _Grid(len(names), columns, above=16 if len(kinds) > 1 else 0, between=6)
    titled = False
    for row, (cells, words) in enumerate(zip(pictures, values, strict=True)):
        for column, cell in enumerate(cells):
            grid.put(row, column, cell)
            if len(kinds) > 1 or not titled:
                grid.write(row, column, words[column], fontsize=7, color="0.35")
        titled = titled or bool(cells)
        if not cells:
            grid.write_inside(row, 0, "failed")
    note = "" if len(names) == total else f" (the first {len(names)} of {total} images)"
    note += "; masks outlined on the first frame" if outlines else ""
    return grid.draw(title, note, names)


class _Grid:
    """Squares in rows, as one picture: an axes for each would take most of the time.

    Parameters
    ----------
    rows, columns
        How many.
    above, between
        Pixels above every row, and between squares.
    """

    def __init__(self, rows: int, columns: int, *, above: int, between: int) -> None:
        self.step_y, self.step_x = SIDE + above + between, SIDE + between
        self.above = above
        shape = (rows * self.step_y - between, columns * self.step_x - between, 3)
        self.canvas = np.full(shape, 255, np.uint8)
        self.words: list[tuple[float, float, str, dict[str, Any]]] = []

    def put(self, row: int, column: int, pixels: npt.NDArray[np.uint8]) -> None:
        """Show a picture."""
        top, left = row * self.step_y + self.above, column * self.step_x
        self.canvas[top : top + SIDE, left : left + SIDE] = thumbnail(pixels)

    def write(self, row: int, column: int, words: str, **how: Any) -> None:  # noqa: ANN401
        """Write above a square."""
        x, y = column * self.step_x + SIDE / 2, row * self.step_y + self.above - 3
        self.words.append((x, y, words, {"ha": "center", "va": "bottom", "fontsize": 7} | how))

    def write_inside(self, row: int, column: int, words: str) -> None:
        """Write into a square."""
        x, y = column * self.step_x + SIDE / 2, row * self.step_y + self.above + SIDE / 2
        self.words.append((x, y, words, {"ha": "center", "va": "center", "fontsize": 9}))

    def draw(self, title: str, note: str = "", names: Sequence[str] = ()) -> Figure:
        """Return the figure, with a name before every row where names are given."""
        high, wide = (length / SIDE for length in self.canvas.shape[:2])
        names = [cut_name(name) for name in names]
        before = max((width_of(name, 8) for name in names), default=0.0)
        # One inch a square, or what both columns of a journal leave.
        inch = min(1.0, (DOUBLE - before - 0.35) / wide)
        wide, high = inch * wide, inch * high
        width = max(wide + before + 0.35, 3.2)
        heading = fold(title + note, width - 0.2, 10)
        figure = new_figure(width, high + 0.4 + 0.17 * len(heading), layout="constrained")
        figure.suptitle("\n".join(heading), x=0.1 / width, ha="left", fontsize=10)
        # The layout measures names from the corner that the picture keeps to.
        axes = figure.add_subplot(anchor="NW")
        axes.imshow(self.canvas, interpolation="none")
        for x, y, words, how in self.words:
            axes.text(x, y, words, **how)
        axes.set_frame_on(False)
        middle = self.above + SIDE / 2
        axes.set(xticks=[], yticks=[middle + row * self.step_y for row in range(len(names))])
        axes.set_yticklabels(names, fontsize=8)
        axes.tick_params(length=0)
        return figure


def _caption(name: str, label: str) -> str:
    """Return an image's id and class in lines that fit above a square."""
    one = f"{name} ({label})"
    if len(one) <= LETTERS:
        return one
    parts = [
        text[first : first + LETTERS]
        for text in (cut_name(name, 3 * LETTERS), f"({cut_name(label, 3 * LETTERS - 2)})")
        for first in range(0, len(text), LETTERS)
    ]
    return "\n".join(parts)


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
