"""Edits beside exact interventions: points, ranks, and tables with holes in them."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from zollstock.figures.comparison import draw_comparison
from zollstock.figures.style import model_looks
from zollstock.ranks import spearman

from .conftest import drawn, words

MODELS = ["unbiased", "dark_cats"]
LOOKS = model_looks(MODELS, "petroff10")
TITLES = {"fur": "fur", "fur_edited": "fur, edited", "room": "room", "room_edited": "room, edited"}
PAIRS = [("fur", "fur_edited"), ("room", "room_edited")]


def scores(edited=lambda score: 0.8 * score, images=6, flagged=()):
    rows = []
    for exact, other in PAIRS:
        for place, model in enumerate(MODELS):
            for number in range(images):
                score = (place + 0.1 * number + 0.05) * (1 if exact == "fur" else 0.1)
                for name, value in ((exact, score), (other, edited(score))):
                    flag = "entangled" if number in flagged and name == other else ""
                    row = {"property": name, "model": model, "image": str(number), "flags": flag}
                    rows += [
                        row | {"statistic": "epgm", "score": value},
                        row | {"statistic": "corr", "score": -1.0},
                    ]
    return pd.DataFrame(rows)


def comparison(table, pairs=PAIRS):
    return draw_comparison(table, pairs, LOOKS, titles=TITLES, statistic="epgm")


def points(axes):
    return [line for line in axes.lines if line.get_linestyle() == "None"]


def test_comparison_has_a_panel_per_pair_with_its_rank_correlation(tmp_path):
    figure = drawn(comparison(scores()), tmp_path)
    assert [axes.get_title() for axes in figure.axes] == ["Spearman 1.00 (12 points)"] * 2
    assert "over all panels Spearman 1.00 (24 points)" in words(figure).replace("\n", " ")
    first = figure.axes[0]
    assert (first.get_xlabel(), first.get_ylabel()) == ("exact: fur", "edited: fur, edited")
    assert first.get_xlim() == first.get_ylim()
    x = np.concatenate([line.get_xdata() for line in points(first)])
    y = np.concatenate([line.get_ydata() for line in points(first)])
    np.testing.assert_allclose(y, 0.8 * x)
    assert {line.get_color() for line in points(first)} == {
        look["color"] for look in LOOKS.values()
    }
    diagonal = first.lines[0]
    np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())


def test_one_pair_has_no_correlation_over_all_panels():
    figure = comparison(scores(lambda score: -score), PAIRS[:1])
    assert "Spearman −1.00 (12 points)" in words(figure)
    assert "over all" not in words(figure)


def test_flagged_edits_are_hollow():
    figure = comparison(scores(flagged=(1, 4)))
    hollow = [line for line in points(figure.axes[0]) if line.get_markerfacecolor() == "none"]
    assert [len(line.get_xdata()) for line in hollow] == [2, 2]
    assert "hollow" in words(figure)


def test_missing_scores_are_left_out_and_counted(tmp_path):
    table = scores()
    table.loc[(table["property"] == "fur_edited") & (table["image"] == "0"), "score"] = np.nan
    figure = drawn(comparison(table), tmp_path)
    assert "Spearman 1.00 (10 points)" in words(figure)
    assert "2 left out, without a score" in words(figure).replace("\n", " ")
    assert "nan" not in words(figure)
    table["score"] = np.nan
    table["flags"] = np.nan
    figure = drawn(comparison(table), tmp_path)
    assert "Spearman – (0 points)" in words(figure)


def test_many_pairs_and_one_image(tmp_path):
    figure = drawn(comparison(scores(images=1), PAIRS * 2), tmp_path)
    assert sum(axes.axison for axes in figure.axes) == 4
    assert words(figure).count("Spearman – (2 points)") >= 1


def test_spearman_takes_mean_ranks_for_ties():
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 5, (2, 40))
    assert spearman(one, other) == pytest.approx(scipy.stats.spearmanr(one, other)[0])
    assert np.isnan(spearman([1, 1, 1], [1, 2, 3]))
    assert np.isnan(spearman([1, 2], [1, 2]))
    assert np.isnan(spearman([], []))
