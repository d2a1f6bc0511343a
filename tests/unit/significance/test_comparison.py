"""The comparison with placebos, image by image."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from zollstock.inference.predictions import Predictions
from zollstock.profiles import Point, profile_of
from zollstock.scoring.follow import follow
from zollstock.scoring.jitter import corrected_gradient, replicated_gradient
from zollstock.scoring.table import score_predictions
from zollstock.significance.comparison import compare_study, compare_with_placebos
from zollstock.significance.multiplicity import combine_images
from zollstock.significance.stopping import EarlyStop, Hypothesis
from zollstock.significance.table import join_flags, table_of_tests
from zollstock.significance.targets import followed_of, hypotheses, moved_by

K = 19
LABELS = {"a": "cat", "b": "dog"}
SIZES = np.array([0.0, 0.1, 0.2])
PROFILE = profile_of(SIZES, 3)


def predictions(names, dog, draws=None):
    """Predictions whose P(dog) along each path is given, (N, S)."""
    dog = np.asarray(dog, np.float32)
    probabilities = np.stack([1 - dog, dog], axis=2)
    axis = np.where(np.isfinite(dog), np.arange(dog.shape[1], dtype=float), np.nan)
    logits = np.log(probabilities + 1e-6)
    return Predictions(
        list(names),
        ("cat", "dog"),
        axis,
        logits,
        probabilities,
        logits[:, 0],
        probabilities[:, 0],
        draws=list(draws or []),
    )


@pytest.fixture
def target():
    """Image a moves by 0.5, image b by 0.1."""
    return predictions("ab", [[0.1, 0.3, 0.6], [0.8, 0.85, 0.9]])


@pytest.fixture
def placebos():
    """Placebo k of a moves by k/100, of b by k/50, both evenly with their size."""
    names, draws, dog = [], [], []
    for image, unit in (("a", 0.01), ("b", 0.02)):
        for k in range(1, K + 1):
            names.append(image)
            draws.append(k)
            dog.append(0.2 + unit * k * np.array([0, 0.5, 1]))
    return predictions(names, dog, draws)


def run(target, placebos, *, output="dog", **changes):
    target = follow([target], output, compared=3)
    names = zip(placebos.images, placebos.draws, strict=True) if placebos else []
    settings = dict(
        profiles={"a": PROFILE, "b": PROFILE},
        changes={name: SIZES for name in names},
        labels=LABELS,
        statistic="net",
        steps=3,
        tolerance=0.2,
        number=K,
        stop_after=None,
    )
    if placebos:
        placebos = follow([placebos], output, followed_of(target), compared=3)
    return compare_with_placebos(target, placebos, **settings | changes).set_index("image")


def test_p_counts_placebos_that_move_it_as_far(target, placebos):
    found = run(target, placebos)
    # Of a's placebos none reaches 0.5; of b's those with k ≥ 5 reach 0.1.
    assert found["p"].tolist() == pytest.approx([1 / 20, 16 / 20])
    assert found["placebos"].tolist() == found["used"].tolist() == [K, K]
    assert found["resolution"].tolist() == [1 / 20] * 2
    assert found["value"].tolist() == pytest.approx([0.5, 0.1])


def test_counts_are_counted_and_never_read_off_p(target, placebos):
    found = run(target, placebos)
    assert found["larger"].tolist() == [0, 15]
    assert found["untested"].tolist() == ["", ""]
    # A tie counts as at least as large.
    tied = predictions("ab", [0.2 + 0.01 * K * np.array([0, 0.5, 1]), [0.2, 0.2, 0.2]])
    assert run(tied, placebos).loc["a", "larger"] == 1


@pytest.mark.parametrize("factor", [5.5, 1.5, 0.55, 0.26])
def test_placebos_of_another_size_are_no_test(target, placebos, factor):
    """Larger ones rejected too often under jitter, smaller ones favour the edit."""
    names = zip(placebos.images, placebos.draws, strict=True)
    found = run(target, placebos, changes={name: factor * SIZES for name in names})
    assert found["p"].isna().all()
    assert found["untested"].tolist() == ["unmatched"] * 2
    assert found["unmatched"].tolist() == [K, K]


@pytest.mark.parametrize("factor", [0.0, 0.5, 0.7, 1.5, 3.0])
def test_of_an_edit_of_less_than_a_grey_level_placebos_are_as_small(target, placebos, factor):
    """Else a small patch is compared with placebos that change nothing, and always found."""
    small = SIZES / 200
    found = run(
        target,
        placebos,
        profiles=dict.fromkeys("ab", profile_of(small, 3)),
        changes={
            name: factor * small for name in zip(placebos.images, placebos.draws, strict=True)
        },
    )
    assert found["untested"].tolist() == ["unmatched"] * 2


def test_a_profile_counts_at_every_frame_and_not_at_the_last_alone(target, placebos):
    names = list(zip(placebos.images, placebos.draws, strict=True))
    changes = {name: SIZES for name in names} | {("a", 1): np.array([0.0, 0.02, 0.2])}
    found = run(target, placebos, changes=changes)
    assert found["placebos"].tolist() == [K - 1, K]
    assert found["unmatched"].tolist() == [1, 0]


def test_sizes_within_the_tolerance_match_and_the_share_is_told(target, placebos):
    names = zip(placebos.images, placebos.draws, strict=True)
    found = run(target, placebos, changes={name: 1.1 * SIZES for name in names})
    assert found["match"].tolist() == pytest.approx([1.1, 1.1])
    assert found["p"].notna().all()


def test_why_a_row_has_no_p_is_told_apart(target, placebos):
    missing = {(name, draw) for name in "ab" for draw in range(1, K + 1)}
    failed = run(target, placebos, changes={}, unmatched={("a", k) for k in range(1, K + 1)})
    assert failed["untested"].tolist() == ["unmatched", "no placebos"]
    assert run(target, placebos, changes={}, unmatched=missing)["unmatched"].tolist() == [K, K]


def test_order_of_draws_and_images_does_not_matter(target, placebos):
    order = np.random.default_rng(0).permutation(2 * K)
    turned = predictions(
        [placebos.images[row] for row in order],
        placebos.probabilities[order, :, 1],
        [placebos.draws[row] for row in order],
    )
    pd.testing.assert_frame_equal(run(target, placebos), run(target, turned))


def test_one_image_alone_has_the_same_p(target, placebos):
    alone = predictions("b", target.probabilities[1:, :, 1])
    assert run(alone, placebos).loc["b", "p"] == run(target, placebos).loc["b", "p"]


def test_early_stopping_takes_the_first_draws_only(target, placebos):
    found = run(target, placebos, stop_after=2)
    # b: draws 5 and 6 are the first two to reach it.
    assert found.loc["b", "used"] == 6
    assert found.loc["b", "p"] == pytest.approx(2 / 6)
    assert found.loc["a", "p"] == pytest.approx(1 / 20)
    assert found["larger"].tolist() == [0, 2]
    assert found["resolution"].tolist() == [1 / 20] * 2


def test_without_placebos_nothing_is_tested(target):
    found = run(target, None)
    assert found[["p", "resolution", "match", "placebo_high"]].isna().all(axis=None)
    assert found["value"].notna().all()
    assert found["placebos"].tolist() == [0, 0]
    assert found["untested"].tolist() == ["no placebos"] * 2


def test_failed_paths_and_failed_draws_stay_without_numbers(target, placebos):
    dog = target.probabilities[:, :, 1].copy()
    dog[0] = np.nan
    draws = placebos.probabilities[:, :, 1].copy()
    draws[-1] = np.nan
    found = run(predictions("ab", dog), predictions(placebos.images, draws, placebos.draws))
    assert np.isnan(found.loc["a", "p"])
    assert found.loc["b", "placebos"] == K - 1


def test_a_known_effect_is_not_denied_because_it_is_small():
    """An edit that raises a rare class in every picture beyond all placebos, by .0008 to .0082."""
    rng = np.random.default_rng(7)
    names = [f"i{n}" for n in range(12)]
    rise = np.linspace(0.0008, 0.0082, 12)[:, None] * np.array([0, 0.5, 1])
    target = predictions(names, 1e-4 + rise)
    drawn = [name for name in names for _ in range(K)]
    still = 1e-4 + 7.6e-5 * rng.uniform(0, 1, (12 * K, 1)) * np.array([0, 0.5, 1])
    placebos = predictions(drawn, still, list(range(1, K + 1)) * 12)
    found = run(
        target,
        placebos,
        profiles=dict.fromkeys(names, PROFILE),
        labels=dict.fromkeys(names, "x"),
        statistic="range",
    )
    assert (found["larger"] == 0).all()
    assert found["p"].tolist() == pytest.approx([1 / 20] * 12)
    assert combine_images(found["p"].to_numpy()) < 1e-4


def test_the_targets_class_is_followed_in_its_placebos(target, placebos):
    """Image a is a cat to the model, b a dog; placebos all start as cats."""
    found = run(target, placebos, output="predicted")
    assert followed_of(follow([target], "predicted")) == {"a": 0, "b": 1}
    assert found.loc["b", "p"] == pytest.approx(16 / 20)


def test_replicates_are_averaged_and_tested_over_seeds():
    rng = np.random.default_rng(3)
    rising = 0.2 + np.linspace(0, 0.5, 9) + rng.normal(0, 0.01, (8, 9))
    target = predictions("a" * 8, rising, range(8))
    found = run(target, None)
    assert found["p_seeds"].tolist() == pytest.approx([2 / 2**8])
    assert moved_by(follow([target], "dog"), "net", 9)["a"] == pytest.approx(
        np.abs(rising[:, -1] - rising[:, 0]).mean(), abs=1e-6
    )


def test_replicates_share_a_size_and_failed_ones_are_left_out():
    rng = np.random.default_rng(4)
    rising = 0.2 + np.linspace(0, 0.5, 40) + rng.normal(0, 0.02, (3, 40))
    rising[1] = np.nan
    target = predictions("aaab", [*rising, np.linspace(0, 1, 40)], [0, 1, 2, 0])
    found = run(target, None)
    expected = replicated_gradient(target.probabilities[[0, 2], :, 1])
    assert found.loc["a", "shared"] == pytest.approx(expected) == pytest.approx(0.5, abs=0.06)
    assert np.isnan(found.loc["b", "shared"])  # of one path nothing is shared
    assert found.loc["a", "jitter"] == pytest.approx(0.02, rel=0.25)
    assert np.isnan(found.loc["b", "jitter"])


def test_all_classes_are_compared_by_the_largest_distance_of_two_frames(target, placebos):
    """With two classes it is what the followed class changed by."""
    one = run(target, placebos, statistic="range")
    both = run(target, placebos, output="vector", statistic="range")
    for column in ("value", "p", "placebo_median", "placebo_high"):
        np.testing.assert_allclose(both[column], one[column], atol=1e-6)
    names = ("cat", "dog", "cow")
    p = np.array([[[0.5, 0.3, 0.2], [0.5, 0.1, 0.4], [0.2, 0.3, 0.5]]], np.float32)
    three = Predictions(["a"], names, np.arange(3.0)[None], np.log(p), p, np.log(p[:, 0]), p[:, 0])
    found = run(three, None, output="vector", statistic="range")
    assert found.loc["a", "value"] == pytest.approx(0.3)


def seen_from(part, step):
    """Return predictions whose picture is another of their frames."""
    at = {
        "unedited_logits": part.logits[:, step],
        "unedited_probabilities": part.probabilities[:, step],
    }
    return replace(part, **at)


def test_movement_to_both_sides_of_the_picture_adds_up(placebos):
    """From .3 over the picture at .5 to .7: no frame is further than .2 from it, but two are .4."""
    target = seen_from(predictions("ab", [[0.3, 0.5, 0.7]] * 2), 1)
    placebos = seen_from(placebos, 0)
    one = run(target, placebos, statistic="range")
    both = run(target, placebos, output="vector", statistic="range")
    assert both["value"].tolist() == pytest.approx([0.4, 0.4])
    for column in ("value", "p", "placebo_median", "placebo_high"):
        np.testing.assert_allclose(both[column], one[column], atol=1e-6)
    # The curve that is drawn, and what `smooth` sees, stays the distance from the picture.
    assert follow([target], "vector").series[0].tolist() == pytest.approx([0.2, 0, 0.2])
    smooth = run(target, placebos, output="vector", statistic="smooth")
    assert (smooth["value"] < 0.1).all()


def test_distances_have_no_number_where_a_path_has_none(target):
    short = predictions("ab", [[0.1, np.nan, np.nan], [np.nan] * 3])
    found = run(short, None, output="vector", statistic="range")
    assert found["value"].isna().all() and found["p"].isna().all()
    assert follow([target], "vector").widest is None
    assert follow([target], "dog", compared=3).widest is None


def test_distances_of_all_classes_keep_the_level():
    """Walks of three tied classes; which of their frames is the picture makes no difference."""
    count, steps, rng = 1200, 5, np.random.default_rng(7)
    names = [f"i{n}" for n in range(count)]
    walks = rng.normal(0, 0.3, (count, 1 + K, 1 + steps, 3)).cumsum(axis=2)
    drawn = np.exp(walks) / np.exp(walks).sum(axis=3, keepdims=True)

    def part(paths):
        several = [name for name in names for _ in range(*paths.indices(1 + K))]
        p = drawn[:, paths].reshape(-1, 1 + steps, 3).astype(np.float32)
        axis = np.tile(np.arange(float(steps)), (len(p), 1))
        draws = list(range(*paths.indices(1 + K))) * count
        kinds = ("a", "b", "c")
        return Predictions(several, kinds, axis, p[:, 1:], p[:, 1:], p[:, 0], p[:, 0], draws=draws)

    sizes = np.linspace(0.1, 0.2, steps)
    target = follow([part(slice(0, 1))], "vector", compared=steps)
    table = compare_with_placebos(
        target,
        follow([part(slice(1, None))], "vector", followed_of(target), compared=steps),
        profiles={name: [Point(1, size) for size in sizes] for name in names},
        changes={(name, k): sizes for name in names for k in range(1, 1 + K)},
        labels=dict.fromkeys(names, "x"),
        statistic="range",
        steps=steps,
        tolerance=0.2,
        number=K,
        stop_after=None,
        one_class=False,
    )
    assert table["p"].notna().all()
    assert 0.03 < float((table["p"] <= 0.05).mean()) < 0.07


def test_one_class_is_followed_for_all_replicates_and_placebos():
    """Each replicate's own reference is taken for another class; the picture's decides."""
    steps = np.array([0.0, 0.5, 1.0])
    target = predictions("aa", [0.45 + 0.5 * steps, 0.55 + 0.4 * steps], [0, 1])
    owners = {"a": 0}  # the picture itself is a cat
    followed = follow([target], "predicted", owners)
    assert followed.chosen.tolist() == [0, 0]
    assert followed.series[:, -1].tolist() == pytest.approx([0.05, 0.05])
    assert follow([target], "predicted").chosen.tolist() == [0, 1]  # what went wrong


def test_a_study_is_compared_model_by_model(target, placebos):
    asked = []

    def followed(name, model, owners):
        asked.append((name, model, owners))
        return follow([placebos if owners is not None else target], "dog", owners)

    found = compare_study(
        followed,
        models=["m", "n"],
        profiles={"fur": {"a": PROFILE, "b": PROFILE}, "other": {}},
        changes={
            "placebos": dict.fromkeys(zip(placebos.images, placebos.draws, strict=True), SIZES)
        },
        placebos_of={"fur": "placebos"},
        unmatched={"placebos": ()},
        labels=LABELS,
        statistic="net",
        steps=3,
        tolerance=0.2,
        number=K,
        stop_after=None,
    )
    keys = found[["model", "property"]].drop_duplicates()
    assert keys.to_numpy().tolist() == [[m, p] for m in "mn" for p in ("fur", "other")]
    assert found.loc[found["property"] == "fur", "p"].notna().all()
    assert found.loc[found["property"] == "other", "p"].isna().all()
    assert ("placebos", "n", {"a": 1, "b": 1}) in asked and len(asked) == 6


def test_stopping_asks_until_every_hypothesis_was_reached():
    hypothesis = {"a": [Hypothesis(0.1, 0), Hypothesis(0.3, 1)], "b": []}
    moves = iter([[0.2, 0.1], [0.05, 0.4], [0.2, 0.3]])

    def measure(frames):
        return np.array([0, 0.5, 1, 0])[:, None] * np.array(next(moves))

    stop = EarlyStop(hypothesis, measure, stop_after=2, statistic="net")
    frames = np.zeros((3, 2, 2, 3), np.uint8)
    asked = []
    for _ in range(3):
        asked.append(stop.needed("a"))
        stop.look("a", frames, frames[0])
    # The first is reached by the first and the third, the second by the second and the third.
    assert [*asked, stop.needed("a")] == [2, 2, 1, 0]
    assert stop.needed("b") == 0


def test_hypotheses_point_to_the_columns_of_their_model(target):
    target = follow([target], "predicted")
    found = hypotheses([target, target], "net", 3)
    assert [one.output for one in found["a"]] == [0, 2]
    assert [one.output for one in found["b"]] == [1, 3]
    assert found["a"][0].value == pytest.approx(0.5)


def scores_of(tests):
    """A score table that fits a table of comparisons."""
    base = tests[["image", "property", "model"]].drop_duplicates()
    numbers = dict.fromkeys(
        ("score", "gradient", "direction", "range", "tv_ratio", "vector", "log_odds"), 0.5
    )
    base = base.assign(
        replicate=0, output="dog", steps=3, flips=1, probability_unedited=0.5, flags="", **numbers
    )
    return pd.concat([base.assign(statistic=name) for name in ("epgm", "paper_grad")])


def test_the_table_corrects_over_all_its_rows(target, placebos):
    one = run(target, placebos).reset_index().assign(property="fur", model="m")
    both = pd.concat([one, one.assign(property="noise", p=1.0)])
    table = table_of_tests(scores_of(both), both, 1.5)
    assert len(table) == 4
    assert table["q_bh"].min() == pytest.approx(4 / 20)
    assert table["q_by"].min() > table["q_bh"].min()
    assert (table["epgm"] == 0.5).all() and (table["corrected"] == 0.5).all()
    assert table["of_interest"].all()  # ln 1.5 is .41
    assert not table_of_tests(scores_of(both), both, 2.0)["of_interest"].any()


@pytest.mark.parametrize("period", [60, 90])
def test_turns_of_one_path_are_not_taken_for_jitter(period):
    """A picture is rotated in steps of 15°; a model turns with every 60° or 90°."""
    p = 0.5 + 0.4 * np.sin(2 * np.pi * np.arange(0, 361, 15) / period)
    one = predictions("a", [p])
    total = np.abs(np.diff(p)).sum()
    scores = score_predictions(
        one, labels=LABELS, statistics=["epgm"], output="dog", permutations=19, seed=0
    ).assign(property="rotation", model="m", flags="")
    compared = run(one, None, steps=5, profiles={}).reset_index()
    table = table_of_tests(scores, compared.assign(property="rotation", model="m"), 2.0)
    assert table.loc[0, "epgm"] == pytest.approx(total, rel=1e-5)
    assert table.loc[0, "corrected"] == table.loc[0, "epgm"]
    if period == 60:  # what taking jitter out of a single path leaves of such turns
        assert corrected_gradient(p) < 0.1 * total
    else:  # replicates of it share the turns, so that what they have in common is as large
        both = predictions("aa", [p, p], [0, 1])
        assert run(both, None).loc["a", "shared"] == pytest.approx(total, rel=1e-4)


@pytest.mark.parametrize("statistic", ["range", "net"])
def test_of_nearly_tied_classes_the_pictures_is_followed_and_keeps_the_level(statistic):
    """Ten classes tremble alike, none moves; K = 19 placebos, level .05.

    The class of a path's own frame is often another one, and is high there by chance.
    """
    count, classes, steps, rng = 800, 10, 5, np.random.default_rng(11)
    names = [f"i{n}" for n in range(count)]
    level = 0.1 + 0.002 * rng.standard_normal((count, 1, 1, classes))
    spread = 0.02  # the class of a path's own frame is often another one
    drawn = level + spread * rng.standard_normal((count, 1 + K, 1 + steps, classes))
    picture = (level + spread * rng.standard_normal(level.shape))[:, 0, 0].argmax(axis=1)

    def part(paths):
        p = drawn[:, paths].reshape(-1, 1 + steps, classes).astype(np.float32)
        several = [name for name in names for _ in range(*paths.indices(1 + K))]
        draws = list(range(*paths.indices(1 + K))) * count
        axis = np.tile(np.arange(float(steps)), (len(p), 1))
        kinds = tuple("abcdefghij")
        return Predictions(several, kinds, axis, p[:, 1:], p[:, 1:], p[:, 0], p[:, 0], draws=draws)

    sizes = np.linspace(0.1, 0.2, steps)

    def rate(owners):
        target = follow([part(slice(0, 1))], "predicted", owners)
        placebos = follow([part(slice(1, None))], "predicted", owners or followed_of(target))
        table = compare_with_placebos(
            target,
            placebos,
            profiles={name: [Point(1, size) for size in sizes] for name in names},
            changes={(name, k): sizes for name in names for k in range(1, 1 + K)},
            labels=dict.fromkeys(names, "x"),
            statistic=statistic,
            steps=steps,
            tolerance=0.2,
            number=K,
            stop_after=None,
        )
        return float((table["p"] <= 0.05).mean())

    assert rate(dict(zip(names, picture.tolist(), strict=True))) < 0.075
    if statistic == "range":  # which holds the reference, whose class was chosen for being high
        assert rate(None) > 0.085


def test_a_series_whose_picture_is_its_last_frame_is_measured_from_there(placebos):
    """Axis from 5 to 95, the picture at 95; the placebos go the same way."""
    dog = np.array([[0.6, 0.3, 0.1], [0.9, 0.85, 0.8]], np.float32)
    target = predictions("ab", dog)
    last = replace(
        target,
        axis=np.tile([5.0, 50.0, 95.0], (2, 1)),
        unedited_probabilities=target.probabilities[:, -1],
        unedited_logits=target.logits[:, -1],
    )
    back = SIZES[::-1]
    profile = profile_of(back, 3)
    assert [point.side for point in profile] == [-1, -1, 0]
    turned = replace(
        placebos,
        probabilities=placebos.probabilities[:, ::-1],
        unedited_probabilities=placebos.probabilities[:, 0],
    )
    names = list(zip(placebos.images, placebos.draws, strict=True))
    how = dict(profiles={"a": profile, "b": profile}, statistic="range")
    found = run(last, turned, changes=dict.fromkeys(names, back), **how)
    np.testing.assert_allclose(follow([last], "dog").unedited, [0.1, 0.8], atol=1e-6)
    assert found["p"].tolist() == pytest.approx([1 / 20, 16 / 20])
    assert found["size"].tolist() == [0.2, 0.2]
    # Placebos that begin at the picture are on no side of the edit's.
    other = run(last, turned, changes=dict.fromkeys(names, SIZES), **how)
    assert other["untested"].tolist() == ["unmatched"] * 2


def test_flags_of_replicates_are_joined_once():
    assert join_flags(["flat;entangled", "", "flat"]) == "entangled;flat"


def test_replicates_along_a_closed_axis_share_jitter_but_have_no_slope():
    rng = np.random.default_rng(3)
    rising = 0.2 + np.linspace(0, 0.5, 9) + rng.normal(0, 0.01, (8, 9))
    target = predictions("a" * 8, rising, range(8))
    opened, closed = (run(target, None, closed=closed).loc["a"] for closed in (False, True))
    assert opened["p_seeds"] == pytest.approx(2 / 2**8) and np.isnan(closed["p_seeds"])
    for column in ("value", "shared", "jitter"):
        assert closed[column] == opened[column]
