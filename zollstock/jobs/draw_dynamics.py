"""Draw scores and accuracy over epochs, and scores against flips."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import pandas as pd

from zollstock.figures.registry import OF_DYNAMICS
from zollstock.jobs.drawing import Data, DrawnStudy, Files, draw, ready_to_draw
from zollstock.parquet import read_parquet

_TEXT = (
    *("property", "title", "model", "checkpoint", "statistic", "split"),
    *("placebo", "image", "architecture", "kind"),
)
SHOWN = 3
"""How many single images are drawn: those whose decision flips most often."""


def draw_dynamics(
    *,
    figures: Sequence[str],
    files: Files,
    folder: Path,
    groups: Sequence[Mapping[str, str]],
    study: DrawnStudy,
) -> None:
    """Draw figures of the stage `dynamics`.

    Parameters
    ----------
    figures
        Names of entries of `zollstock.figures.registry.OF_DYNAMICS`.
    files
        Inputs by name, those that the figures need.
    folder
        The study's figures.
    groups
        ``architecture``, ``model`` and ``kind`` (pretrained, random or "") of each model drawn.
    study
        What all figures of the study agree on.
    """
    data = DynamicsData(files, study, groups)
    with ready_to_draw():
        for figure in OF_DYNAMICS:
            if figure.name in figures:
                draw(figure, data, figure.name, folder)


class DynamicsData(Data):
    """What figures of the stage are drawn from."""

    def __init__(
        self, files: Files, study: DrawnStudy, groups: Sequence[Mapping[str, str]]
    ) -> None:
        super().__init__(files, study)
        self._groups = pd.DataFrame(list(groups), columns=["architecture", "model", "kind"])

    @cached_property
    def _summary(self) -> pd.DataFrame:
        return self.table("checkpoints", _TEXT)

    @cached_property
    def _accuracy(self) -> pd.DataFrame:
        """Accuracy of each checkpoint on its model's first split."""
        found = self.table("checkpoint_accuracy", _TEXT)
        first = found.groupby("model")["split"].transform("first")
        return found.loc[found["split"] == first, ["model", "checkpoint", "split", "accuracy"]]

    @cached_property
    def mean_curves(self) -> pd.DataFrame:
        """Mean score, share of flips and accuracy of each checkpoint."""
        return self._with_looks(self._summary.rename(columns={"flipped": "flips"}))

    @cached_property
    def image_curves(self) -> pd.DataFrame:
        """The same of the images whose decision flips most often."""
        scores = read_parquet(self.file("checkpoint_scores"))
        scores = scores[scores["statistic"] == scores["statistic"].iloc[0]]
        scores = scores.assign(score=scores["score"].abs(), flips=scores["flips"] > 0)
        key = ["property", "model", "checkpoint", "epoch", "image"]
        single = scores.groupby(key, sort=False)[["score", "flips"]]
        found = single.agg({"score": "mean", "flips": "max"}).astype(float).reset_index()
        titles = dict(zip(self._summary["property"], self._summary["title"], strict=True))
        found["title"] = found["property"].map(titles)
        often = found.groupby(["property", "image"], sort=False)["flips"].sum()
        shown = [
            one
            for _, mine in often.groupby("property", sort=False)
            for one in mine.sort_values(ascending=False, kind="stable").index[:SHOWN]
        ]
        parts = [found[(found["property"] == p) & (found["image"] == i)] for p, i in shown]
        return self._with_looks(pd.concat(parts, ignore_index=True))

    @cached_property
    def flip_points(self) -> pd.DataFrame:
        """Mean score and flips of each training."""
        return self._groups.merge(self.table("series", _TEXT), on="model", how="inner")

    def _with_looks(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows in the order of the groups, with the accuracy."""
        found = rows.merge(self._accuracy, on=["model", "checkpoint"], how="left")
        found["split"] = found["split"].fillna("")
        ordered = [
            found[found["model"] == name].assign(architecture=architecture, kind=kind)
            for architecture, name, kind in self._groups.itertuples(index=False)
        ]
        return pd.concat(ordered, ignore_index=True)
