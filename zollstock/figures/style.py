"""One look for all figures."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.figure import Figure

_DASHES = ["-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5))]


def set_style() -> None:
    """Set fonts, sizes and lines; call once before drawing."""
    sns.set_theme(
        context="paper",
        style="ticks",
        rc={
            "font.family": "DejaVu Sans",
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 10,
            "legend.frameon": False,
            "pdf.fonttype": 42,  # text stays text in a PDF
            "svg.hashsalt": "zollstock",
        },
    )


def model_looks(models: Sequence[str], palette: str) -> dict[str, dict[str, object]]:
    """Return line colour and dashes per model, so that figures also read in grey."""
    colours = sns.color_palette(palette, max(len(models), 3))
    return {
        model: {"color": colours[index], "linestyle": _DASHES[index % len(_DASHES)]}
        for index, model in enumerate(models)
    }


def save(figure: Figure, stem: Path, formats: Sequence[str], dpi: int) -> None:
    """Write a figure as ``stem.format`` for each format and close it.

    Files carry no date, so that the same numbers give the same bytes.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    for kind in formats:
        dates = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind)
        figure.savefig(stem.with_name(f"{stem.name}.{kind}"), dpi=dpi, metadata=dates)
    plt.close(figure)
