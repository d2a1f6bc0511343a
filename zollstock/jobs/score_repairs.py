"""Score models before and after their repair: the jobs of the study's tables, and what changed."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.jobs.score_output import score_output
from zollstock.repair.before_after import before_and_after
from zollstock.repair.tables import TABLES


def score_repairs(
    *,
    facts: Mapping[str, Mapping[str, Any]],
    against: Collection[str],
    penalised: Mapping[str, Collection[str]],
    tried: Sequence[Path],
    files: Mapping[str, Path],
    **scored: Any,  # noqa: ANN401
) -> None:
    """Write tables of scores and tests, the headline table, what changed, and what was tried.

    Parameters
    ----------
    facts
        Repaired model → ``base``, ``method`` and ``seed``.
    against
        The properties that should matter no longer.
    penalised
        Repaired model → those of them that it was trained against.
    tried
        Of each repaired model, its table of trainings and epochs.
    files
        What is written: those of `zollstock.jobs.score_output.score_output`, ``repairs`` and
        ``candidates``.
    **scored
        The other arguments of `zollstock.jobs.score_output.score_output`.
    """
    score_output(files=files, **scored)
    summary = pd.read_csv(
        files["summary"],
        dtype=dict.fromkeys(("property", "title", "model"), str),
        keep_default_na=False,
        na_values=["", "nan"],
    )
    changed = before_and_after(summary, facts, against, penalised, scored["alpha"])
    changed.to_csv(files["repairs"], index=False, float_format="%.6g")
    text = dict.fromkeys(("base", "method", "model", "settings"), str)
    tables = [pd.read_csv(file, dtype=text, keep_default_na=False) for file in tried]
    every = pd.concat(tables, ignore_index=True)[list(TABLES["candidates"])]
    every.to_csv(files["candidates"], index=False)
