"""Tables of the checkpoints of trainings: what moves from epoch to epoch, and what is left."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from zollstock.models.checkpoints import Checkpoint

MARK = "@"
"""Between a model and its checkpoint where both are one name; no model of a study has one."""
OF_STUDY = "the study's images"
"""The split of which every model's accuracy is known, whoever trained it."""
SERIES = (
    *("property", "title", "model", "statistic", "checkpoints", "images"),
    *("score", "least", "most", "last", "jump", "flips", "significant"),
    *("split", "accuracy", "accuracy_last"),
)
"""Columns of the table of series."""


def names_of(model: str, checkpoints: Sequence[Checkpoint]) -> list[str]:
    """Return what checkpoints are called beside those of other models."""
    return [f"{model}{MARK}{one.name}" for one in checkpoints]


def with_checkpoints(
    table: pd.DataFrame, series: Mapping[str, Sequence[Checkpoint]]
) -> pd.DataFrame:
    """Return a table of checkpoints with the columns model, checkpoint and epoch.

    Parameters
    ----------
    table
        Whose column model has the names of `names_of`.
    series
        Model → its checkpoints.
    """
    known = {
        name: (model, one.name, one.epoch)
        for model, checkpoints in series.items()
        for name, one in zip(names_of(model, checkpoints), checkpoints, strict=True)
    }
    found = table.copy()
    place = list(found.columns).index("model")
    cells = [known[name] for name in found.pop("model")]
    for number, column in enumerate(("model", "checkpoint", "epoch")):
        found.insert(place + number, column, [cell[number] for cell in cells])
    return found


def table_of_series(
    summary: pd.DataFrame, tests: pd.DataFrame, accuracy: pd.DataFrame, alpha: float
) -> pd.DataFrame:
    r"""Return a row per property and model: means over the checkpoints of its training.

    Parameters
    ----------
    summary
        A row per property and checkpoint: of `zollstock.significance.summary.summarise`, with
        checkpoints.
    tests
        A row per property, checkpoint and image, with the columns flips and p.
    accuracy
        With the columns model, checkpoint, split, accuracy; a model's first split counts.
    alpha
        Level of the share of significant images.

    Returns
    -------
    DataFrame
        With the columns `SERIES`. score, least, most and last are the mean, the smallest, the
        largest and the last of the scores of the checkpoints; jump is the mean of
        :math:`|s_{k+1} - s_k|` over neighbouring checkpoints; flips says at how many checkpoints
        the predicted class of an image changes along its path, a mean over images; significant is
        the share of images and checkpoints with p ≤ alpha among those with a p. What is not known
        is NaN.
    """
    rows = []
    for (name, model), mine in summary.groupby(["property", "model"], sort=False):
        scores = mine["score"].to_numpy(np.float64)
        here = tests[(tests["property"] == name) & (tests["model"] == model)]
        flipped = here.assign(flips=here["flips"] > 0).groupby("image", sort=False)["flips"].sum()
        p = here["p"].dropna()
        known = accuracy[accuracy["model"] == model]
        split = str(known["split"].iloc[0]) if len(known) else ""
        right = known.loc[known["split"] == split, "accuracy"]
        rows.append(
            {
                "property": name,
                "title": mine["title"].iloc[0],
                "model": model,
                "statistic": mine["statistic"].iloc[0],
                "checkpoints": len(mine),
                "images": len(flipped),
                "score": scores.mean(),
                "least": scores.min(),
                "most": scores.max(),
                "last": scores[-1],
                "jump": np.abs(np.diff(scores)).mean() if len(scores) > 1 else np.nan,
                "flips": flipped.mean(),
                "significant": (p <= alpha).mean() if len(p) else np.nan,
                "split": split,
                "accuracy": right.mean(),
                "accuracy_last": right.iloc[-1] if len(right) else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=list(SERIES))
