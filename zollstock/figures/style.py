"""One look for all figures."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

# A third of the time of drawing a PNG went into packing it harder.
_FAST_PNG = {"compress_level": 1}
MARKERS = "os^Dv<>P"
"""One per model, where points stand for models."""
# What is wrong, what is right; a range that something should keep to.
RED = "#b2182b"
GREEN = "#1a7a3c"
BAND = "#cfe3f5"
PALE_BAND = "#eaf3fb"
PALE_RED = "#fdeff0"
_DASHES = ["-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5))]


def set_style() -> None:
    """Set fonts, sizes and lines; call once before drawing."""
    plt.rcParams.update(
        {
            "font.family": "DejaVu Sans",
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
        }
    )


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
    """Write a figure as ``stem.format`` for each format and close it.

    Files carry no date, so that the same numbers give the same bytes.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    for kind in formats:
        dates = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind)
        how: dict[str, Any] = {"pil_kwargs": _FAST_PNG} if kind == "png" else {}
        figure.savefig(stem.with_name(f"{stem.name}.{kind}"), dpi=dpi, metadata=dates, **how)
    plt.close(figure)


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
            book = folder.with_suffix(".pdf")
            pdf = stack.enter_context(PdfPages(book, metadata={"CreationDate": None}))
        for name, figure in pages:
            if pdf is not None:
                pdf.savefig(figure)
            save(figure, folder / name, [kind for kind in formats if kind != "pdf"], dpi)


def flags_in_words(text: object) -> list[str]:
    """Return a row's flags in words."""
    joined = text if isinstance(text, str) else ""
    return [flag.replace("_", " ") for flag in joined.split(";") if flag]


def cut_name(name: str, longest: int = 28) -> str:
    """Return a name that fits above a panel: its middle is left out if need be."""
    half = longest // 2
    return name if len(name) <= longest else f"{name[:half]}…{name[1 - half :]}"


def limits_around(series: Sequence[npt.ArrayLike], from_zero: bool) -> tuple[float, float]:
    """Return limits with some room around all finite values."""
    values = np.concatenate([np.asarray(part, dtype=float) for part in series])
    values = values[np.isfinite(values)]
    low = 0.0 if from_zero or not len(values) else float(values.min())
    high = float(values.max()) if len(values) else 1.0
    room = 0.06 * (high - low) or 0.05
    return low - (0.0 if from_zero else room), high + room
