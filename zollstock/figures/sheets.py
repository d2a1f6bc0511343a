"""Contact sheets: many small pictures at once, to look at before believing a number."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure, FigureBase
from PIL import Image

from zollstock.arrays import Array
from zollstock.figures.style import DOUBLE, cut_name, fold, new_figure, width_of
from zollstock.images.table import ImageRecord

SIDE = 96
"""Pixels along the side of a small picture; one inch of the figure."""

MOST = 200
"""Images of a study drawn at most."""

FINEST = 200
"""Dots an inch that pictures inside a figure have at most."""

OUTLINE, DARK = (255, 221, 0), (40, 40, 40)
"""Colours of the outline of a mask, and beside it."""

LETTERS = 18  # above a small picture

_LINE = 0.115  # inches of a line of such words


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
    grid = Grid(-(-len(shown) // columns), columns, lines=lines, between=14)
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
        values.append([f"{value:.2f}".replace("-", "−") for value in strip.axis[strip.steps]])
    columns = max(1, *map(len, pictures))
    kinds = {tuple(words) for words in values if words}
    lines = 1 if len(kinds) > 1 else 0
    grid = Grid(len(names), columns, lines=lines, between=6, names=names)
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
    return grid.draw(title, note)


def draw_strip(
    figure: FigureBase,
    frames: npt.NDArray[np.uint8],
    values: Array,
    place: tuple[float, float, float, float],
) -> None:
    """Draw frames side by side, as one picture: an axes for each takes several times as long.

    Parameters
    ----------
    figure
        Of the page, or a part of it.
    frames
        uint8, shape (F, height, width, 3).
    values
        Of the property, written above, shape (F,).
    place
        Left, bottom, width and height, as shares of the figure; frames begin at the left.
    """
    frames = _as_fine_as_printed(frames, place[2])
    height, width = frames.shape[1:3]
    gap = max(1, round(0.06 * width))
    white = np.full((height, gap, 3), 255, np.uint8)
    row = np.concatenate([part for frame in frames for part in (frame, white)][:-1], axis=1)
    axes = figure.add_axes(place, anchor="W")
    axes.imshow(row, interpolation="none")
    axes.set_frame_on(False)
    axes.tick_params(
        length=0, pad=1, labelsize=7, labelcolor="0.35", labeltop=True, labelbottom=False
    )
    middle = (width - 1) / 2 + (width + gap) * np.arange(len(frames))
    short = ".4g" if np.abs(values).max(initial=0) >= 100 else ".2f"
    axes.set_xticks(middle, [f"{value:{short}}".replace("-", "−") for value in values])
    axes.set_yticks([])


def _as_fine_as_printed(frames: npt.NDArray[np.uint8], share: float) -> npt.NDArray[np.uint8]:
    """Return frames with no more pixels than are seen, (F, height, width, 3).

    A PDF keeps all pixels it is given, and a PNG takes single ones of them, which looks grainy
    and compresses badly. `share` is that of a page's width which the frames have.
    """
    count, height, width = frames.shape[:3]
    most = FINEST * share * DOUBLE / (1.06 * count)
    if width <= most:
        return frames
    size = round(most), max(1, round(most * height / width))
    small = [Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS) for frame in frames]
    return np.stack([np.asarray(frame) for frame in small])


class Grid:
    """Squares in rows, as one picture: an axes for each would take most of the time.

    Parameters
    ----------
    rows, columns
        How many.
    lines
        Of words above every row, or above each.
    between
        Pixels between squares.
    names
        One before every row, if any.
    """

    def __init__(
        self,
        rows: int,
        columns: int,
        *,
        lines: int | Sequence[int],
        between: int,
        names: Sequence[str] = (),
    ) -> None:
        self.names = [cut_name(name) for name in names]
        self.before = max((width_of(name, 8) for name in self.names), default=0.0)
        wide = columns * (SIDE + between) - between
        # One inch a square, or what both columns of a journal leave.
        self.inch = min(1.0, (DOUBLE - self.before - 0.35) / (wide / SIDE))
        # Words keep their size where squares are smaller.
        each = [lines] * rows if isinstance(lines, int) else list(lines)
        above = [round((0.06 + _LINE * n) * SIDE / self.inch) if n else 0 for n in each]
        self.above = above[0] if above else 0
        self.step_x = SIDE + between
        # Where the squares of each row begin.
        self.rooms = above
        starts = np.cumsum([0, *(SIDE + between + room for room in above)])
        self.tops = [int(start) + room for start, room in zip(starts[:-1], above, strict=True)]
        self.canvas = np.full((max(int(starts[-1]) - between, 1), wide, 3), 255, np.uint8)
        self.words: list[tuple[float, float, str, dict[str, Any]]] = []

    def put(self, row: int, column: int, pixels: npt.NDArray[np.uint8]) -> None:
        """Show a picture."""
        top, left = self.tops[row], column * self.step_x
        self.canvas[top : top + SIDE, left : left + SIDE] = thumbnail(pixels)

    def write(self, row: int, column: int, words: str, **how: Any) -> None:  # noqa: ANN401
        """Write above a square."""
        x, y = column * self.step_x + SIDE / 2, self.tops[row] - 3
        self.words.append((x, y, words, {"ha": "center", "va": "bottom", "fontsize": 7} | how))

    def write_over(self, row: int, words: str, **how: Any) -> None:  # noqa: ANN401
        """Write over a whole row, above the words that squares have."""
        y = self.tops[row] - self.rooms[row] + 3
        self.words.append((0, y, words, {"ha": "left", "va": "top", "fontsize": 8} | how))

    def write_inside(self, row: int, column: int, words: str, **how: Any) -> None:  # noqa: ANN401
        """Write into a square."""
        x, y = column * self.step_x + SIDE / 2, self.tops[row] + SIDE / 2
        self.words.append((x, y, words, {"ha": "center", "va": "center", "fontsize": 9} | how))

    def draw(self, title: str, note: str = "") -> Figure:
        """Return the figure."""
        high, wide = (self.inch * length / SIDE for length in self.canvas.shape[:2])
        width = max(wide + self.before + 0.35, 3.2)
        heading = fold(title + note, width - 0.2, 10)
        # Without room of their own, words stand above the first row.
        top = 0.14 + 0.17 * len(heading) + (_LINE if self.words and not self.above else 0)
        height = top + high + 0.08
        figure = new_figure(width, height)
        at = 0.07 / height
        figure.suptitle("\n".join(heading), x=0.1 / width, y=1 - at, ha="left", fontsize=10)
        left = 0.1 if not self.names else self.before + 0.2
        axes = figure.add_axes(
            (left / width, 0.08 / height, wide / width, high / height), anchor="NW"
        )
        axes.imshow(self.canvas, interpolation="none")
        for x, y, words, how in self.words:
            axes.text(x, y, words, **how)
        axes.set_frame_on(False)
        axes.set(xticks=[], yticks=[top + SIDE / 2 for top in self.tops[: len(self.names)]])
        axes.set_yticklabels(self.names, fontsize=8)
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
