"""What the jobs of a study do, for one picture and one property, one after the other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.draws import drawn_records
from zollstock.engines.base import ShowsFrames
from zollstock.engines.gathering import manifest_of
from zollstock.engines.placebos.references import References
from zollstock.engines.planning import plan_paths
from zollstock.engines.produce import produce_paths
from zollstock.engines.registry import engine_for
from zollstock.images.table import ImageRecord
from zollstock.inference.inputs import inputs_of_paths, picture_geometry, picture_inputs
from zollstock.inference.predictions import Predictions
from zollstock.inference.run import Runner
from zollstock.ledger.edits import measure_edits
from zollstock.ledger.verdict import Thresholds
from zollstock.manifests import unmatched_in
from zollstock.paths import EditPath
from zollstock.plan.asking import Asked
from zollstock.plan.paths import PlannedPaths
from zollstock.profiles import profiles_of
from zollstock.scoring.follow import Followed, chosen_in, follow
from zollstock.scoring.outputs import parse_output
from zollstock.scoring.table import check_period, score_predictions, with_flags
from zollstock.significance.comparison import compare_study
from zollstock.significance.table import table_of_tests
from zollstock.store import PathStore, changes_of, iterate_paths

CHUNK = 4
"""Placebos that are made together, so that the work can be stopped in between."""


@dataclass(frozen=True)
class Made:
    """Paths of one property or set of placebos, and where they lie.

    Attributes
    ----------
    manifest
        As a study would write it.
    store
        The folder of the store.
    """

    manifest: Mapping[str, Any]
    store: Path

    @property
    def entries(self) -> Sequence[Mapping[str, Any]]:
        """The manifest's entries."""
        found: Sequence[Mapping[str, Any]] = self.manifest["images"]
        return found

    @property
    def changes(self) -> dict[tuple[str, int], Any]:
        """(image, draw) → how far each frame is from the unedited picture."""
        return changes_of(self.store, self.entries)

    def paths(self) -> list[EditPath]:
        """Return the paths, but failed ones, each compared with its checksum."""
        return [path for _, path in iterate_paths(PathStore(self.store), self.entries)]


