"""Make the headline table: one row per property and model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zollstock.files import read_json
from zollstock.parquet import read_parquet
from zollstock.report.headline import summary_page
from zollstock.scoring.outputs import Spelled
from zollstock.significance.paper import paper_measures
from zollstock.significance.summary import summarise


def summarise_scores(
    *,
    table: Path,
    tests: Path,
    cards: Sequence[Path],
    summary: Path,
    paper: Path,
    page: Path,
    properties: Mapping[str, Mapping[str, Any]],
    study: str,
    output: Spelled,
    alpha: float,
    interest: float,
    seed: int,
) -> None:
    """Write the headline table, as CSV and as a page.

    Parameters
    ----------
    table, tests
        The score table and the table of tests.
    cards
        Of the imported models.
    summary, paper, page
        The files that are written: the headline table, its measures as the paper has them, and the
        headline as a page.
    properties, alpha, seed
        See `zollstock.significance.summary.summarise`.
    study, output
        Its name, and what was followed.
    interest
        By which factor the odds must change for an effect to be of interest.
    """
    scores = read_parquet(table)
    rows = summarise(scores, read_parquet(tests), properties, alpha, seed)
    rows.to_csv(summary, index=False, float_format="%.6g")
    told = paper_measures(scores, rows, properties, seed)
    told.to_csv(paper, index=False, float_format="%.6g")
    probable = [card.stem for card in cards if read_json(card).get("outputs") == "probabilities"]
    page.write_text(summary_page(rows, study, alpha, interest, probable, output), encoding="utf-8")
