"""One look for all figures."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cache, lru_cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import FontProperties
from PIL import Image

from zollstock.figures.glyphs import (
    directed,
    families,
    fonts_for,
    keeping_fonts,
    lean_fonts,
    spelled,
    with_all_letters,
)

# A third of the time of drawing a PNG went into packing it harder, for a tenth of its size.
_FAST = 1
_LARGEST = 65_000  # dots along a side; matplotlib draws no more
SINGLE, DOUBLE = 3.25, 6.9
"""Inches that one column and both columns of a journal have."""

MARKERS = "os^Dv<>P"
"""One per model, where points stand for models."""
# What is wrong, what is right; a range that something should keep to.
RED = "#b2182b"
GREEN = "#1a7a3c"
BAND = "#cfe3f5"
PALE_BAND = "#eaf3fb"
PALE_RED = "#fdeff0"
_DASHES = ["-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5))]


_STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "pdf.fonttype": 42,  # text stays text in a PDF
    "svg.hashsalt": "zollstock",
    # Letters have their true shapes, as in the PDF; to fit them to pixels takes longer.
    "text.hinting": "no_hinting",
    # Names and titles are the user's: a $ in them is a dollar.
    "text.parse_math": False,
}


def set_style() -> None:
    """Set fonts, sizes and lines; call once before drawing."""
    matplotlib.rcParams.update({"font.family": families()} | _STYLE)


@contextmanager
def styled() -> Iterator[None]:
    """Set fonts, sizes and lines, and what was set before at the end."""
    with matplotlib.rc_context():
        set_style()
        yield


class StyledFigure(Figure):
    """A figure that can leave the job which draws it: a notebook shows it as the report would.

    Attributes
    ----------
    keeps_style
        Whether it sets the style itself, each time it is drawn.
    """

    keeps_style = False

    def draw(self, renderer: RendererBase) -> None:
        """Draw; ticks are made only now."""
        with styled() if self.keeps_style else nullcontext():
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        """Return what a notebook shows."""
        content = BytesIO()
        with styled():
            settle(self, 110)
            canvas = FigureCanvasAgg(self)
            with_all_letters(self, lambda: canvas.print_png(content))
        return content.getvalue()


def keeping_style(figure: Figure) -> Figure:
    """Return a figure that sets the style itself, each time it is drawn."""
    if isinstance(figure, StyledFigure):
        figure.keeps_style = True
    return figure


def new_figure(width: float, height: float, **how: Any) -> Figure:  # noqa: ANN401 - matplotlib's
    """Return an empty figure, sizes in inches; it belongs to no window and no global list."""
    figure = StyledFigure(figsize=(width, height), **how)
    FigureCanvasAgg(figure)
    return figure


def model_looks(models: Sequence[str], palette: str) -> dict[str, dict[str, Any]]:
    """Return line colour and dashes per model, so that figures also read in grey."""
    colours = matplotlib.color_sequences[palette]
    return {
        model: {
            "color": colours[index % len(colours)],
            "linestyle": _DASHES[index % len(_DASHES)],
        }
        for index, model in enumerate(models)
    }


def bands(figure: Figure, heights: Sequence[float]) -> list[SubFigure]:
    """Return the bands of a figure, from top to bottom; heights in inches, or as shares."""
    found: Any = figure.subfigures(len(heights), 1, height_ratios=heights, hspace=0, squeeze=False)
    return list(found.flat)


def margins(
    width: float, height: float, *, left: float, right: float, top: float, bottom: float
) -> dict[str, float]:
    """Return where panels begin and end, as shares of a figure; all arguments in inches."""
    return {
        "left": left / width,
        "right": 1 - right / width,
        "top": 1 - top / height,
        "bottom": bottom / height,
    }


def save(figure: Figure, stem: Path, formats: Sequence[str], dpi: int) -> None:
    """Write a figure as ``stem.format`` for each format.

    Files carry no date, so that the same numbers give the same bytes. Canvases write by
    themselves: `savefig` draws every figure twice, the first time to lay it out.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    settle(figure, dpi)
    # The PNG first: it tells which letters are missing.
    for kind in sorted(formats, key=lambda kind: kind != "png"):
        file = stem.with_name(f"{stem.name}.{kind}")
        if kind == "png":
            canvas = FigureCanvasAgg(figure)
            with_all_letters(figure, partial(_print_png, canvas, file, dpi))
        elif kind == "pdf":
            with keeping_fonts(figure):
                FigureCanvasPdf(figure).print_pdf(file, metadata={"CreationDate": None})
        else:
            FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None})


def _print_png(canvas: FigureCanvasAgg, file: Path, dpi: int) -> None:
    """Write a PNG without the channel of transparency, an eighth of a photograph's bytes."""
    canvas.draw()
    pixels = np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])
    Image.fromarray(pixels).save(file, compress_level=_FAST, dpi=(dpi, dpi))


