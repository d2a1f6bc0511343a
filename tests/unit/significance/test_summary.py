"""The headline table and its page."""

import re

import numpy as np
import pandas as pd
import pytest

from zollstock.report.headline import summary_page
from zollstock.significance.summary import summarise
from zollstock.significance.table import of_interest

PROPERTIES = {
    "fur": {"title": "Fur", "placebo": False},
    "noise": {"title": "<b>Noise</b> & dust", "placebo": True},
}


def rows(prop, model, scores, **columns):
    count = len(scores)
    base = {
        "property": prop,
        "model": model,
        "image": [f"i{k}" for k in range(count)],
        "replicate": 0,
        "flags": "",
        "statistic": "paper_grad",
        "score": scores,
        "corrected": scores,
        "p_value": 0.5,
        "direction": 0.0,
        "flips": 0,
    }
    return pd.DataFrame(base | columns)


def placebo_tests(table):
    """A table of tests in which the placebo test finds the shuffle test's p."""
    tests = table[table["statistic"] == table["statistic"].iloc[0]]
    tests = tests.drop(columns=["statistic"]).rename(columns={"p_value": "p"})
    effect = tests["score"] * 0 + 1.0  # none where a path failed
    return tests.assign(
        paper_grad=tests["score"],
        used=19,
        match=1.0,
        log_odds=effect,
        of_interest=of_interest(effect, 2.0),
    )


def summary_of(table):
    return summarise(table, placebo_tests(table), PROPERTIES, alpha=0.05, seed=0)


@pytest.fixture
def table():
    """Means: fur 0.4 and 0.1, noise 0.2 and 0; the other statistic must not count."""
    fur_a = dict(p_value=[0.01, 0.05, 0.06, 1], direction=[1, 1, 1, -1], flips=[0, 1, 3, 0])
    return pd.concat(
        [
            rows("noise", "A", [0.2] * 4),
            rows("noise", "B", [0.0] * 4),
            rows("fur", "A", [0.2, 0.4, 0.4, 0.6], **fur_a),
            rows("fur", "B", [0.1] * 4),
            rows("fur", "A", [9.0] * 4, statistic="mi"),
        ]
    )


@pytest.fixture
def summary(table):
    return summary_of(table)


def test_means_and_shares_by_property_in_the_order_asked_for(summary):
    assert list(zip(summary["property"], summary["model"], strict=True)) == [
        ("fur", "A"),
        ("fur", "B"),
        ("noise", "A"),
        ("noise", "B"),
    ]
    np.testing.assert_allclose(summary["score"], [0.4, 0.1, 0.2, 0])
    assert summary["images"].tolist() == [4] * 4
    assert summary["significant"].tolist() == [0.5, 0, 0, 0]
    assert summary["direction"].tolist() == [0.5, 0, 0, 0]
    assert summary["flipped"].tolist() == [0.5, 0, 0, 0]
    assert summary["placebo"].tolist() == [False, False, True, True]
    assert set(summary["statistic"]) == {"paper_grad"}


def test_ratios_are_to_the_lowest_of_the_property_and_the_highest_of_all(summary):
    np.testing.assert_allclose(summary["times_lowest"], [4, 1, np.nan, np.nan])
    np.testing.assert_allclose(summary["share_of_highest"], [1, 0.25, 0.5, 0])


def test_intervals_hold_the_mean_and_vanish_for_equal_scores(summary):
    first = summary.iloc[0]
    assert 0.2 < first["low"] < 0.4 < first["high"] < 0.6
    np.testing.assert_allclose(summary["low"][1:], [0.1, 0.2, 0])
    np.testing.assert_allclose(summary["high"][1:], [0.1, 0.2, 0])


def test_one_image_has_no_interval():
    summary = summary_of(rows("fur", "A", [0.3]))
    assert np.isnan(summary[["low", "high"]].to_numpy()).all()
    page = summary_page(summary, "study")
    assert "nan" not in page
    assert '<td class="score">0.30</td><td>–</td>' in page


def test_where_nothing_moves_the_page_says_so_without_nan():
    table = pd.concat([rows("fur", model, [0.0] * 3) for model in "AB"])
    summary = summary_of(table)
    assert summary["share_of_highest"].isna().all()
    assert "nan" not in summary_page(summary, "study")


def with_failures():
    """Of four images the second and fourth have no score for model A, none has one for B."""
    nothing = dict(p_value=np.nan, direction=np.nan)
    nan = np.nan
    partly = dict(p_value=[0.01, nan, 0.5, nan], direction=[1, nan, 0, nan])
    flips = pd.array([2, None, 0, None], dtype="Int64")
    none = pd.array([None] * 4, dtype="Int64")
    return pd.concat(
        [
            rows("fur", "A", [0.2, nan, 0.4, nan], **partly, flips=flips),
            rows("fur", "B", [nan] * 4, **nothing, flips=none),
            rows("noise", "A", [0.1] * 4, flips=pd.array([0] * 4, dtype="Int64")),
        ]
    )


