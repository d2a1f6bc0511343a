"""The score table."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from zollstock.errors import ZollstockError
from zollstock.inference.predictions import Predictions
from zollstock.scoring.follow import follow, followed_class
from zollstock.scoring.table import (
    check_period,
    effects_of_classes,
    score_predictions,
    with_flags,
)

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
    series = follow([predictions], output).series
    assert series.dtype == np.float64
    for row, index in enumerate(expected):
        np.testing.assert_array_equal(series[row], predictions.probabilities[row, :, index])


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (
            "bird",
            "is 'bird', which the model does not know; expected 'predicted'.* Known: cat, dog",
        ),
        (3, "is class index 3, but the model has 3 classes; expected an index from 0 to 2"),
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
        *("image", "replicate", "label", "output", "statistic", "score", "p_value", "p_paper"),
        *("z", "null_mean", "null_std", "permutations", "steps", "gradient"),
        *("direction", "range", "tv_ratio", "vector", "log_odds", "flips"),
        *("probability_unedited", "probability_min", "probability_max"),
    ]


ALL = ["paper_grad", "epgm", "corr", "mi"]
NUMBERS = ["score", "p_value", "p_paper", "z", "null_mean", "null_std"]
RANGE = ["direction", "probability_min", "probability_max"]
FAILED = [2, 9]
USED = [12, 12, 0, 7, 12, 3, 2, 1, 7, 0]


@pytest.fixture
def ragged():
    """Ten images with as many used steps as `USED` says, at uneven places; two have failed."""
    rng = np.random.default_rng(4)
    count, steps = len(USED), max(USED)
    axis = np.cumsum(rng.random((count, steps)) + 0.01, axis=1)
    axis[1] *= -1
    logits = rng.normal(size=(count, steps, 3)).astype(np.float32)
    unedited = rng.normal(size=(count, 3)).astype(np.float32)
    for row, used in enumerate(USED):
        axis[row, used:] = np.nan
        logits[row, used:] = np.nan
    unedited[FAILED] = np.nan

    def softmax(values):
        return np.exp(values) / np.exp(values).sum(axis=-1, keepdims=True)

    names = [f"i{row}" for row in range(count)]
    return Predictions(
        *(names, ("cat", "dog", "cow"), axis),
        *(logits, softmax(logits), unedited, softmax(unedited)),
    )


def one_by_one(predictions, row, used):
    """Return the predictions of one image, cut to its used steps."""
    return Predictions(
        *([predictions.images[row]], predictions.classes),
        predictions.axis[[row], :used],
        predictions.logits[[row], :used],
        predictions.probabilities[[row], :used],
        predictions.unedited_logits[[row]],
        predictions.unedited_probabilities[[row]],
    )


def score_ragged(predictions, **changes):
    labels = dict.fromkeys(predictions.images, "cat")
    return score(predictions, labels=labels, statistics=ALL, **changes)


@pytest.mark.parametrize("output", ["predicted", "dog"])
def test_short_paths_score_as_if_they_were_alone(ragged, output):
    table = score_ragged(ragged, output=output)
    assert table["steps"].tolist() == USED * len(ALL)
    for row, used in enumerate(USED):
        if used < 2:
            continue  # alone, a path this short is an error
        alone = score_ragged(one_by_one(ragged, row, used), output=output)
        together = table[table["image"] == f"i{row}"].reset_index(drop=True)
        pd.testing.assert_frame_equal(together, alone, check_exact=True)


def test_short_paths_have_a_score_where_the_statistic_is_defined(ragged):
    table = score_ragged(ragged).set_index(["statistic", "image"])
    for name in ALL:
        fewest = 6 if name == "mi" else 2
        for column in NUMBERS:
            expected = [used >= fewest for used in USED]
            assert table.loc[name, column].notna().tolist() == expected, (name, column)


def test_failed_paths_keep_their_rows_without_a_number(ragged):
    failed = score_ragged(ragged).query("image in ['i2', 'i9']")
    assert len(failed) == 2 * len(ALL)
    assert (failed["steps"] == 0).all()
    for column in [*NUMBERS, *RANGE, "flips", "probability_unedited", "output"]:
        assert failed[column].isna().all(), column
    assert followed_class(ragged, "predicted")[FAILED].tolist() == [-1, -1]
    named = score_ragged(ragged, output="dog").query("image in ['i2', 'i9']")
    assert (named["output"] == "dog").all()
    assert named["score"].isna().all()


def one_part(predictions, rows):
    """Some of the paths."""
    return Predictions(
        *([predictions.images[row] for row in rows], predictions.classes, predictions.axis[rows]),
        *(predictions.logits[rows], predictions.probabilities[rows]),
        *(predictions.unedited_logits[rows], predictions.unedited_probabilities[rows]),
    )


def test_failed_paths_change_nothing_for_the_others(ragged):
    rest = [row for row in range(len(USED)) if row not in FAILED]
    without = one_part(ragged, rest)
    table = score_ragged(ragged)
    kept = table[~table["image"].isin(["i2", "i9"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, score_ragged(without), check_exact=True)


def test_paths_in_parts_have_the_scores_of_all_at_once(ragged):
    parts = [one_part(ragged, rows) for rows in ([0, 1], FAILED, [3], [4, 5, 6, 7, 8])]
    tables = [score_ragged(part) for part in parts]
    together = pd.concat(tables).sort_values(["statistic", "image"], ignore_index=True)
    rows = [row for part in parts for row in part.images]
    whole = score_ragged(ragged)
    whole = whole[whole["image"].isin(rows)].sort_values(["statistic", "image"], ignore_index=True)
    pd.testing.assert_frame_equal(together, whole, check_exact=True, check_dtype=False)


def test_range_and_flips_are_those_of_the_used_steps(ragged):
    table = score_ragged(ragged, output="dog").iloc[: len(USED)]
    for row, used in enumerate(USED):
        if used:
            p = ragged.probabilities[row, :used].astype(np.float64)
            found = table.iloc[row]
            assert found["probability_min"] == p[:, 1].min()
            assert found["probability_max"] == p[:, 1].max()
            assert found["flips"] == np.count_nonzero(np.diff(p.argmax(axis=1)))
            if used > 1:
                assert found["direction"] == p[-1, 1] - p[0, 1]


def test_a_study_where_every_path_failed_has_a_table(ragged):
    for array in (ragged.axis, ragged.probabilities, ragged.unedited_probabilities):
        array[:] = np.nan
    table = score_ragged(ragged)
    assert len(table) == len(USED) * len(ALL)
    assert table[NUMBERS].isna().all(axis=None)


def test_used_step_without_a_probability_leaves_the_path_without_a_score(predictions):
    predictions.probabilities[1, 4] = np.nan
    ramp, broken = score(predictions).to_dict("records")
    assert np.isfinite(ramp["score"])
    assert np.isnan([broken[column] for column in [*NUMBERS, *RANGE]]).all()
    assert (broken["steps"], broken["flips"], broken["output"]) == (STEPS, 0, "dog")


def test_an_axis_that_turns_is_named(predictions):
    predictions.axis[1, 3] = 2
    with pytest.raises(ZollstockError, match="axis of image 'b': neither rises nor falls"):
        score(predictions)


def test_too_short_for_the_headline_is_an_error_only_if_all_are(predictions, ragged):
    short = one_by_one(ragged, 5, 3)
    with pytest.raises(ZollstockError, match="3 step"):
        score(short, labels={"i5": "cat"}, statistics=["mi"])
    table = score_ragged(short)
    assert table["score"].notna().tolist() == [True, True, True, False]


def test_an_unedited_image_without_a_prediction_has_no_class_to_follow(predictions):
    predictions.unedited_probabilities[1] = np.nan
    assert followed_class(predictions, "predicted").tolist() == [0, -1]
    assert np.isnan(follow([predictions], "predicted").series[1]).all()
    ramp, broken = score(predictions).to_dict("records")
    assert np.isfinite(ramp["score"])
    assert np.isnan(broken["score"])
    assert np.isfinite(score(predictions, output="dog")["score"]).all()


def test_draws_of_an_image_are_its_replicates(predictions):
    both = replace(predictions, images=["a", "a"], draws=[0, 3])
    table = score_predictions(
        both, labels=LABELS, statistics=["epgm"], output="dog", permutations=19, seed=0
    )
    assert table["image"].tolist() == ["a", "a"]
    assert table["replicate"].tolist() == [0, 3]
    assert table["label"].tolist() == ["cat", "cat"]
    flags = pd.DataFrame({"image": ["a", "a"], "replicate": [3, 0], "flags": ["flat", ""]})
    flagged = with_flags(table.assign(property="fur"), {"fur": flags})
    assert flagged["flags"].tolist() == ["", "flat"]
    with pytest.raises(ZollstockError, match=r"ledger of fur: has no verdict on a, replicate 0"):
        with_flags(table.assign(property="fur"), {"fur": flags[:1]})


def test_margin_follows_the_logit_of_the_predicted_class(predictions):
    series = follow([predictions], "margin").series
    logits = predictions.logits.astype(float)
    np.testing.assert_allclose(series[0], logits[0, :, 0] - logits[0, :, 1:].max(axis=1))
    np.testing.assert_allclose(series[1], logits[1, :, 1] - logits[1, :, [0, 2]].max(axis=0))


def test_effects_of_the_whole_path_are_in_the_table(predictions):
    row = score_predictions(
        predictions, labels=LABELS, statistics=["epgm"], output="dog", permutations=19, seed=0
    ).iloc[0]
    assert (row["gradient"], row["range"], row["tv_ratio"]) == pytest.approx((1, 1, 1))
    assert row["vector"] == pytest.approx(np.sqrt(2))
    assert row["log_odds"] == pytest.approx(2 * np.log(29))  # of 3 classes, clipped at 1/30
    # What paper_grad and the rest are taken from has the same effect.
    paper = score(predictions, output="dog", statistics=["paper_grad"]).iloc[0]
    assert (paper["gradient"], paper["log_odds"]) == (row["gradient"], row["log_odds"])


def test_a_class_that_is_chosen_once_holds_for_every_path(predictions):
    """The picture itself is a dog; each path's own first frame is not asked."""
    table = score(predictions, owners={"a": 1, "b": 1})
    assert table["output"].tolist() == ["dog", "dog"]
    assert table["direction"].iloc[0] == pytest.approx(1)
    np.testing.assert_allclose(table["probability_unedited"], [0.1, 0.7], atol=1e-7)
    assert table["log_odds"].iloc[0] == pytest.approx(2 * np.log(29))
    # A picture without a prediction has no class.
    assert score(predictions, owners={"a": 1})["output"].fillna("none").tolist() == ["dog", "none"]


