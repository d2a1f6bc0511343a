"""Draw scores before and after a repair, score against accuracy, maps, and circuits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.figures.registry import OF_REPAIR
from zollstock.figures.repaired_maps import MapSheet, sheets_of
from zollstock.jobs.draw_locate import LocateData
from zollstock.jobs.drawing import Data, DrawnStudy, Files, draw, read_cells, ready_to_draw
from zollstock.parquet import read_parquet
from zollstock.repair.choosing import frontier

_TEXT = ("property", "title", "base", "method", "model", "split", "best")
_FLAGS = ("against", "penalised", "placebo", "newly", "chosen", "by_worst_group")


@dataclass(frozen=True)
class Mapped:
    """The repaired models that `locate` took maps of.

    Attributes
    ----------
    facts
        Repaired model → ``base``, ``method`` and ``seed``.
    models
        Those and the ones they were, in the order of files.
    pictures
        What each of these says of the images themselves.
    located
        ``maps``, ``titles``, ``methods``, ``output`` and ``world``; see
        `zollstock.jobs.draw_locate.draw_locate`.
    """

    facts: Mapping[str, Mapping[str, Any]]
    models: Sequence[str]
    pictures: Sequence[Path]
    located: Mapping[str, Any]


def draw_repair(
    *,
    figures: Sequence[str],
    files: Files,
    folder: Path,
    drawn_properties: Sequence[str],
    titles: Mapping[str, str],
    mapped: Mapped,
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
    titles
        Property → what it is called in figures.
    mapped
        Whose maps are drawn.
    study
        What all figures of the study agree on.
    """
    data = RepairData(files, study, drawn_properties, titles, mapped)
    with ready_to_draw():
        for figure in OF_REPAIR:
            if figure.name in figures:
                draw(figure, data, figure.name, folder)


class RepairData(Data):
    """What figures of the stage are drawn from."""

    def __init__(
        self,
        files: Files,
        study: DrawnStudy,
        drawn_properties: Sequence[str],
        titles: Mapping[str, str],
        mapped: Mapped,
    ) -> None:
        super().__init__(files, study)
        self.drawn_properties, self.titles = list(drawn_properties), titles
        self._mapped = mapped

    @cached_property
    def repaired_units(self) -> pd.DataFrame:
        """What units carry before and after."""
        return read_parquet(self.file("repaired_units"))

    @cached_property
    def circuits(self) -> pd.DataFrame:
        """What became of circuits."""
        return read_words(self.file("circuits"))

    @property
    def map_sheets(self) -> Iterator[MapSheet]:
        """Sheets of each model that was repaired, read when they are drawn."""
        mapped = self._mapped
        for base in dict.fromkeys(str(told["base"]) for told in mapped.facts.values()):
            named = {base: "before"} | {
                model: str(told["method"])
                for model, told in mapped.facts.items()
                if told["base"] == base
            }
            yield from sheets_of(base, named, self._located(list(named)).map_pages)

    def _located(self, models: Sequence[str]) -> LocateData:
        """Return what the stage `locate` would draw of these models."""
        mapped, told = self._mapped, dict(self._mapped.located)
        places = [mapped.models.index(model) for model in models]
        each = len(self.files["mapped"]) // len(mapped.models)  # shares of the images
        judged = [self.files["mapped"][each * at + share] for at in places for share in range(each)]
        cards = [self.files["cards"][at] for at in places]
        return LocateData(
            {**self.files, "maps": judged, "cards": cards},
            replace(self.study, models=list(models)),
            told["titles"],
            Path(told["maps"]),
            [mapped.pictures[at] for at in places],
            {model: told["methods"][model] for model in models},
            told["output"],
            told["world"],
        )

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
    """Read a table of the stage; see `zollstock.jobs.drawing.read_cells`."""
    return read_cells(file, _TEXT, _FLAGS)
