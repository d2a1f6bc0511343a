"""What the placebo test found on one image, in plain words."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.figures.style import flags_in_words
from zollstock.scoring.constants import VECTOR

MATCHED = 0.8
"""Placebos that reach a smaller share of the edit's size are called unmatched."""


def followed(output: str) -> str:
    """Return what was followed, in words: the probability of a class, or all classes at once."""
    return "all classes" if output == VECTOR else f"P({output})"


def verdict_sentence(row: Mapping[str, Any], *, alpha: float, title: str) -> str:
    """Return in plain words what the placebo test found on one image for one model.

    Parameters
    ----------
    row
        Of the table of tests, with the columns model, output, flags, steps, statistic, value,
        used, match, p, resolution, q_bh, p_pooled, used_pooled, q_pooled.
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
    over = "over a range of" if row["statistic"] == "range" else "by"
    effect = f"{start} moves {followed(row['output'])} {over} {_amount(row['value'])}"
    sentences = [f"{effect}{_compared(row, alpha)}."]
    if np.isfinite(row["p"]):
        if row["match"] < MATCHED:
            share = percent(row["match"])
            sentences.append(f"The placebos reach only {share} of the edit's size.")
        if row["resolution"] > alpha and not _stopped(row):
            least = show(row["resolution"], alpha)
            sentences.append(f"With so few placebo edits p cannot fall below {least}.")
    if np.isfinite(row["p_pooled"]):
        q = f", q = {show(row['q_pooled'], alpha)}" if np.isfinite(row["q_pooled"]) else ""
        sentences.append(
            f"Against the {int(row['used_pooled'])} pooled placebo edits "
            f"p = {show(row['p_pooled'], alpha)}{q}."
        )
    if flags:
        sentences.append(f"The edit is flagged: {', '.join(flags)}.")
    return " ".join(sentences)


def _compared(row: Mapping[str, Any], alpha: float) -> str:
    """Return how the edit compares with the placebos, with p and q."""
    if not np.isfinite(row["p"]):
        return "; no placebo edits: no test"
    test = f"p = {show(row['p'], alpha)}"
    if np.isfinite(row["q_bh"]):
        test += f", q = {show(row['q_bh'], alpha)}"
    beaten, used = exceed(row), int(row["used"])
    if beaten is None:
        return f" ({test} against {used} placebo edits)"
    size = " of the same size" if row["match"] >= 0.95 else " of about the same size"
    size = size if row["match"] >= MATCHED else ""  # also where it is not known
    if beaten == 0:
        which = f"all {used} placebo edits" if used > 1 else "the only placebo edit"
        return f", more than {which}{size} ({test})"
    verb = "moves" if beaten == 1 else "move"
    which = f"the first {used}" if _stopped(row) else f"{used}"
    return f"; {beaten} of {which} placebo edits{size} {verb} it at least as much ({test})"


def exceed(row: Mapping[str, Any]) -> int | None:
    """Return how many of the used placebos move the output at least as much.

    p is (b + 1)/(k + 1), or b/k where drawing stopped early; which one shows from p itself.
    None for a p that counts nothing.
    """
    p, used = row["p"], row["used"]
    if not (np.isfinite(p) and used > 0):
        return None
    for count in (p * (used + 1) - 1, p * used):
        if abs(count - round(count)) < 1e-6 and 0 <= round(count) <= used:
            return round(count)
    return None


def _stopped(row: Mapping[str, Any]) -> bool:
    """Return whether drawing stopped early, after enough placebos had moved the output more."""
    beaten = exceed(row)
    return beaten is not None and row["p"] < 1 and abs(row["p"] * row["used"] - beaten) < 1e-6


def show(p: float, alpha: float = np.nan) -> str:
    """Return a p or q as text of two digits; of more where two would cross alpha."""
    if not np.isfinite(p):
        return "–"
    for digits in range(2, 8):
        text = f"{p:.{digits}f}" if p >= 0.095 else f"{p:.{digits}g}"
        if (float(text) <= alpha) == (p <= alpha):
            break
    return text


def percent(share: float) -> str:
    """Return a share as text."""
    return f"{100 * share:.0f} %"


def _amount(value: float) -> str:
    """Return a change of probability as text."""
    if value < 0.001:
        return "less than 0.001"
    return f"{value:.2f}" if value >= 0.0995 else f"{value:.2g}"
