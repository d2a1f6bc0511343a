"""Figures of a finished study, by the functions and from the files that the report's come from."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as Drawing

from zollstock.errors import ZollstockError, did_you_mean, some_of
from zollstock.figures.registry import (
    OF_LOCATE,
    OF_REPAIR,
    OF_STUDY,
    OF_TRACE,
    PER_GRID,
    PER_PROPERTY,
    Figure,
)
from zollstock.figures.style import keeping_style, styled
from zollstock.images.table import ImageRecord
from zollstock.jobs.draw_locate import LocateData
from zollstock.jobs.draw_property import PropertyData
from zollstock.jobs.draw_repair import Mapped, RepairData
from zollstock.jobs.draw_study import StudyData
from zollstock.jobs.draw_trace import TraceData
from zollstock.jobs.drawing import Data, DrawnStudy, drawn
from zollstock.manifests import PICTURES
from zollstock.parquet import read_parquet
from zollstock.scoring.outputs import Spelled
from zollstock.studies.folder import StudyFolder
from zollstock.studies.inputs import MAPS, inputs_of, lacking, mapped_again, methods_of


def drawn_study(folder: StudyFolder, output: Spelled) -> DrawnStudy:
    """Return what figures of a study agree on, as its record says it; else the defaults.

    Parameters
    ----------
    folder
        The study.
    output
        What is followed.
    """
    from zollstock.plan.defaults import defaults_of  # tables and arrays need no settings

    scoring, looks, placebos = (
        defaults_of(name) | folder.section(name) for name in ("scoring", "figures", "placebos")
    )
    return DrawnStudy(
        models=folder.models,
        scoring=scoring | {"output": output},
        seed=int(folder.settings.get("seed", 0)),
        looks=looks,
        compared=int(placebos["steps"]),
    )


class OneProperty(PropertyData):
    """What figures of one property are drawn from, of one image where only its page is wanted."""

    only: str | None = None

    @cached_property
    def _first_entries(self) -> list[dict[str, Any]]:
        if self.only is None:
            return super()._first_entries
        return [
            entry for entry in self._entries if entry["draw"] == 0 and entry["image"] == self.only
        ]


class OneMap(LocateData):
    """What figures of the stage `locate` are drawn from, of one image where it is named."""

    only: str | None = None

    def _shown(self, judged: pd.DataFrame) -> list[ImageRecord]:
        if self.only is None:
            return super()._shown(judged)
        return [record for record in self._records if record.id == self.only]


class Drawer:
    """Draws the figures of a study.

    Parameters
    ----------
    folder
        The study.
    output
        What is followed.
    """

    def __init__(self, folder: StudyFolder, output: Spelled) -> None:
        self.folder = folder
        self.output = output
        self.study = drawn_study(folder, output)
        self._kept: dict[tuple[str, str | None], Data] = {}

    @property
    def names(self) -> list[str]:
        """Names of all figures that this study has the results for."""
        return [
            name for name, (figure, prop) in self._every.items() if not self._lacking(figure, prop)
        ]

    @cached_property
    def _every(self) -> dict[str, tuple[Figure, str | None]]:
        """Name → entry of the registry and property."""
        grids = [name for name in self.folder.properties if self.folder.is_grid(name)]
        found: dict[str, tuple[Figure, str | None]] = {}
        for figure in (*OF_STUDY, *OF_LOCATE, *OF_TRACE, *OF_REPAIR):
            if "{" not in figure.name:
                found[figure.name] = (figure, None)
        for figures, names in ((PER_PROPERTY, self._series), (PER_GRID, grids)):
            for name in names:
                for figure in figures:
                    found[figure.name.replace("{property}", name)] = (figure, name)
        return found

    @cached_property
    def _series(self) -> list[str]:
        return [name for name in self.folder.properties if not self.folder.is_grid(name)]

    def draw(self, name: str, page: str | None = None) -> Drawing | dict[str, Drawing]:
        """Draw a figure.

        Parameters
        ----------
        name
            One of `names`.
        page
            Of a figure with a page an image or model, the one that is wanted.

        Returns
        -------
        Figure or dict
            The figure; of one with pages, without `page`, name of the page → figure.

        Raises
        ------
        ZollstockError
            If there is no such figure or page, or the study lacks what it is drawn from.
        """
        if name not in self._every:
            raise ZollstockError(
                f"study '{self.folder.name}'",
                f"has no figure '{name}'",
                f"one of {some_of(self.names, 40)}",
                did_you_mean(name, self._every, ""),
            )
        figure, prop = self._every[name]
        self._check(figure, prop, name)
        data = self._data(figure, prop, page)
        seen = []
        with styled():
            found = drawn(figure, data)
            if not figure.pages:
                return keeping_style(found)
            pages = {}
            for title, drawing in found:
                seen.append(title)
                if page in (None, title):
                    pages[title] = keeping_style(drawing)
                if page == title:
                    return pages[title]
        if page is None:
            return pages
        raise ZollstockError(
            f"figure '{name}'",
            f"has no page '{page}'",
            f"one of {some_of(seen, 12)}" if seen else "the id of an image that it is drawn for",
            f"Without a page all of them are drawn: plot('{name}').",
        )

    # --- what they are drawn from --------------------------------------------------------

    def _data(self, figure: Figure, prop: str | None, page: str | None) -> Data:
        group = "property" if prop else figure.name.partition("/")[0]
        if page is None and (group, prop) in self._kept:
            return self._kept[group, prop]
        files = self._inputs(figure, prop)
        titles = {name: self.folder.title_of(name) for name in self.folder.properties}
        series = {name: titles[name] for name in self._series}
        data: Data
        if prop is not None:
            data = OneProperty(
                files,
                self.study,
                prop,
                titles[prop],
                self.folder.setting(prop, "unit"),
                self.folder.setting(prop, "period"),
                [titles.get(self.folder.setting(prop, key), "") for key in ("first", "second")],
            )
            data.only = page
        elif group == "locate":
            data = OneMap(
                files,
                self.study,
                self._seen(files["maps"][0], series),
                self.folder.root / MAPS,
                files["pictures"],
                {model: methods_of(self.folder.root, model) for model in self.folder.models},
                self.output,
                str(self.folder.section("world").get("name", "")),
            )
            data.only = page
        elif group == "trace":
            traced = [file.name for file in files["traces"]]
            data = TraceData(files, self.study, self._seen(files["units"][0], series), traced)
        elif group == "repair":
            data = RepairData(
                files, self.study, self._repaired_against(), series, self._mapped(files, series)
            )
        else:
            data = StudyData(files, self.study, series, [], self.folder.models)
        if page is None:
            self._kept[group, prop] = data
        return data

    def _seen(self, table: Path, titles: Mapping[str, str]) -> dict[str, str]:
        """Return the titles of the properties that a stage looked at, as its table says."""
        seen = set(read_parquet(table)["property"])
        return {name: title for name, title in titles.items() if name in seen}

    def _repaired_against(self) -> list[str]:
        """Return the properties whose scores are drawn before and after: those first that count."""
        section = self.folder.section("repair")
        first, others = section.get("against") or [], section.get("keep") or self._series
        return list(dict.fromkeys([*first, *others]))

    def _mapped(self, files: Mapping[str, Sequence[Path]], titles: Mapping[str, str]) -> Mapped:
        """Return the repaired models of which there are maps, and where these lie."""
        folder, models = self.folder, mapped_again(self.folder)
        cards = {name: folder.cards[name] for name in models}
        facts = {name: card["repaired"] for name, card in cards.items() if "repaired" in card}
        there = files["maps"][0].is_file()
        return Mapped(
            facts,
            models,
            [folder.root / f"predictions/{PICTURES}/{name}.zarr" for name in models],
            {
                "maps": folder.root / MAPS,
                "titles": self._seen(files["maps"][0], titles) if there else {},
                "methods": {name: methods_of(folder.root, name) for name in models},
                "output": self.output,
                "world": str(folder.section("world").get("name", "")),
            },
        )

    def _lacking(self, figure: Figure, prop: str | None) -> list[Path]:
        return lacking(figure.needs, self._inputs(figure, prop))

    def _inputs(self, figure: Figure, prop: str | None) -> dict[str, Sequence[Path]]:
        """Return input → its files; manifests are those of what the figure's stage looked at."""
        files = inputs_of(self.folder, prop)
        stage = figure.name.partition("/")[0]
        if stage == "repair":
            models = mapped_again(self.folder)
            files["cards"] = [self.folder.root / f"models/{name}.json" for name in models]
        judged = {"locate": "maps", "trace": "units", "repair": "maps"}.get(stage)
        if judged and files[judged][0].is_file():
            names = self._seen(files[judged][0], dict.fromkeys(self._series, ""))
            files["manifests"] = [self.folder.root / f"interventions/{name}.json" for name in names]
        return files

    def _check(self, figure: Figure, prop: str | None, name: str) -> None:
        for file in self._lacking(figure, prop):
            raise ZollstockError(
                file,
                f"is missing, from which the figure '{name}' is drawn",
                "a study that is run so far",
                f"Make it with: {self.folder.command('')}".replace("  ", " "),
            )
