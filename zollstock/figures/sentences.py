"""What the placebo test found on one image, in plain words."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from zollstock.figures.style import cut_name
from zollstock.scoring.outputs import words_of
from zollstock.wording import flags_in_words, show


def axis_words(outputs: Iterable[str], longest: int = 20) -> str:
    """Return what an axis shows, of the column ``output``; with several classes of no class."""
    names = set(outputs)
    if len(names) == 1:
        return words_of(names.pop(), lambda name: cut_name(name, longest))
    return next(iter({words_of(name, lambda _: "class") for name in names}), "P(class)")


def verdict_sentence(row: Mapping[str, Any], *, alpha: float, title: str) -> str:
    """Return in plain words what the placebo test found on one image for one model.

    Parameters
    ----------
    row
        Of the table of tests, with the columns model, output, flags, steps, statistic, value,
        placebos, unmatched, used, larger, p, resolution, untested, q_bh and of_interest.
    alpha
        Level; with too few placebos to reach it, the sentence says so.
    title
        The property's name.
    """
    flags = flags_in_words(row["flags"])
    start = f"{row['model']}: {title}"
    if "failed" in flags or not row["steps"] > 0:
        return f"{row['model']}: the edit of {title} failed, so there is no number."
    if not np.isfinite(row["value"]):
        return f"{start} has no effect size: the path is too short or has gaps."
    over = {"range": "over a range of", "net": "by"}.get(row["statistic"], "by about")
    effect = (
        f"{start} moves {words_of(row['output'], article='the ')} {over} {_amount(row['value'])}"
    )
    sentences = [f"{effect}{_compared(row, alpha)}."]
    if row["of_interest"] is False or row["of_interest"] is np.False_:
        sentences.append("The odds change too little to be of interest.")
    if np.isfinite(row["p"]) and row["resolution"] > alpha and not _stopped(row):
        least = show(row["resolution"], alpha)
        sentences.append(f"With so few placebo edits p cannot fall below {least}.")
    if flags:
        sentences.append(f"The edit is flagged: {', '.join(flags)}.")
    return " ".join(sentences)


def untested(row: Mapping[str, Any]) -> str:
    """Return why a row of the table of tests has no p, in words."""
    if row["untested"] == "unmatched":
        return "no placebo edit of its size: no test"
    return "no placebo edits: no test"


def _compared(row: Mapping[str, Any], alpha: float) -> str:
    """Return how the edit compares with the placebos, with p and q."""
    if not np.isfinite(row["p"]):
        return f"; {untested(row)}"
    test = f"p = {show(row['p'], alpha)}"
    if np.isfinite(row["q_bh"]):
        test += f", q = {show(row['q_bh'], alpha)}"
    larger, used = int(row["larger"]), int(row["used"])
    if larger == 0:
        which = f"each of {used} placebo edits" if used > 1 else "the only placebo edit"
        return f", more than {which} of the same size ({test})"
    verb = "moves" if larger == 1 else "move"
    which = f"the first {used}" if _stopped(row) else f"{used}"
    return (
        f"; {larger} of {which} placebo edits of the same size {verb} it at least as much ({test})"
    )


def _stopped(row: Mapping[str, Any]) -> bool:
    """Return whether drawing stopped early, after enough placebos had moved the output more."""
    return bool(row["used"] < row["placebos"]) or bool(
        row["p"] < 1 and abs(row["p"] * row["used"] - row["larger"]) < 1e-6
    )


def _amount(value: float) -> str:
    """Return a change of the followed output as text."""
    if value < 0.001:
        return "less than 0.001"
    return f"{value:.2f}" if value >= 0.0995 else f"{value:.2g}"