class Making:
    """Makes and tests the paths of one picture.

    Parameters
    ----------
    asked
        What is made.
    picture
        The picture.
    runners
        Name → model.
    folder
        Where frames may lie while they are made.
    """

    def __init__(
        self, asked: Asked, picture: ImageRecord, runners: Mapping[str, Runner], folder: Path
    ) -> None:
        self.asked, self.picture, self.runners, self.folder = asked, picture, runners, folder
        self.seed = int(asked.study["seed"])
        self.labels = {picture.id: picture.label}
        self.output = parse_output(asked.output)
        self.closed = asked.period is not None

    # --- frames ------------------------------------------------------------------------

    def edits(
        self, frames_done: Callable[[int], None], frames_made: Callable[[Any, Any], None]
    ) -> Made:
        """Make the property's paths.

        Parameters
        ----------
        frames_done, frames_made
            See `zollstock.engines.base.StepDone` and `ShowsFrames`. What they raise ends the work.
        """
        paths = self.asked.edits
        engine = engine_for(paths.settings, self._run_options(paths))
        if isinstance(engine, ShowsFrames):
            engine.frames_made = frames_made
        return self._made(paths, engine, list(paths.draws), frames_done)

    def placebos(self, edits: Made, frames_done: Callable[[int], None]) -> Made | None:
        """Make the placebos of the property's paths, as large as these; None without any."""
        paths = self.asked.placebos
        if paths is None:
            return None
        references = References.of(edits.manifest, edits.store.parent)
        profiles = self.profiles(edits)
        settings = {**paths.settings, "profiles": profiles}
        engine = engine_for(settings, self._run_options(paths), references)
        return self._made(paths, engine, list(paths.draws), frames_done, profiles)

    def _made(
        self,
        paths: PlannedPaths,
        engine: Any,  # noqa: ANN401 - an engine that may show frames
        draws: Sequence[int],
        frames_done: Callable[[int], None],
        variants: Mapping[str, Any] | None = None,
    ) -> Made:
        settings = {**paths.settings, **(self.asked.inexact if paths.edited else {})}
        names = [self.asked.edits.name, paths.name]
        plan = plan_paths(
            engine,
            settings,
            [self.picture],
            draws,
            folder=self.folder,
            name=paths.name,
            names=names,
            seed=self.seed,
            variants=variants,
        )
        place = self.folder / plan["store"]
        store = PathStore(place, writable=True, shape=plan["shape"])
        chunk = CHUNK if paths.placebos else 1
        entries = []
        for first in range(0, len(draws), chunk):
            entries += produce_paths(
                engine,
                settings,
                drawn_records([self.picture], draws[first : first + chunk]),
                store,
                plan["rows"],
                seed=self.seed,
                frames_done=frames_done,
            )
        # Any placebo may be missing from the test; what is, stands in the table of tests.
        most = len(entries) if paths.placebos else 0
        return Made(
            manifest_of(paths.name, settings, self.seed, plan, entries, max_failed=most), place
        )

    def _run_options(self, paths: PlannedPaths) -> Any:  # noqa: ANN401
        """Return how an editor is run; its libraries are loaded where there is one."""
        if not paths.edited:
            return None
        return import_module("zollstock.jobs.editing").run_options(self.asked.options)

    def profiles(self, edits: Made) -> dict[str, Any]:
        """Return image id → how far its edit goes where it is compared."""
        return profiles_of(edits.changes, [self.picture.id], self._test["steps"])

    # --- predictions ---------------------------------------------------------------------

    def picture_said(self, model: str, edits: Made) -> Predictions:
        """Return what a model says of the picture itself."""
        runner = self.runners[model]
        geometry = picture_geometry(runner.model.geometry, edits.manifest["shape"])
        return runner.run(picture_inputs([self.picture], geometry))

    def said(self, model: str, made: Made) -> Predictions:
        """Return what a model says along paths."""
        runner = self.runners[model]
        records = {self.picture.id: self.picture}
        geometry = runner.model.geometry
        return runner.run(
            inputs_of_paths(made.store, made.manifest, made.entries, geometry, records)
        )

    # --- scores and tests ------------------------------------------------------------------

    @property
    def _test(self) -> dict[str, Any]:
        keys = ("number", "statistic", "steps", "tolerance", "stop_after")
        return {key: self.asked.study["placebos"][key] for key in keys}

    def owners(self, picture: Predictions) -> dict[str, int]:
        """Return the class that is followed, from what a model says of the picture."""
        return chosen_in([picture], self.output, self.labels)

    def followed(self, predictions: Predictions, owners: Mapping[str, int]) -> Followed:
        """Return the followed output along paths."""
        compared = self._test["steps"]
        return follow([predictions], self.output, owners, compared=compared)

    def scores(
        self, edits: Made, predictions: Mapping[str, Predictions], owners: Mapping[str, Any]
    ) -> pd.DataFrame:
        """Return the score table, with the flags of the edit ledger."""
        scoring, name = self.asked.study["scoring"], self.asked.name
        tables = []
        for model, found in predictions.items():
            if self.asked.period is not None:
                check_period(found, self.asked.period, f"properties.{name}")
            table = score_predictions(
                found,
                labels=self.labels,
                statistics=scoring["statistics"],
                output=self.output,
                permutations=scoring["permutations"],
                seed=self.seed,
                owners=owners[model],
                closed=self.closed,
            )
            table.insert(0, "property", name)
            table.insert(1, "model", model)
            tables.append(table)
        meter = dict(self.asked.edits.meter)
        _, verdicts = measure_edits(
            edits.entries,
            PathStore(edits.store),
            [self.picture],
            settings=meter.pop("meter"),
            thresholds=Thresholds(**self.asked.study["ledger"]),
            world=self.asked.study["world"]["name"],
            **meter,
        )
        return with_flags(pd.concat(tables, ignore_index=True), {name: verdicts})

    def tests(
        self,
        edits: Made,
        placebos: Made | None,
        followed: Mapping[str, Followed],
        beside: Mapping[str, Followed],
        scores: pd.DataFrame,
    ) -> pd.DataFrame:
        """Return the table of tests.

        Parameters
        ----------
        edits, placebos
            What was made.
        followed, beside
            Model → the followed output along the edits, and along the placebos.
        scores
            Of `scores`.
        """
        name = self.asked.name
        sets = {} if placebos is None else {placebos.manifest["property"]: placebos}

        def find(of: str, model: str, _: Mapping[str, int] | None) -> Followed:
            return followed[model] if of == name else beside[model]

        comparisons = compare_study(
            find,
            models=list(followed),
            profiles={name: self.profiles(edits)},
            changes={of: made.changes for of, made in sets.items()},
            placebos_of=dict.fromkeys([name] if sets else [], next(iter(sets), "")),
            unmatched={of: unmatched_in(made.manifest) for of, made in sets.items()},
            labels=self.labels,
            closed=[name] if self.closed else [],
            one_class=self.output.kind != "vector",
            **self._test,
        )
        return table_of_tests(scores, comparisons, self.asked.study["scoring"]["interest"])
