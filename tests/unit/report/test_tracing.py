"""What the page says of the stage `trace`."""

import numpy as np
import pandas as pd

from zollstock.report.page import environment
from zollstock.report.pictures import Album
from zollstock.report.tracing import How, traced

ROW = {
    "property": "fur",
    "model": "plain",
    "of": "units",
    "method": "eap_ig",
    "count": 3,
    "held_out": True,
    "whole": 0.1,
    "removed": 0.9,
    "low": 0.8,
    "high": 1.0,
    "random_mean": 0.2,
    "random_low": 0.0,
    "random_high": 0.4,
    "q_cut": 0.0375,
    "kept": 0.0,
}
MEDIATION = pd.DataFrame([ROW | {"size": size} for size in (0.01, 0.08, 0.5)])
ACCURACY = pd.DataFrame(
    [
        {"property": "fur", "model": "plain", "split": split, "before": 0.97}
        | {"after": 0.8, "random": 0.96}
        for split in ("unbiased", "other")
    ]
)
EMPTY = pd.DataFrame()
SUMMARY = pd.DataFrame([{"property": "fur", "model": "plain", "q_bh": 0.00123}])


def render(found):
    text = "{% from 'traced.html' import traced_part %}{{ traced_part(found, shown) }}"
    return environment().from_string(text).render(found=found, shown=lambda *_: "")


def test_a_row_tells_the_set_nearest_to_a_tenth_and_the_first_split(tmp_path):
    how = How(MEDIATION, ACCURACY, EMPTY)
    found = traced(how, Album(tmp_path), tmp_path, {"fur": "fur lightness"}, SUMMARY)
    (row,) = found["rows"]
    assert row["size"] == 0.08
    assert row["title"] == "fur lightness"
    assert row["q_score"] == 0.00123
    assert row["accuracy"]["split"] == "unbiased"
    page = render(found)
    # Whether the property matters at all stands beside.
    assert "<td>0.0012</td>" in page
    assert "0.97 → 0.80" in page and "8.0 %" in page
    assert "Causal graphs" not in page


def test_what_was_not_asked_is_not_told(tmp_path):
    assert traced(None, Album(tmp_path), tmp_path, {}, SUMMARY) is None
    columns = [*ROW, "size"]
    empty = How(pd.DataFrame(columns=columns), pd.DataFrame(columns=ACCURACY.columns), EMPTY)
    found = traced(empty, Album(tmp_path), tmp_path, {}, SUMMARY)
    assert found["rows"] == [] and found["graphs"] == []
    assert "<table>" not in render(found)
    without = How(MEDIATION.assign(removed=np.nan), ACCURACY.iloc[:0], EMPTY)
    assert "–" in render(traced(without, Album(tmp_path), tmp_path, {"fur": "fur"}, SUMMARY))


def test_a_score_that_was_not_tested_has_no_q(tmp_path):
    how = How(MEDIATION, ACCURACY, EMPTY, EMPTY)
    for summary in (SUMMARY.iloc[:0], SUMMARY.assign(q_bh=np.nan)):
        found = traced(how, Album(tmp_path), tmp_path, {"fur": "fur"}, summary)
        assert np.isnan(found["rows"][0]["q_score"])
        assert "<td>0.10</td><td>–</td>" in render(found)
