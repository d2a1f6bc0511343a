"""Draw all figures of one property."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.arrangement import Arranged, arranged
from zollstock.arrays import Array
from zollstock.figures.registry import PER_GRID, PER_PROPERTY, PER_TURN
from zollstock.figures.sheets import Strip
from zollstock.figures.turning import Turn
from zollstock.images.labels import read_labels
from zollstock.images.masks import Weights, mask_of
from zollstock.images.table import read_table
from zollstock.inference.predictions import iterate_predictions
from zollstock.jobs.drawing import Data, DrawnStudy, Files, draw, ready_to_draw
from zollstock.jobs.strips import Strips, path_title
from zollstock.jobs.turns import turns_of
from zollstock.manifests import read_manifest, store_of
from zollstock.parquet import read_parquet
from zollstock.scoring.follow import Followed, follow_stored
from zollstock.scoring.grids import axes_of, surfaces
from zollstock.scoring.inspection import (
    NullRow,
    Signature,
    first_draws,
    most_telling,
    null_rows,
    row_of,
    signatures,
)
from zollstock.scoring.moments import EXACT
from zollstock.scoring.outputs import SIMILARITY
from zollstock.scoring.vector import distances_along
from zollstock.significance.beside import Beside, placebo_changes
from zollstock.significance.targets import followed_of
from zollstock.store import PathStore
from zollstock.wording import with_unit


def draw_property(
    *,
    figures: Sequence[str],
    files: Files,
    folder: Path,
    name: str,
    title: str,
    study: DrawnStudy,
    unit: str | None = None,
    period: float | None = None,
    grid_titles: Sequence[str] = (),
    mask: Mapping[str, str] | None = None,
) -> None:
    """Draw figures of one property, or of one grid of two.

    Parameters
    ----------
    figures
        Names of entries of `zollstock.figures.registry.PER_PROPERTY`, or of its `PER_GRID` or
        `PER_TURN`.
    files
        Inputs by name, those that the figures need; see `zollstock.figures.registry.SOURCES`.
    folder
        The study's figures.
    name, title
        The property, and what it is called in figures.
    study
        What all figures of the study agree on.
    unit, period
        Of its axis; the period None unless it closes on itself.
    grid_titles
        Of a grid: what its two properties are called.
    mask
        ``place`` and ``fit`` of its masks, where it has any.
    """
    data = PropertyData(files, study, name, title, unit, period, grid_titles, mask)
    with ready_to_draw():
        for figure in (*PER_PROPERTY, *PER_GRID, *PER_TURN):
            if figure.name in figures:
                draw(figure, data, figure.name.replace("{property}", name), folder)


class PropertyData(Data):
    """What figures of one property are drawn from."""

    def __init__(
        self,
        files: Files,
        study: DrawnStudy,
        name: str,
        title: str,
        unit: str | None = None,
        period: float | None = None,
        grid_titles: Sequence[str] = (),
        mask: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(files, study)
        self.mask = mask
        self.grid_titles = list(grid_titles)
        self.name = name
        self.title = title
        self.unit = unit
        self.period = period

    @cached_property
    def _entries(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = read_manifest(self.file("manifest"))["images"]
        return entries

    @cached_property
    def _first_entries(self) -> list[dict[str, Any]]:
        return [entry for entry in self._entries if entry["draw"] == 0][: self.max_images]

    @cached_property
    def _store(self) -> PathStore:
        return PathStore(store_of(self.file("manifest")))

    @property
    def total(self) -> int:
        """How many paths the property has."""
        return len(self._entries)

    @property
    def strips(self) -> Strips:
        """Frames of the first paths, replicates among them."""
        shown = self._entries[: self.max_images]
        return Strips(self._store, shown, self.study.looks["strip_frames"])

    @property
    def outlines(self) -> dict[str, Weights]:
        """Path → the mask of its image, at the size of the frames; none without masks."""
        if self.mask is None:
            return {}
        pixels = next(file for file in self.files["masks"] if file.name == "pixels")
        records = {record.id: record for record in read_table(self.file("images"), pixels)}
        _, height, width = self._store.shape
        return {
            path_title(entry["image"], entry["draw"]): mask_of(
                self.mask["place"], records[entry["image"]], height, width, self.mask["fit"]
            )
            for entry in self._entries[: self.max_images]
        }

    @property
    def first_strips(self) -> Strips:
        """Frames of the first images; of replicates the first."""
        return Strips(self._store, self._first_entries, self.study.looks["strip_frames"])

    @cached_property
    def telling(self) -> Strip | None:
        """Frames of the image on which the models differ most, of those that have a card."""
        tests = self.property_tests
        flagged = set(tests.loc[tests["flags"] != "", "image"])
        image = most_telling(self.first_scores, flagged, self._shown)
        entries = [entry for entry in self._first_entries if entry["image"] == image]
        return next(iter(Strips(self._store, entries, self.study.looks["strip_frames"])), None)

    @cached_property
    def _targets(self) -> dict[str, Followed]:
        """Model → what is followed."""
        pairs = zip(self.models, self.files["predictions"], strict=True)
        labels = read_labels(self.file("images"))
        return {model: follow_stored(folder, self.output, labels=labels) for model, folder in pairs}

    @cached_property
    def _shown(self) -> list[str]:
        """Images that are drawn; of replicates the first."""
        return first_draws(self._targets[self.models[0]], self.max_images)

    @cached_property
    def _every(self) -> list[str]:
        """All images; of replicates the first is drawn."""
        return first_draws(self._targets[self.models[0]])

    @cached_property
    def axes_of(self) -> dict[str, Array]:
        """Image → property values, (S,); of replicates the first."""
        target = self._targets[self.models[0]]
        rows = row_of(target)
        return {name: target.axis[rows[name]] for name in self._every}

    @property
    def axis_title(self) -> str:
        """What the axis of a path counts: an editor's knob, or the property itself."""
        return with_unit(str(self._facts.get("knob", self.title)), self.unit)

    @cached_property
    def curves(self) -> dict[str, dict[str, Array]]:
        """Image → model → followed output, (S,)."""
        found: dict[str, dict[str, Array]] = {}
        for model, target in self._targets.items():
            for name, row in row_of(target).items():
                found.setdefault(name, {})[model] = target.series[row]
        return found

    @property
    def turns(self) -> Iterator[tuple[str, list[Turn]]]:
        """Model → what it says of all classes along a few images."""
        labels = read_labels(self.file("images"))
        entries = [entry for entry in self._entries if entry["draw"] == 0]
        return turns_of(self.models, self.files["predictions"], self._store, entries, labels)

    @property
    def noun(self) -> str:
        """What a curve of a class is, of models whose outputs are followed."""
        return SIMILARITY if self.output.kind == SIMILARITY else "probability"

    @cached_property
    def unedited(self) -> dict[str, dict[str, float]]:
        """Image → model → followed output of its unedited picture."""
        return {
            name: {
                model: float(target.unedited[row_of(target)[name]])
                for model, target in self._targets.items()
            }
            for name in self._every
        }

    @cached_property
    def placebos(self) -> dict[str, dict[str, Beside]]:
        """Image → model → its placebos; without any for a property that has none."""
        groups: list[Path | None] = list(self.files["placebo_predictions"])
        groups = groups or [None] * len(self.models)  # a property without any
        found: dict[str, dict[str, Beside]] = {name: {} for name in self._every}
        for model, folder in zip(self.models, groups, strict=True):
            target = self._targets[model]
            made = follow_stored(folder, self.output, followed_of(target)) if folder else None
            for name, beside in placebo_changes(
                target, made, self._every, self.study.compared
            ).items():
                found[name][model] = beside
        return found

    @cached_property
    def _property_scores(self) -> pd.DataFrame:
        """Rows of the score table, headline statistic."""
        scores = self.scores
        return scores[(scores["property"] == self.name) & (scores["statistic"] == self.statistic)]

    @cached_property
    def first_scores(self) -> pd.DataFrame:
        """Of replicates the first."""
        scores = self._property_scores
        return scores[scores["replicate"] == 0]

    @cached_property
    def property_tests(self) -> pd.DataFrame:
        """Rows of the table of tests."""
        return self.tests[self.tests["property"] == self.name]

    @property
    def arrangement(self) -> Arranged:
        """Which model is in which row and column."""
        return arranged(self.study.looks["arrange"], self.models)

    @cached_property
    def paper(self) -> pd.DataFrame:
        """Its rows of the paper's measures."""
        table = self.table("paper", ("property", "title", "model"))
        return table[table["property"] == self.name]

    @cached_property
    def nulls(self) -> list[NullRow]:
        """What the shuffle test compares."""
        return null_rows(
            self._targets,
            self.first_scores,
            self._shown,
            statistic=self.statistic,
            permutations=self.study.scoring["permutations"],
            seed=self.study.seed,
            apart=self._apart,
        )

    @cached_property
    def _apart(self) -> dict[str, dict[str, Array]]:
        """Model → image → distances between steps, where all classes are followed at once."""
        if self.output.kind != "vector" or self.statistic not in EXACT:
            return {}
        pairs = zip(self.models, self.files["predictions"], strict=True)
        names = set(self._shown)
        return {
            model: distances_along(iterate_predictions(folder), names) for model, folder in pairs
        }

    @cached_property
    def signatures(self) -> dict[str, dict[str, Signature]]:
        """Image → model → its score by the spacing of frames."""
        return signatures(self._targets, self._shown, self._apart)

    @cached_property
    def _facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = read_manifest(self.file("manifest"))["facts"]
        return facts

    @property
    def grid_axes(self) -> tuple[Array, Array]:
        """Values of a grid's two properties."""
        return axes_of(self._facts)

    @cached_property
    def grid_surfaces(self) -> dict[str, dict[str, Array]]:
        """Image → model → followed output on its grid, (A, B)."""
        found: dict[str, dict[str, Array]] = {name: {} for name in self._shown}
        for model, target in self._targets.items():
            grids, rows = surfaces(target, self._facts), row_of(target)
            for name in self._shown:
                found[name][model] = grids[rows[name]]
        return found

    @cached_property
    def grid_scores(self) -> pd.DataFrame:
        """Rows of the table of grids, of replicates the first."""
        table = read_parquet(self.file("grids"))
        return table[(table["property"] == self.name) & (table["replicate"] == 0)]

    @cached_property
    def steps(self) -> pd.DataFrame:
        """The ledger's table of frames."""
        return _read_ledger(self.file("steps"))

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """The ledger's table of paths."""
        return _read_ledger(self.file("verdicts"))


def _read_ledger(file: Path) -> pd.DataFrame:
    """Read a table of the ledger; an image may be called "NA" or "007"."""
    text = dict.fromkeys(("image", "meter", "flags", "reason"), str)
    table = pd.read_csv(file, dtype=text, keep_default_na=False, na_values=[""])
    pairs = zip(table["image"], table["replicate"], strict=True)
    # A panel each.
    return table.assign(image=[path_title(image, draw) for image, draw in pairs])
