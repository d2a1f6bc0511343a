"""The headline: the table of properties and models, and what it says in sentences."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd

from zollstock.scoring.outputs import Output, Spelled, parse_output
from zollstock.wording import counted, listed, percent, show, two_digits

TEMPLATES = Path(__file__).with_name("templates")

_MEANING = {
    "paper_grad": "the mean absolute change of the followed {noun} per step",
    "epgm": "the total up and down of the followed {noun} over the property's range",
    "corr": "the absolute correlation of the followed {noun} with the step",
    "mi": "the mutual information of the followed {noun} and the step, in nats",
}

_COMPARABLE = {
    "epgm": "It grows with the range the property moves over. A clean curve scores the same with "
    "any spacing that shows its turns; jitter adds up with the steps.",
}
_OTHERWISE = (
    "It grows with the range the property moves over and shrinks with the number of steps, so "
    "compare scores only between equal paths."
)
_WHY_UNTESTED = {
    "unmatched": "no placebo edit has the size of the edit",
    "no placebos": "there are no placebo edits",
    "no value": "the paths have no number to compare",
}


def shares(share: float) -> str:
    """Return a share in percent, a dash where there is none."""
    return percent(share) if np.isfinite(share) else "–"


@cache
def environment() -> jinja2.Environment:
    """Return what renders the templates, made once; the user's words are escaped."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    found = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    found.filters |= {"two": two_digits, "counted": counted, "listed": listed, "percent": shares}
    return found


def table_rows(summary: pd.DataFrame, alpha: float) -> list[dict[str, Any]]:
    """Return the rows of the headline table in words.

    A row is `found` if its q is at most alpha, and `notable` if the effect is of interest in at
    least half of its images: these are two things.
    """
    rows = []
    before = None
    for row in summary.to_dict("records"):
        tested = bool(np.isfinite(row["p"]))
        known = np.isfinite([row["low"], row["high"]]).all()
        scored = row["images"] - row["failed"]
        interesting = row["interesting"]
        rows.append(
            {
                "first": row["property"] != before,
                "title": row["title"],
                "placebo": bool(row["placebo"]),
                "model": row["model"],
                "images": str(row["images"])
                + (f" ({row['failed']} failed)" if row["failed"] else ""),
                "flagged": int(row["flagged"]),
                "score": two_digits(row["score"]),
                "interval": f"{two_digits(row['low'])} – {two_digits(row['high'])}"
                if known
                else "–",
                "paper_grad": two_digits(row["paper_grad"]),
                "p": show(row["p"], alpha),
                "q": show(row["q_bh"], alpha) if tested else "not tested",
                "found": tested and bool(row["q_bh"] <= alpha),
                "tested": f"{row['tested']} of {row['images']}",
                "used": f"{row['used']:.3g}" if tested else "–",
                "match": shares(row["match"]),
                "interesting": f"{interesting * scored:.0f} of {scored}"
                if np.isfinite(interesting)
                else "–",
                "notable": bool(interesting >= 0.5),
                "change": two_digits(row["direction"], sign=True),
                "flipped": shares(row["flipped"]),
            }
        )
        before = row["property"]
    return rows


def table_facts(
    summary: pd.DataFrame, alpha: float, interest: float, output: Output
) -> dict[str, Any]:
    """Return what the template of the headline table needs, of what was followed."""
    statistic = str(summary["statistic"].iloc[0])
    return {
        "rows": table_rows(summary, alpha),
        "statistic": statistic,
        "meaning": _MEANING.get(statistic, statistic).format(noun=output.noun),
        "comparable": _COMPARABLE.get(statistic, _OTHERWISE),
        "failed": bool(summary["failed"].any()),
        "flagged": bool(summary["flagged"].any()),
        "tested": bool(summary["p"].notna().any()),
        "closed": bool((summary["direction"].isna() & summary["score"].notna()).any()),
        "alpha": f"{alpha:g}",
        "interest": f"{interest:g}",
        "odds": "" if output.has_odds else f"a {output.noun} has none",
    }


