"""Score models before and after their repair: the jobs of the study's tables, and what changed."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.jobs.score_output import score_output
from zollstock.repair.before_after import before_and_after
from zollstock.repair.tables import TABLES
from zollstock.significance.headline import read_headline

_TEXT = dict.fromkeys(("base", "method", "model", "settings", "source", "explainer"), str)


def score_repairs(
    *,
    facts: Mapping[str, Mapping[str, Any]],
    against: Collection[str],
    penalised: Mapping[str, Collection[str]],
    tried: Sequence[Path],
    agreed: Sequence[Path],
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
    agreed
        Of each, its table of agreement with people's maps.
    files
        What is written: those of `zollstock.jobs.score_output.score_output`, ``repairs``,
        ``candidates`` and ``agreement``.
    **scored
        The other arguments of `zollstock.jobs.score_output.score_output`.
    """
    score_output(files=files, **scored)
    summary = read_headline(files["summary"])
    changed = before_and_after(summary, facts, against, penalised, scored["alpha"])
    changed.to_csv(files["repairs"], index=False, float_format="%.6g")
    for name, parts in (("candidates", tried), ("agreement", agreed)):
        tables = [pd.read_csv(file, dtype=_TEXT, keep_default_na=False) for file in parts]
        every = pd.concat(tables, ignore_index=True)[list(TABLES[name])]
        every.to_csv(files[name], index=False)