def test_failed_images_are_counted_and_left_out_of_the_means():
    summary = summary_of(with_failures())
    assert summary["images"].tolist() == [4, 4, 4]
    assert summary["failed"].tolist() == [2, 4, 0]
    first = summary.iloc[0]
    assert first["score"] == pytest.approx(0.3)
    assert 0.2 <= first["low"] < 0.3 < first["high"] <= 0.4
    assert (first["significant"], first["direction"], first["flipped"]) == (0.5, 0.5, 0.5)
    assert (first["times_lowest"], first["share_of_highest"]) == (1, 1)
    assert (first["log_odds"], first["interesting"]) == (1, 1)
    numbers = summary.columns[summary.columns.get_loc("score") :]
    assert summary.loc[1, numbers.drop("tested")].isna().all()
    assert summary["tested"].tolist() == [2, 0, 4]
    assert summary["share_of_highest"].iloc[2] == pytest.approx(1 / 3)


def test_failures_do_not_move_the_interval_of_the_others():
    scores = [0.2, 0.4, 0.4, 0.6]
    whole = summary_of(rows("fur", "A", scores))
    more = pd.concat([rows("fur", "A", scores), rows("fur", "A", [np.nan] * 3)])
    found = summary_of(more)
    for column in ("score", "low", "high", "significant", "flipped"):
        assert found[column].iloc[0] == whole[column].iloc[0]


def test_page_counts_failures_only_where_there_are_some(summary):
    page = summary_page(summary_of(with_failures()), "study")
    assert "<td>4 (2 failed)</td>" in page
    assert '<td>4 (4 failed)</td><td class="score">–</td>' in page
    assert page.count(" failed)") == 2
    assert "An image has failed if" in page
    assert "nan" not in page.lower()
    assert "failed" not in summary_page(summary, "study")


def test_page_says_what_the_size_of_each_statistic_depends_on(summary):
    assert "shrinks with the number of steps" in summary_page(summary, "study")
    page = summary_page(summary.assign(statistic="epgm"), "study")
    assert "jitter adds up" in page
    assert "shrinks with" not in page


def test_page_escapes_names_marks_placebos_and_names_each_property_once(summary):
    summary.loc[summary["model"] == "B", "model"] = "<script>alert(1)</script>"
    page = summary_page(summary, "my <study>")
    assert "<script>alert" not in page
    assert "<b>Noise</b>" not in page
    # Of a row below the first its property is hidden until it is moved.
    assert page.count("<span>&lt;b&gt;Noise&lt;/b&gt; &amp; dust (placebo)</span>") == 1
    assert "my &lt;study&gt;: headline" in page
    assert page.count("<span>Fur</span>") == 1
    assert "Fur (placebo)" not in page
    assert len(re.findall('<tr class="[a-z ]*placebo', page)) == 2
    assert "http" not in page


def test_page_shows_the_numbers_and_explains_the_statistic(summary):
    page = summary_page(summary, "study")
    for text in ("0.40", "0.10", "+0.50", "50 %", "4 of 4"):
        assert text in page
    assert "mean absolute change of the followed probability per step" in page
    assert "other_thing" in summary_page(summary.assign(statistic="other_thing"), "study")


def test_replicates_count_as_one_image_and_widen_the_interval():
    one = rows("fur", "A", [0.2, 0.4, 0.4, 0.6])
    other = one.assign(replicate=1, score=one["score"] + 0.6)
    found = summary_of(pd.concat([one, other])).iloc[0]
    assert found["images"] == 4
    assert found["score"] == pytest.approx(0.7)
    alone = summary_of(one).iloc[0]
    assert found["high"] - found["low"] > alone["high"] - alone["low"]


def test_tests_are_combined_over_images_and_corrected_over_rows(summary):
    p = summary["p"].to_numpy()
    assert p[0] < 0.05 < p[1]
    assert (summary["q_bh"] >= summary["p"]).all()
    assert (summary["q_by"] >= summary["q_bh"]).all()
    page = summary_page(summary, "study", 0.05)
    found = [line for line in page.splitlines() if line.startswith("<tr") and "found" in line]
    assert len(found) == (summary["q_bh"] <= 0.05).sum() == 1
    assert page.count("●") == 2  # and its meaning below


def test_without_placebos_the_page_says_that_nothing_was_tested(table):
    tests = placebo_tests(table).assign(p=np.nan)
    page = summary_page(summarise(table, tests, PROPERTIES, 0.05, 0), "study")
    assert "Nothing was tested" in page
    assert "<th>p</th>" not in page


def test_the_page_names_models_that_return_probabilities(summary):
    assert "no softmax" not in summary_page(summary, "study")
    assert "applied: a, b&lt;." in summary_page(summary, "study", probable=["a", "b<"])


def test_a_study_whose_output_has_no_odds_has_a_page_all_the_same(table):
    """Where nothing is known to be of interest, pandas gives a missing value that is no number."""
    tests = placebo_tests(table)
    tests["of_interest"] = pd.array([None] * len(tests), dtype="boolean")
    summary = summarise(table, tests, PROPERTIES, alpha=0.05, seed=0)
    assert summary["interesting"].dtype == float and summary["interesting"].isna().all()
    assert "<td>–</td>" in summary_page(summary, "study", output="similarity:cat")


def test_a_closed_axis_has_an_empty_change_and_the_page_says_why(table):
    fur = table["property"] == "fur"
    closed = table.assign(direction=table["direction"].mask(fur))
    summary = summary_of(closed)
    assert summary.set_index("property")["direction"].isna().to_dict() == {
        "fur": True,
        "noise": False,
    }
    words = "which an axis that closes on itself does not have"
    assert words in summary_page(summary, "study")
    assert words not in summary_page(summary_of(table), "study")
