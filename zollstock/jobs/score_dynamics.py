"""Score every checkpoint of the study's trainings along every property."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zollstock.images.labels import read_labels
from zollstock.inference.predictions import pictures_beside
from zollstock.inference.series import of_checkpoint
from zollstock.jobs.compare_placebos import tests_of
from zollstock.jobs.gather_scores import flagged
from zollstock.jobs.score import named
from zollstock.models.checkpoints import Checkpoint
from zollstock.parquet import write_parquet
from zollstock.scoring.follow import Followed, follow, followed_class
from zollstock.scoring.outputs import Spelled, parse_output
from zollstock.scoring.table import check_period, effects_of_classes, score_predictions
from zollstock.significance.checkpoints import (
    OF_STUDY,
    names_of,
    table_of_series,
    with_checkpoints,
)
from zollstock.significance.summary import summarise


def score_dynamics(
    *,
    series: Mapping[str, Sequence[Checkpoint]],
    predictions: Mapping[tuple[str, str], Path],
    images: Path,
    ledgers: Mapping[str, Path],
    edits: Mapping[str, Path],
    placebos: Mapping[str, Path],
    models: Sequence[str],
    properties: Mapping[str, Mapping[str, Any]],
    output: Spelled,
    scoring: Mapping[str, Any],
    seed: int,
    periods: Mapping[str, float],
    alpha: float,
    interest: float,
    placebos_of: Mapping[str, str],
    test: Mapping[str, Any],
    tested: Path | None,
    files: Mapping[str, Path],
) -> None:
    """Write tables of scores and tests per checkpoint, and what they say of each training.

    Parameters
    ----------
    series
        Model → its checkpoints.
    tested
        Accuracy of checkpoints that were trained here; see `zollstock.jobs.test_checkpoints`.
    files
        What is written: ``scores``, ``tests``, ``checkpoints``, ``series``, ``accuracy``, and
        ``scores_csv`` and ``tests_csv``.
    predictions, images, ledgers, edits, placebos, models, properties, output, scoring, seed
        See `zollstock.jobs.score_output.score_output`; predictions have the dimension checkpoint.
    periods, alpha, interest, placebos_of, test
        As there.
    """
    labels, what = read_labels(images), parse_output(output)
    said = _Said(series, predictions, lru_cache(maxsize=64)(of_checkpoint))
    tables, right = [], []
    for model in models:
        for key, checkpoint in zip(names_of(model, series[model]), series[model], strict=True):
            pictures = said.of(pictures_beside(predictions[next(iter(properties)), model]), key)
            owners = dict(
                zip(pictures.images, followed_class(pictures, what, labels).tolist(), strict=True)
            )
            said.owners[key] = owners
            right += _accuracy(pictures, labels, model, checkpoint)
            for name in properties:
                part, closed = said.along(name, key), name in periods
                if closed:
                    check_period(part, periods[name], f"properties.{name}")
                scores = score_predictions(
                    part,
                    labels=labels,
                    output=what,
                    seed=seed,
                    owners=owners,
                    effects=effects_of_classes(part, closed=closed)
                    if what.kind == "vector"
                    else None,
                    closed=closed,
                    **scoring,
                )
                tables.append(named(scores, name, key))
    scores = flagged(pd.concat(tables), ledgers)

    def followed(name: str, key: str, owners: Mapping[str, int] | None = None) -> Followed:
        chosen = said.owners[key] if owners is None else owners
        return follow([said.along(name, key)], what, chosen, compared=test["steps"])

    tests = tests_of(
        followed,
        scores,
        labels=labels,
        edits=edits,
        placebos=placebos,
        placebos_of=placebos_of,
        models=list(said.owners),
        output=what,
        interest=interest,
        test=test,
    )
    summary = summarise(scores, tests, properties, alpha, seed)
    of_study = pd.DataFrame(
        right, columns=["model", "checkpoint", "epoch", "split", "accuracy", "n"]
    )
    text = dict.fromkeys(("model", "checkpoint", "split"), str)
    of_tests = [pd.read_csv(tested, dtype=text, keep_default_na=False)] if tested else []
    accuracy = pd.concat([*of_tests, of_study], ignore_index=True)
    found = {
        "scores": with_checkpoints(scores, series),
        "tests": with_checkpoints(tests, series),
        # Over all checkpoints the lowest and the highest of a table mean nothing.
        "checkpoints": with_checkpoints(
            summary.drop(columns=["times_lowest", "share_of_highest"]), series
        ),
        "accuracy": accuracy,
    }
    found["series"] = table_of_series(found["checkpoints"], found["tests"], accuracy, alpha)
    for name in ("scores", "tests"):
        write_parquet(found[name], files[name])
        found[name].to_csv(files[f"{name}_csv"], index=False, float_format="%.6g")
    for name in ("checkpoints", "accuracy", "series"):
        found[name].to_csv(files[name], index=False, float_format="%.6g")


class _Said:
    """What checkpoints say, by the names that they have in the tables."""

    def __init__(
        self,
        series: Mapping[str, Sequence[Checkpoint]],
        predictions: Mapping[tuple[str, str], Path],
        read: Any,  # noqa: ANN401 - `of_checkpoint`, remembered
    ) -> None:
        self._predictions, self._read = predictions, read
        self.owners: dict[str, dict[str, int]] = {}
        self._places = {
            name: (model, place)
            for model, checkpoints in series.items()
            for place, name in enumerate(names_of(model, checkpoints))
        }

    def of(self, root: Path, key: str) -> Any:  # noqa: ANN401 - `Predictions`
        return self._read(root, self._places[key][1])

    def along(self, name: str, key: str) -> Any:  # noqa: ANN401 - `Predictions`
        return self.of(self._predictions[name, self._places[key][0]], key)


def _accuracy(
    pictures: Any,  # noqa: ANN401 - `Predictions`
    labels: Mapping[str, str],
    model: str,
    checkpoint: Checkpoint,
) -> list[tuple[str, str, int, str, float, int]]:
    """Return a row of the table of accuracy, none where no picture has a label of the model's."""
    places = {name: place for place, name in enumerate(pictures.classes)}
    truth = np.array([places.get(labels.get(image, ""), -1) for image in pictures.images])
    known = truth >= 0
    if not known.any():
        return []
    hits = pictures.unedited_logits.argmax(axis=1)[known] == truth[known]
    share, count = float(hits.mean()), int(known.sum())
    return [(model, checkpoint.name, checkpoint.epoch, OF_STUDY, share, count)]
