"""The score table."""

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.inference.predictions import Predictions
from zollstock.scoring.table import followed_class, followed_series, score_predictions

STEPS = 11
LABELS = {"a": "cat", "b": "dog"}


@pytest.fixture
def predictions():
    """Image a goes from certainly cat to certainly dog; image b stays dog at 0.7."""
    ramp = np.linspace(0, 1, STEPS)
    probabilities = np.zeros((2, STEPS, 3), np.float32)
    probabilities[0] = np.stack([1 - ramp, ramp, 0 * ramp], axis=1)
    probabilities[1] = [0.2, 0.7, 0.1]
    unedited = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1]], np.float32)
    return Predictions(
        ["a", "b"],
        ("cat", "dog", "cow"),
        np.tile(ramp, (2, 1)),
        np.log(probabilities + 1e-9),
        probabilities,
        np.log(unedited + 1e-9),
        unedited,
    )


@pytest.mark.parametrize(
    ("output", "expected"),
    [("predicted", [0, 1]), ("cow", [2, 2]), ("cat", [0, 0]), (1, [1, 1]), (0, [0, 0])],
)
def test_class_is_followed_by_prediction_name_or_index(predictions, output, expected):
    assert followed_class(predictions, output).tolist() == expected
    series = followed_series(predictions, output)
    assert series.dtype == np.float64
    for row, index in enumerate(expected):
        np.testing.assert_array_equal(series[row], predictions.probabilities[row, :, index])


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("bird", "is 'bird'; expected 'predicted' or one of cat, dog, cow"),
        (3, "is class index 3; expected an index from 0 to 2"),
        (-1, "is class index -1"),
    ],
)
def test_a_class_that_the_model_lacks_is_refused(predictions, output, message):
    with pytest.raises(ZollstockError, match=message):
        followed_class(predictions, output)


def score(predictions, **changes):
    options = dict(
        labels=LABELS, statistics=["paper_grad"], output="predicted", permutations=99, seed=0
    )
    return score_predictions(predictions, **options | changes)


def test_a_ramp_scores_its_slope_and_a_constant_nothing(predictions):
    ramp, constant = score(predictions).to_dict("records")
    assert ramp["score"] == pytest.approx(1 / (STEPS - 1), abs=1e-7)
    assert ramp["p_value"] == 1 / 100
    assert ramp["direction"] == pytest.approx(-1)
    assert ramp["z"] < -2
    assert (constant["score"], constant["p_value"], constant["z"]) == (0, 1, 0)
    assert (ramp["label"], ramp["output"]) == ("cat", "cat")
    assert (constant["label"], constant["output"]) == ("dog", "dog")


def test_flips_and_range_of_the_probability(predictions):
    table = score(predictions)
    assert table["flips"].tolist() == [1, 0]
    np.testing.assert_allclose(table["probability_unedited"], [0.9, 0.7], atol=1e-7)
    np.testing.assert_allclose(table["probability_min"], [0, 0.7], atol=1e-7)
    np.testing.assert_allclose(table["probability_max"], [1, 0.7], atol=1e-7)


def test_followed_class_decides_the_direction_not_the_flips(predictions):
    table = score(predictions, output="dog")
    assert table["direction"].iloc[0] == pytest.approx(1)
    assert table["flips"].tolist() == [1, 0]
    assert table["output"].tolist() == ["dog", "dog"]


def test_rows_are_statistics_by_images(predictions):
    table = score(predictions, statistics=["corr", "paper_grad", "mi"])
    assert table["statistic"].tolist() == ["corr"] * 2 + ["paper_grad"] * 2 + ["mi"] * 2
    assert table["image"].tolist() == ["a", "b"] * 3
    assert table["score"].iloc[0] == pytest.approx(-1)
    assert (table["permutations"] == 99).all()
    assert list(table.columns) == [
        *("image", "label", "output", "statistic", "score", "p_value", "p_paper", "z"),
        *("null_mean", "null_std", "permutations", "direction", "flips"),
        *("probability_unedited", "probability_min", "probability_max"),
    ]