def settle(figure: Figure, dpi: int) -> None:
    """Lay a figure out for good; it would be done again for each format.

    A picture that no file can hold in these dots an inch has fewer.
    """
    figure.set_dpi(min(dpi, int(_LARGEST / max(figure.get_size_inches()))))
    engine = figure.get_layout_engine()
    if engine is not None:
        with_all_letters(figure, lambda: engine.execute(figure))
        figure.set_layout_engine("none")


def save_pages(
    pages: Iterable[tuple[str, Figure]], folder: Path, formats: Sequence[str], dpi: int
) -> None:
    """Write figures as ``folder/name.format``, and for ``pdf`` as pages of ``folder.pdf``.

    One PDF for many figures carries its fonts once; it is a third of the work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        pdf = None
        if "pdf" in formats:
            stack.enter_context(lean_fonts())  # fonts are written when the book is closed
            book = folder.with_suffix(".pdf")
            pdf = stack.enter_context(PdfPages(book, metadata={"CreationDate": None}))
        for name, figure in pages:
            save(figure, folder / name, [kind for kind in formats if kind != "pdf"], dpi)
            if pdf is not None:
                with keeping_fonts(figure):
                    FigureCanvasPdf(figure).print_pdf(pdf)


def as_power(value: float, place: int | None = None) -> str:
    """Return a power of ten as text; matplotlib's own words are formulas, which are switched off.

    It formats ticks of a logarithmic axis: `place` is their number.
    """
    power = round(float(np.log10(value)))
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def cut_name(name: str, longest: int = 28) -> str:
    """Return a name that fits above a panel: its middle is left out if need be."""
    name, half = " ".join(name.split()), longest // 2
    return directed(name if len(name) <= longest else f"{name[:half]}…{name[1 - half :]}")


def fit_name(name: str, width: float, fontsize: float) -> str:
    """Return a name that fits into a width in inches; both of its ends are kept."""
    for longest in range(len(name), 4, -1):
        if width_of(cut_name(name, longest), fontsize) <= width:
            return cut_name(name, longest)
    return cut_name(name, 4)


@cache
def _ruler() -> RendererAgg:
    return RendererAgg(1, 1, 72)


@lru_cache(4096)  # cards say the same again and again
def width_of(words: str, fontsize: float) -> float:
    """Return how wide a line of text is, in inches."""
    font = FontProperties(family=fonts_for(words), size=fontsize)
    words = spelled(" ".join(words.split()))
    return float(_ruler().get_text_width_height_descent(words, font, ismath=False)[0]) / 72


def fold(words: str, width: float, fontsize: float, lines: int = 2) -> list[str]:
    """Return a text in lines that fit into a width in inches; what does not fit ends in '…'.

    Words that are longer than a line are broken.
    """
    words = re.sub(r"[ \t\r\n\f\v]+", " ", words)
    mean = max(width_of(words, fontsize) / max(len(words), 1), 0.02)
    letters = max(int(0.95 * width / mean), 8)
    while True:
        found = textwrap.wrap(words, letters) or [""]
        if len(found) > lines:
            last = found[lines - 1]
            if len(last) + 2 > letters:
                kept = last[: letters - 2].rstrip()
                # A word is left out whole, unless it is most of what there is.
                words_before = kept if last[len(kept)] == " " else kept.rpartition(" ")[0]
                last = words_before if 2 * len(words_before) >= len(kept) else kept
            found = [*found[: lines - 1], f"{last} …"]
        if letters <= 8 or all(width_of(line, fontsize) <= width for line in found):
            return [directed(line) for line in found]
        letters -= 2


def write_note(
    figure: Figure, note: str, top: float, lines: int, width: float = DOUBLE - 0.2
) -> None:
    """Write a note in small print at the left of a figure as wide as `DOUBLE`.

    Parameters
    ----------
    figure
        Whole, in its final size.
    note
        What does not fit into so many `lines` of a `width` ends in '…'.
    top
        Of its first line's foot above the figure's, in inches.
    lines, width
        How many there are at most, and how wide, in inches.
    """
    height = figure.get_figheight()
    for number, text in enumerate(fold(note, width, 7, lines=lines)):
        figure.text(0.1 / DOUBLE, (top - 0.13 * number) / height, text, fontsize=7)


def limits_around(series: Sequence[npt.ArrayLike], from_zero: bool) -> tuple[float, float]:
    """Return limits with some room around all finite values."""
    values = np.concatenate([np.asarray(part, dtype=float) for part in series])
    values = values[np.isfinite(values)]
    low = 0.0 if from_zero or not len(values) else float(values.min())
    high = float(values.max()) if len(values) else 1.0
    room = 0.06 * (high - low) or 0.05
    return low - (0.0 if from_zero else room), high + room
