"""Score a study by one more output: the jobs of the headline's tables, one after the other."""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from zollstock.jobs.compare_placebos import compare_placebos
from zollstock.jobs.gather_scores import gather_scores
from zollstock.jobs.harness import named_files
from zollstock.jobs.score import score
from zollstock.parquet import read_parquet
from zollstock.scoring.outputs import Spelled
from zollstock.significance.summary import summarise


def handed_over(snakemake: Any) -> dict[str, Any]:  # noqa: ANN401 - Snakemake's object
    """Return what rules that score whole tables hand to their jobs, as the jobs' arguments."""
    cfg, files = dict(snakemake.params.cfg), named_files(snakemake.input)
    sets, names = cfg.pop("sets"), list(cfg["properties"])
    pairs = product([*names, *sets], cfg["models"])
    return cfg | {
        "predictions": dict(zip(pairs, map(Path, snakemake.params.predictions), strict=True)),
        "images": Path(snakemake.input.images),
        "placebos": dict(zip(sets, files["placebos"], strict=True)),
        **{key: dict(zip(names, files[key], strict=True)) for key in ("ledgers", "edits")},
        "files": {name: Path(file) for name, file in snakemake.output.items()},
    }


def score_output(
    *,
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
    files: Mapping[str, Path],
) -> None:
    """Write the tables of scores and of tests, and the headline table, of one output.

    Parameters
    ----------
    predictions
        (property or set of placebos, model) → predictions.
    images
        The table of images.
    ledgers
        Property → verdicts on its edits.
    edits, placebos, placebos_of, test, interest
        See `zollstock.jobs.compare_placebos.compare_placebos`.
    models
        In the order of the rows.
    properties, alpha
        See `zollstock.significance.summary.summarise`.
    output
        What is followed; see `zollstock.scoring.outputs.Output`.
    scoring
        ``statistics`` and ``permutations``.
    periods
        See `zollstock.jobs.score.score`, as for `scoring`.
    seed
        Of the study.
    files
        What is written: ``scores``, ``scores_csv``, ``tests``, ``tests_csv`` and ``summary``.
    """
    with TemporaryDirectory() as kept:
        tables = [Path(kept) / f"{model}.parquet" for model in models]
        for model, table in zip(models, tables, strict=True):
            score(
                predictions={name: predictions[name, model] for name in properties},
                images=images,
                table=table,
                classes=None,
                model=model,
                output=output,
                seed=seed,
                periods=periods,
                **scoring,
            )
        gather_scores(
            tables=tables, ledgers=ledgers, table=files["scores"], csv=files["scores_csv"]
        )
    compare_placebos(
        scores=files["scores"],
        images=images,
        edits=edits,
        placebos=placebos,
        predictions=predictions,
        placebos_of=placebos_of,
        models=models,
        output=output,
        interest=interest,
        test=test,
        table=files["tests"],
        csv=files["tests_csv"],
    )
    tables_of = read_parquet(files["scores"]), read_parquet(files["tests"])
    rows = summarise(*tables_of, properties, alpha, seed)
    rows.to_csv(files["summary"], index=False, float_format="%.6g")
