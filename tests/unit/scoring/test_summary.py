"""The headline table and its page."""

import numpy as np
import pandas as pd
import pytest

from zollstock.scoring.summary import bootstrap_interval, summarise, summary_page

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
        "statistic": "paper_grad",
        "score": scores,
        "p_value": 0.5,
        "direction": 0.0,
        "flips": 0,
    }
    return pd.DataFrame(base | columns)


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
    return summarise(table, PROPERTIES, alpha=0.05, seed=0)


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


def test_interval_has_the_textbook_width_and_follows_its_seed():
    values = np.random.default_rng(0).normal(5, 2, 400)
    low, high = bootstrap_interval(values, "fur", "A")
    half = 1.96 * values.std() / np.sqrt(len(values))
    np.testing.assert_allclose([low, high], [values.mean() - half, values.mean() + half], atol=0.02)
    assert bootstrap_interval(values, "fur", "A") == (low, high)
    assert bootstrap_interval(values, "fur", "B") != (low, high)
    narrow = bootstrap_interval(values, "fur", "A", level=0.5)
    assert low < narrow[0] < narrow[1] < high


def test_one_image_has_no_interval():
    assert np.isnan(bootstrap_interval(np.array([1.0]), 0)).all()
    summary = summarise(rows("fur", "A", [0.3]), PROPERTIES, 0.05, 0)
    assert np.isnan(summary[["low", "high"]].to_numpy()).all()
    page = summary_page(summary, "study")
    assert "nan" not in page
    assert "<td>0.30000</td>\n<td>–</td>" in page


def test_where_nothing_moves_the_page_says_so_without_nan():
    table = pd.concat([rows("fur", model, [0.0] * 3) for model in "AB"])
    summary = summarise(table, PROPERTIES, 0.05, 0)
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
    summary = summarise(with_failures(), PROPERTIES, 0.05, 0)
    assert summary["images"].tolist() == [4, 4, 4]
    assert summary["failed"].tolist() == [2, 4, 0]
    first = summary.iloc[0]
    assert first["score"] == pytest.approx(0.3)
    assert 0.2 <= first["low"] < 0.3 < first["high"] <= 0.4
    assert (first["significant"], first["direction"], first["flipped"]) == (0.5, 0.5, 0.5)
    assert (first["times_lowest"], first["share_of_highest"]) == (1, 1)
    numbers = summary.columns[summary.columns.get_loc("score") :]
    assert summary.loc[1, numbers].isna().all()
    assert summary["share_of_highest"].iloc[2] == pytest.approx(1 / 3)


def test_failures_do_not_move_the_interval_of_the_others():
    scores = [0.2, 0.4, 0.4, 0.6]
    whole = summarise(rows("fur", "A", scores), PROPERTIES, 0.05, 0)
    more = pd.concat([rows("fur", "A", scores), rows("fur", "A", [np.nan] * 3)])
    found = summarise(more, PROPERTIES, 0.05, 0)
    for column in ("score", "low", "high", "significant", "flipped"):
        assert found[column].iloc[0] == whole[column].iloc[0]


def test_page_counts_failures_only_where_there_are_some(summary):
    page = summary_page(summarise(with_failures(), PROPERTIES, 0.05, 0), "study")
    assert "<td>4 (2 failed)</td>" in page
    assert "<td>4 (4 failed)</td>\n<td>–</td>" in page
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
    assert "<script>" not in page
    assert "<b>Noise</b>" not in page
    assert page.count("&lt;b&gt;Noise&lt;/b&gt; &amp; dust (placebo)") == 1
    assert "my &lt;study&gt;: headline" in page
    assert page.count(">Fur<") == 1
    assert "Fur (placebo)" not in page
    assert page.count("placebo'") + page.count('placebo">') == 2
    assert "http" not in page


def test_page_shows_the_numbers_and_explains_the_statistic(summary):
    page = summary_page(summary, "study")
    for text in ("0.40000", "4.0", "100.0 %", "25.0 %", "+0.500", "50 %"):
        assert text in page
    assert "mean absolute change of the followed probability per step" in page
    assert "other_thing" in summary_page(summary.assign(statistic="other_thing"), "study")