@pytest.mark.parametrize("output", ["dog", "margin", "vector"])
def test_the_unedited_picture_has_the_number_of_the_frames(predictions, output):
    followed = follow([predictions], output)
    same = replace(
        predictions,
        logits=predictions.unedited_logits[:, None],
        probabilities=predictions.unedited_probabilities[:, None],
        axis=predictions.axis[:, :1],
    )
    np.testing.assert_allclose(followed.unedited, follow([same], output).series[:, 0])


@pytest.mark.parametrize("statistics", [["epgm", "paper_grad"], ["corr", "epgm"]])
def test_all_classes_of_a_model_with_two_are_one_class(statistics):
    rng = np.random.default_rng(5)
    p = rng.random((4, 20)).astype(np.float32)
    p[2] = 0.5
    axis = np.cumsum(rng.random((4, 20)) + 0.1, axis=1)
    axis[3], p[3] = np.nan, np.nan
    probabilities = np.stack([p, 1 - p], axis=2)
    unedited = probabilities[:, 0].copy()
    two = Predictions(
        ["a", "b", "c", "d"],
        ("cat", "dog"),
        axis,
        np.log(probabilities),
        probabilities,
        np.log(unedited),
        unedited,
    )
    labels = dict.fromkeys("abcd", "cat")
    one, all_classes = (
        score(two, output=output, labels=labels, statistics=statistics)
        for output in ("predicted", "vector")
    )
    assert all_classes["output"].fillna("").tolist() == ["vector", "vector", "vector", ""] * 2
    same = one["statistic"].isin(["epgm", "paper_grad"])
    for column in [*NUMBERS, "gradient", "tv_ratio", "vector", "log_odds"]:
        np.testing.assert_allclose(
            all_classes.loc[same, column], one.loc[same, column], rtol=1e-5, atol=1e-7
        )
    np.testing.assert_allclose(all_classes["direction"], one["direction"].abs(), atol=1e-6)
    assert (all_classes["probability_min"].dropna() == 0).all()


