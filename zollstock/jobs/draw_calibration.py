"""Draw what the calibration found."""

from collections.abc import Sequence
from pathlib import Path

from zollstock.calibration.classifiers import classifiers
from zollstock.calibration.rates import TITLES
from zollstock.calibration.summary import ASSUMED, case_titles
from zollstock.calibration.tables import read_table
from zollstock.figures.calibration import draw_power, draw_rates
from zollstock.figures.style import save, set_style
from zollstock.figures.truth import draw_roc, draw_truth


def draw_calibration(
    *,
    rates: Path,
    points: Path,
    decay: Path,
    areas: Path,
    curves: Path,
    power: Path,
    folder: Path,
    latent: str,
    threshold: float,
    formats: Sequence[str],
    dpi: int,
) -> None:
    """Draw ``calibration_rates``, ``_truth``, ``_roc`` and ``_power``.

    Parameters
    ----------
    rates, points, decay, areas, curves, power
        Tables of the calibration.
    folder
        Where the figures go.
    latent, threshold
        The latent under test, and the range of the probability from which on an image counts.
    formats, dpi
        Of the files.
    """
    set_style()
    titles = {found.name: found.title for found in classifiers(latent)}
    figures = {
        "rates": draw_rates(read_table(rates), TITLES, case_titles(), list(ASSUMED.items())),
        "truth": draw_truth(read_table(decay), read_table(points), titles),
        "roc": draw_roc(read_table(curves), read_table(areas), threshold, latent),
        "power": draw_power(read_table(power)),
    }
    for name, figure in figures.items():
        save(figure, folder / f"calibration_{name}", formats, dpi)
