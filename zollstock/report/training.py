"""What the page says of scores over trainings."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.figures.registry import OF_DYNAMICS
from zollstock.report.pictures import Album, pictures_of_stage


@dataclass(frozen=True)
class Learnt:
    """What the stage `dynamics` found.

    Attributes
    ----------
    series
        Its table of trainings.
    """

    series: pd.DataFrame


def learnt(found: Learnt | None, album: Album, folder: Path) -> dict[str, Any] | None:
    """Return what the template needs; None where no model has checkpoints.

    Parameters
    ----------
    found
        The table.
    album, folder
        Where pictures are taken from.
    """
    if found is None:
        return None
    figures = pictures_of_stage(album, folder, OF_DYNAMICS)
    rows = found.series.fillna({"split": ""}).to_dict("records")
    return {"figures": figures, "rows": rows}
