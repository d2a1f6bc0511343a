"""Draw scores before and after a repair, and score against accuracy."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pandas as pd

from zollstock.figures.registry import OF_REPAIR
from zollstock.jobs.drawing import Data, DrawnStudy, Files, draw, ready_to_draw
from zollstock.repair.choosing import frontier

_TEXT = ("property", "title", "base", "method", "model", "split", "best")


def draw_repair(
    *,
    figures: Sequence[str],
    files: Files,
    folder: Path,
    drawn_properties: Sequence[str],
    study: DrawnStudy,
) -> None:
    """Draw figures of the stage `repair`.

    Parameters
    ----------
    figures
        Names of entries of `zollstock.figures.registry.OF_REPAIR`.
    files
        Inputs by name, those that the figures need.
    folder
        The study's figures.
    drawn_properties
        The properties whose scores are drawn.
    study
        What all figures of the study agree on.
    """
    data = RepairData(files, study, drawn_properties)
    with ready_to_draw():
        for figure in OF_REPAIR:
            if figure.name in figures:
                draw(figure, data, figure.name, folder)


class RepairData(Data):
    """What figures of the stage are drawn from."""

    def __init__(self, files: Files, study: DrawnStudy, drawn_properties: Sequence[str]) -> None:
        super().__init__(files, study)
        self.drawn_properties = list(drawn_properties)

    @cached_property
    def repairs(self) -> pd.DataFrame:
        """Scores before and after."""
        return read_words(self.file("repairs"))

    @cached_property
    def repaired_accuracy(self) -> pd.DataFrame:
        """Accuracy before and after."""
        return read_words(self.file("repaired_accuracy"))

    @cached_property
    def points(self) -> pd.DataFrame:
        """Score and accuracy of each repaired model, and of what it was, on the first split."""
        accuracy, scores = self.repaired_accuracy, self.repairs[self.repairs["against"]]
        split = accuracy["split"].iloc[0] if len(accuracy) else ""
        right = accuracy[accuracy["split"] == split].set_index("model")["accuracy"].to_dict()
        rows = []
        for (base, title), mine in scores.groupby(["base", "title"], sort=False):
            found = [("", str(base), float(mine["before"].iloc[0]))]
            found += list(
                zip(mine["method"], mine["model"], mine["after"].astype(float), strict=True)
            )
            known = {model: (right[model], score) for _, model, score in found if model in right}
            best = set(frontier(known))
            rows += [
                {
                    "base": base,
                    "title": title,
                    "method": method,
                    "split": split,
                    "accuracy": right[model],
                    "score": score,
                    "best": model in best,
                }
                for method, model, score in found
                if model in known
            ]
        columns = ["base", "title", "method", "split", "accuracy", "score", "best"]
        return pd.DataFrame(rows, columns=columns)


def read_words(file: Path) -> pd.DataFrame:
    """Read a table of the stage, names as they are written: one may be called "NA" or "007"."""
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    for column in table.columns:
        if column in {"against", "penalised", "placebo", "newly", "chosen", "by_worst_group"}:
            table[column] = table[column] == "True"
        elif column not in _TEXT:
            table[column] = pd.to_numeric(table[column], errors="coerce")
    return table
