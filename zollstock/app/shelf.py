"""Finished studies that the page shows, by names; a visitor never hands in a path."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from zollstock.errors import ZollstockError, did_you_mean, some_of
from zollstock.parquet import read_parquet
from zollstock.scoring.outputs import Output, parse_output
from zollstock.significance.headline import read_headline
from zollstock.studies.drawing import OneProperty, drawn_study
from zollstock.studies.folder import PARTS, StudyFolder, open_folder
from zollstock.studies.inputs import inputs_of
from zollstock.studies.study import Study

RESULTS = Path("results")
ANY, NONE = "all", "none"
"""Choices beside names; properties and models are letters, digits and underscores otherwise."""


class Book:
    """One finished study, and what of it was looked at.

    Parameters
    ----------
    folder
        See `zollstock.studies.folder.open_folder`.

    Attributes
    ----------
    study
        The study.
    """

    def __init__(self, folder: StudyFolder) -> None:
        self.folder = folder
        self.study = Study(folder)
        self._data: dict[str, OneProperty] = {}
        self._said: dict[tuple[str, str], dict[str, list[str]]] = {}

    @cached_property
    def headline(self) -> pd.DataFrame:
        """The headline table."""
        return self.study.headline()

    @cached_property
    def tests(self) -> pd.DataFrame:
        """The table of tests, a row an image, property and model."""
        return self.study.tests()

    @property
    def finished(self) -> bool:
        """Whether the headline and its tests are there."""
        return all((self.folder.root / PARTS[part][0]).is_file() for part in ("tests", "headline"))

    @cached_property
    def measured(self) -> pd.DataFrame:
        """The headline table with repaired models; its q is of all rows of this table."""
        file = self.folder.root / "repair" / "summary.csv"
        return read_headline(file) if file.is_file() else self.headline

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """The table of tests, with those of repaired models."""
        file = self.folder.root / "repair" / "tests.parquet"
        if file.is_file():
            return read_parquet(file)
        return self.tests if self.finished else pd.DataFrame(columns=["image", "property", "model"])

    @cached_property
    def output(self) -> Output:
        """What is followed."""
        return parse_output(self.study.output)

    @cached_property
    def srg(self) -> pd.DataFrame:
        """What the stage `locate` found of maps by occlusion: model, image, method, fill, ….

        Empty without that stage.
        """
        if not (self.folder.root / "locate" / "judged.parquet").is_file():
            return pd.DataFrame(columns=["image"])
        judged = self.study.located("judged")
        return judged[judged["measure"] == "srg"]

    @property
    def alpha(self) -> float:
        """Level of q."""
        return float(self.folder.section("scoring").get("alpha", 0.05))

    @property
    def interest(self) -> float:
        """By which factor odds must change to be of interest."""
        return float(self.folder.section("scoring").get("interest", 2.0))

    @property
    def series(self) -> dict[str, str]:
        """Property → its title; grids of two are not among them."""
        return {
            name: self.folder.title_of(name)
            for name in self.study.properties
            if not self.folder.is_grid(name)
        }

    @property
    def images(self) -> list[str]:
        """Ids."""
        return [str(name) for name in self.study.images["image"]]

    def data(self, name: str) -> OneProperty:
        """Return what a property's figures are drawn from, of the models that have predicted it."""
        if name not in self._data:
            self.folder.check(name, list(self.series), "property")
            root, placebos = self.folder.root / "predictions", self.folder.placebos_of(name)
            study = drawn_study(self.folder, self.study.output)
            models = [
                model
                for model in [*study.models, *self.study.repaired]
                if (root / name / f"{model}.zarr").is_dir()
            ]
            files = dict(inputs_of(self.folder, name))
            files["predictions"] = [root / name / f"{model}.zarr" for model in models]
            beside = [root / str(placebos) / f"{model}.zarr" for model in models]
            files["placebo_predictions"] = beside if all(one.is_dir() for one in beside) else []
            self._data[name] = OneProperty(
                files,
                replace(study, models=models),
                name,
                self.series[name],
                self.folder.setting(name, "unit"),
                self.folder.setting(name, "period"),
            )
        return self._data[name]

    def said(self, name: str, model: str, image: str) -> list[str]:
        """Return the class that a model predicts at each step of an image's path."""
        if (name, model) not in self._said:
            found = self.study.predicted(name, model)
            self._said[name, model] = {
                one: [found.classes[place] for place in found.probabilities[row].argmax(axis=1)]
                for row, (one, draw) in enumerate(zip(found.images, found.draws, strict=True))
                if draw == 0
            }
        return self._said[name, model].get(image, [])