def summary_page(
    summary: pd.DataFrame,
    study: str,
    alpha: float = 0.05,
    interest: float = 2.0,
    probable: Sequence[str] = (),
    output: Spelled | Output = "predicted",
) -> str:
    """Return the headline table as one HTML page that needs nothing else.

    `probable` are models that return probabilities, `output` is what was followed.
    """
    template = environment().get_template("summary.html")
    facts = table_facts(summary, alpha, interest, parse_output(output))
    return template.render(study=study, probable=", ".join(probable), **facts)


def answers(summary: pd.DataFrame, tests: pd.DataFrame, alpha: float) -> list[str]:
    """Return what the study found, in sentences that follow from counts and q.

    Parameters
    ----------
    summary
        Of `zollstock.significance.summary.summarise`.
    tests
        Of `zollstock.significance.table.table_of_tests`; `untested` says why a row has no p.
    alpha
        Level of q.
    """
    tested = summary[summary["p"].notna()]
    sentences = []
    if len(tested):
        sentences += _found(tested, alpha)
    sentences += _untested(summary, tests)
    return [*sentences, *_placebo_scores(summary)]


def _found(tested: pd.DataFrame, alpha: float) -> list[str]:
    """Return sentences of the pairs that were tested."""
    found = tested[tested["q_bh"] <= alpha]
    pairs = counted(len(tested), "tested pair")
    sentence = (
        f"In {len(found) or 'none'} of {pairs} of property and model, edits of the property moved "
        f"the model further than placebo edits of the same size (q ≤ {alpha:g})"
    )
    sentence += f": {_pairs(found)}" if len(found) else ""
    if len(found) < len(tested):
        rest = "; for the others this was not shown" if len(found) else ""
        sentence += f"{rest}, which is no proof of independence"
    sentences = [sentence + "."]
    false = found[found["placebo"].astype(bool)]
    if len(false):
        sentences.append(
            f"A placebo property is among them ({_pairs(false)}), where nothing should be found: "
            "distrust the other rows too."
        )
    return sentences


def _untested(summary: pd.DataFrame, tests: pd.DataFrame) -> list[str]:
    """Return sentences of the pairs and images that were not tested."""
    without = summary[summary["p"].isna()]
    parts = []
    if len(without):
        keys = set(zip(without["property"], without["model"], strict=True))
        mine = [key in keys for key in zip(tests["property"], tests["model"], strict=True)]
        reasons = tests.loc[mine, "untested"]
        why = listed([words for key, words in _WHY_UNTESTED.items() if (reasons == key).any()])
        every = "Nothing was tested" if len(without) == len(summary) else None
        start = every or f"{counted(len(without), 'pair')} could not be tested"
        which = "" if every else f" ({_pairs(without)})"
        parts.append(f"{start}{which}{', since ' + why if why else ''}")
    tested = summary[summary["p"].notna()]
    partly = tested[tested["tested"] < tested["images"]]
    if len(partly):
        least = partly.loc[partly["tested"].idxmin()]
        parts.append(
            f"{'in' if parts else 'In'} {counted(len(partly), 'tested pair')} some images have "
            f"no test, at worst {least['images'] - least['tested']} of {least['images']} "
            f"({least['title']}, {least['model']})"
        )
    return ["; ".join(parts) + "."] if parts else []


def _placebo_scores(summary: pd.DataFrame) -> list[str]:
    """Return how large a score arises where nothing should matter, if the study asks that."""
    known = summary[summary["score"].notna()]
    placebo = known["placebo"].astype(bool)
    if not placebo.any() or placebo.all():
        return []
    highest = known.loc[known["score"].idxmax()]
    least = known.loc[placebo, "score"].max()
    return [
        f"The highest mean score is {two_digits(highest['score'])} ({highest['title']}, "
        f"{highest['model']}); that of a placebo property, which should not matter, "
        f"{two_digits(least)}."
    ]


def _pairs(rows: pd.DataFrame) -> str:
    """Return pairs of property and model, property by property."""
    words = [
        f"{found['title'].iloc[0]} – {', '.join(_shorten(list(found['model'])))}"
        for _, found in rows.groupby("property", sort=False)
    ]
    return "; ".join(_shorten(words))


def _shorten(words: list[str], most: int = 5) -> list[str]:
    return words if len(words) <= most else [*words[: most - 1], f"{len(words) - most + 1} more"]
