"""Compare every edit with placebo edits of its size: the table of tests."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.images.labels import read_labels
from zollstock.manifests import read_manifest, unmatched_in
from zollstock.parquet import read_parquet, write_parquet
from zollstock.profiles import profiles_of
from zollstock.scoring.follow import Followed, follow_stored
from zollstock.scoring.outputs import Output, Spelled, parse_output
from zollstock.significance.comparison import compare_study
from zollstock.significance.table import table_of_tests
from zollstock.store import changes_in


def compare_placebos(
    *,
    scores: Path,
    images: Path,
    edits: Mapping[str, Path],
    placebos: Mapping[str, Path],
    predictions: Mapping[tuple[str, str], Path],
    placebos_of: Mapping[str, str],
    models: Sequence[str],
    output: Spelled,
    interest: float,
    test: Mapping[str, Any],
    table: Path,
    csv: Path,
) -> None:
    """Write the table of tests: a row per image, property and model.

    Parameters
    ----------
    scores
        The score table of the study.
    images
        The table of images, for their labels.
    edits, placebos
        Property, and set of placebos → its manifest; how far each went stands in its store.
    predictions
        (property or set of placebos, model) → predictions.
    placebos_of
        Property → its set of placebos; those without have none.
    models
        In the order of the rows.
    output
        What is followed; see `zollstock.scoring.outputs.Output`.
    interest
        See `zollstock.significance.table.table_of_tests`.
    test
        How edits are compared; see `zollstock.significance.comparison.compare_with_placebos`.
    table, csv
        The table that is written, as Parquet and as CSV.
    """
    labels, what = read_labels(images), parse_output(output)

    def followed(name: str, model: str, owners: Mapping[str, int] | None = None) -> Followed:
        return follow_stored(
            predictions[name, model], what, owners, labels=labels, compared=test["steps"]
        )

    tests = tests_of(
        followed,
        read_parquet(scores),
        labels=labels,
        edits=edits,
        placebos=placebos,
        placebos_of=placebos_of,
        models=models,
        output=what,
        interest=interest,
        test=test,
    )
    write_parquet(tests, table)
    tests.to_csv(csv, index=False, float_format="%.6g")


def tests_of(
    followed: Callable[[str, str, Mapping[str, int] | None], Followed],
    scores: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    edits: Mapping[str, Path],
    placebos: Mapping[str, Path],
    placebos_of: Mapping[str, str],
    models: Sequence[str],
    output: Output,
    interest: float,
    test: Mapping[str, Any],
) -> pd.DataFrame:
    """Return the table of tests of models whose predictions are at hand.

    Parameters
    ----------
    followed
        See `zollstock.significance.comparison.compare_study`.
    scores
        The score table.
    labels
        Image id → true class.
    edits, placebos, placebos_of, models, output, interest, test
        See `compare_placebos`.
    """
    comparisons = compare_study(
        followed,
        models=models,
        profiles={
            name: profiles_of(changes_in(file), list(labels), test["steps"])
            for name, file in edits.items()
        },
        changes={name: changes_in(file) for name, file in placebos.items()},
        placebos_of=placebos_of,
        unmatched={name: unmatched_in(read_manifest(file)) for name, file in placebos.items()},
        labels=labels,
        one_class=output.kind != "vector",
        **test,
    )
    return table_of_tests(scores, comparisons, interest)