class Shelf:
    """The studies that the page shows.

    Parameters
    ----------
    folders
        ``results/<study>`` each; without any all that lie in ``results/``.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._asked = list(folders)
        self._books: dict[Path, tuple[int, Book]] = {}

    @property
    def places(self) -> dict[str, Path]:
        """Name → folder, as they lie there now; of equal names the later ones are numbered."""
        folders = self._asked
        if not folders and RESULTS.is_dir():
            folders = [place for place in sorted(RESULTS.iterdir()) if place.is_dir()]
        found: dict[str, Path] = {}
        for folder in folders:
            try:
                name = open_folder(folder).name
            except ZollstockError:
                if self._asked:
                    raise
                continue  # other things may lie in results/
            number = sum(one.rpartition(" (")[0] == name or one == name for one in found)
            found[f"{name} ({number + 1})" if number else name] = folder
        return found

    def open(self, name: str | None) -> Book:
        """Return a study by its name, read again when it was run again.

        Raises
        ------
        ZollstockError
            If there is none.
        """
        places = self.places
        if name not in places:
            raise ZollstockError(
                "study",
                f"'{name}' is not on the page",
                f"one of {some_of(places)}" if places else "a finished study",
                did_you_mean(name, places) if places else "Run one first: make run.",
            )
        return self._book(places[str(name)])

    @property
    def books(self) -> dict[str, Book]:
        """Name → study, all of them; as `open`."""
        return {name: self._book(folder) for name, folder in self.places.items()}

    def _book(self, folder: Path) -> Book:
        # What a run writes last.
        marks = [folder / "record/record.json", folder / "scores/summary.csv", folder]
        changed = max(file.stat().st_mtime_ns for file in marks if file.exists())
        if folder not in self._books or self._books[folder][0] != changed:
            self._books[folder] = changed, Book(open_folder(folder))
        return self._books[folder][1]


def kept(
    headline: pd.DataFrame,
    tests: pd.DataFrame,
    *,
    prop: str = ANY,
    model: str = ANY,
    flag: str = ANY,
    q: float = 1.0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of the headline and of the tests that were asked for.

    Parameters
    ----------
    headline, tests
        The tables.
    prop, model
        A property and a model, or `ANY`.
    flag
        `ANY`, `NONE` or a flag: of images. Pairs without such an image are left out.
    q
        Largest q of a pair of property and model; 1 keeps pairs without any.
    """
    pairs = pd.Series(True, index=headline.index)
    for key, wanted in (("property", prop), ("model", model)):
        if wanted != ANY:
            pairs &= headline[key] == wanted
    if q < 1:
        pairs &= headline["q_bh"] <= q
    left = headline[pairs]
    mine = pd.MultiIndex.from_frame(tests[["property", "model"]])
    rows = mine.isin(pd.MultiIndex.from_frame(left[["property", "model"]]))
    if flag != ANY:
        flags = tests["flags"].fillna("").str.split(";")
        wanted = "" if flag == NONE else flag
        rows &= flags.map(lambda several: wanted in several).to_numpy(bool)
        of_images = pd.MultiIndex.from_frame(tests.loc[rows, ["property", "model"]])
        left = left[pd.MultiIndex.from_frame(left[["property", "model"]]).isin(of_images)]
    return left, tests[rows]


def flags_of(tests: pd.DataFrame) -> list[str]:
    """Return the flags that occur."""
    joined = tests["flags"].fillna("").astype(str)
    return sorted({flag for text in joined for flag in text.split(";") if flag})
