"""What the page says of models that were repaired."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.figures.registry import OF_REPAIR
from zollstock.report.pictures import Album, pictures_of_stage


@dataclass(frozen=True)
class Mended:
    """What the stage `repair` found.

    Attributes
    ----------
    repairs, accuracy
        Its tables.
    """

    repairs: pd.DataFrame
    accuracy: pd.DataFrame


def mended(found: Mended | None, album: Album, folder: Path) -> dict[str, Any] | None:
    """Return what the template needs; None where the study repairs nothing.

    Parameters
    ----------
    found
        The tables.
    album, folder
        Where pictures are taken from.
    """
    if found is None:
        return None
    figures = pictures_of_stage(album, folder, OF_REPAIR)
    splits = list(dict.fromkeys(found.accuracy["split"]))
    return {"figures": figures, "rows": _rows(found, splits[0]), "split": splits[0]}


def _rows(found: Mended, split: str) -> list[dict[str, Any]]:
    """Return a row a repaired model and property that it was repaired against."""
    measured = found.accuracy[found.accuracy["split"] == split].set_index("model")
    rows = []
    for model, mine in found.repairs.groupby("model", sort=False):
        accuracy: Mapping[str, Any] | None = None
        if model in measured.index:
            accuracy = measured.loc[str(model)].to_dict()
        newly = [str(title) for title in mine.loc[mine["newly"], "title"]]
        rows += [
            row | {"accuracy": accuracy, "raised": newly}
            for row in mine[mine["against"]].to_dict("records")
        ]
    return rows
