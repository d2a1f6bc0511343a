"""What a run that went well says last: the main rows of the headline table, and where all is."""

import csv
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from zollstock.plan import snakemake_internals
from zollstock.wording import show, two_digits

MOST = 12
"""Rows that are shown."""

_WIDEST = 36  # letters of a property's title
_NAME = 24  # and of a model's name


def say_results(
    workflow: Any,  # noqa: ANN401 - Snakemake's object
    results: Path,
    outputs: Sequence[tuple[str, str]],
    alpha: float,
) -> None:
    """Say what was found, and where, as far as this run was asked for it; for `onsuccess`.

    A table that the run's targets do not include may be of another day, and is not shown.

    Parameters
    ----------
    workflow
        Snakemake's object of this name.
    results
        The study's folder.
    outputs
        What is followed, in words, each with the file of its headline table; the first is shown.
    alpha
        Level of q.
    """
    if workflow.is_main_process:
        asked = {Path(file) for file in snakemake_internals.files_of_run(workflow)}
        lines = ending(results, outputs, alpha, asked)
        # Snakemake's own way to the terminal, which --quiet closes.
        logging.getLogger("snakemake.logging").info("\n".join(lines)) if lines else None


def ending(
    results: Path,
    outputs: Sequence[tuple[str, str]],
    alpha: float,
    asked: Iterable[Path],
) -> list[str]:
    """Return the lines; `asked` are the files that a run's targets lead to."""
    asked = set(asked)
    (words, table), *further = outputs
    lines = []
    if Path(table) in asked:
        rows = _rows(Path(table))
        if rows:
            lines.append(f"How far edits moved {words}, beside placebo edits of their size:")
            lines += _table(rows, alpha)
        lines.append(f"Tables: {results}/scores/")
    for also, file in further:
        if Path(file) in asked:
            lines.append(f"Tables of {also}: {Path(file).parent}/")
    page = results / "report.html"
    if page in asked:
        lines.append(f"Report: {page}")
    return lines


def _rows(table: Path) -> list[dict[str, str]]:
    """Return the rows of a headline table; none of one that cannot be read."""
    try:
        with table.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            _numbers(row)
        return [row for row in rows if {"title", "model", "statistic", "placebo"} <= set(row)]
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return []


def _numbers(row: Mapping[str, str]) -> tuple[float, float, float]:
    """Return score, p and q; NaN where there is none."""
    score, p, q = (float(row[key] or "nan") for key in ("score", "p", "q_bh"))
    return score, p, q


def _table(rows: list[dict[str, str]], alpha: float) -> list[str]:
    shown = rows
    if len(rows) > MOST:
        shown = sorted(rows, key=_rank)[:MOST]
    cells = [["property", "model", rows[0]["statistic"], "p", "q", f"q ≤ {alpha:g}?"]]
    for row in shown:
        score, p, q = _numbers(row)
        placebo = row["placebo"] == "True"
        title = _cut(row["title"], _WIDEST) + (" (placebo)" if placebo else "")
        verdict = _verdict(q, alpha, placebo)
        numbers = [two_digits(score), show(p, alpha), show(q, alpha)]
        cells.append([title, _cut(row["model"], _NAME), *numbers, verdict])
    wide = [max(len(line[column]) for line in cells) for column in range(5)]
    lines = [
        "  ".join(["", *(word.ljust(w) for word, w in zip(line, wide, strict=False)), line[5]])
        for line in cells
    ]
    if len(rows) > len(shown):
        lines.append(f"  and {len(rows) - len(shown)} more rows with larger q")
    return [line.rstrip() for line in lines]


def _rank(row: Mapping[str, str]) -> tuple[float, float]:
    """Return what rows are sorted by where there are many: q, then the score from the top."""
    score, _, q = _numbers(row)
    return (q if math.isfinite(q) else 2.0, -score if math.isfinite(score) else 0.0)


def _verdict(q: float, alpha: float, placebo: bool) -> str:
    if not math.isfinite(q):
        return "not tested"
    if q > alpha:
        return "not shown"
    return "more than placebo edits" + (", and should not: distrust" if placebo else "")


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