def test_all_classes_of_failed_and_short_paths(ragged):
    table = score(ragged, output="vector", labels=dict.fromkeys(ragged.images, "x"))
    effects = effects_of_classes(ragged)
    for row, used in enumerate(USED):
        assert np.isnan(effects.gradient[row]).all() == (used < 2)
        assert np.isnan(table["score"].iloc[row]) == (used < 2)
        if used >= 2:
            assert table["gradient"].iloc[row] == pytest.approx(effects.gradient[row].sum() / 2)


def test_a_closed_axis_has_no_direction_and_everything_else_stays(predictions):
    both = [score(predictions, statistics=["epgm"], closed=closed) for closed in (False, True)]
    opened, closed = both
    signed = ["direction", "tv_ratio"]
    assert opened.loc[0, signed].tolist() == pytest.approx([-1, 1])
    assert closed[signed].isna().all(axis=None)
    rest = [name for name in opened if name not in signed]
    pd.testing.assert_frame_equal(opened[rest], closed[rest])


def test_with_all_classes_no_class_of_a_closed_axis_has_a_sign(predictions):
    effects = effects_of_classes(predictions, closed=True)
    assert np.isnan(effects.signed).all() and np.isfinite(effects.gradient).all()
    table = score(predictions, output="vector", closed=True)
    assert table[["direction", "tv_ratio"]].isna().all(axis=None)
    assert table["gradient"].notna().all()


def test_the_score_counts_the_frames_there_are_so_a_repeated_first_one_closes_it(predictions):
    """The way back that no frame shows is no part of epgm; a frame at its end makes it one."""
    way = score(predictions, statistics=["epgm"], closed=True).loc[0, "score"]
    assert way == pytest.approx(1)
    round_ = replace(
        predictions,
        axis=np.tile(np.linspace(0, 360, STEPS + 1), (2, 1)),
        probabilities=predictions.probabilities[:, [*range(STEPS), 0]],
        logits=predictions.logits[:, [*range(STEPS), 0]],
    )
    assert score(round_, statistics=["epgm"], closed=True).loc[0, "score"] == pytest.approx(2)


def test_an_axis_that_goes_round_more_than_once_is_named(predictions):
    angles = replace(predictions, axis=np.array([np.arange(STEPS), 40.0 * np.arange(STEPS)]))
    check_period(angles, 400, "properties.angle")
    with pytest.raises(ZollstockError, match=r"angle: has the period 360, but .* 'b' runs .* 400"):
        check_period(angles, 360, "properties.angle")
    failed = replace(predictions, axis=np.full_like(predictions.axis, np.nan))
    check_period(failed, 360, "properties.angle")
