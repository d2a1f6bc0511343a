"""Sum up the calibration, or say why a study has none."""

from collections.abc import Mapping
from pathlib import Path

from zollstock.calibration.summary import summary
from zollstock.calibration.tables import read_table, write_table
from zollstock.errors import ZollstockError


def calibration(*, study: str, source: str, found: Mapping[str, Path], table: Path) -> None:
    """Write one row per question of the calibration.

    Parameters
    ----------
    study
        Its name.
    source
        Where images come from.
    found
        The tables ``rates``, ``truth``, ``decay``, ``areas`` and ``power``; none of them where
        nothing could be calibrated.
    table
        The table that is written.

    Raises
    ------
    ZollstockError
        If nothing could be calibrated.
    """
    if not found:
        untold = "no model with trained_on, or a world that no formula is of"
        lacks = untold if source == "renderer" else "no drawn images"
        raise ZollstockError(
            f"study {study}: calibration",
            f"has {lacks}, so that the truth is not known",
            "images.source: renderer, the world pets, and models with trained_on",
            "Calibrate with config/config.yaml; what it says of the tests holds for every study.",
        )
    tables = {name: read_table(file) for name, file in found.items()}
    write_table(summary(**tables), table, digits=4)
