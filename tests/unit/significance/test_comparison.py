"""The comparison with placebos, image by image."""

import numpy as np
import pandas as pd
import pytest

from zollstock.inference.predictions import Predictions
from zollstock.scoring.follow import follow
from zollstock.scoring.jitter import replicated_gradient
from zollstock.significance.comparison import compare_study, compare_with_placebos
from zollstock.significance.stopping import EarlyStop, Hypothesis
from zollstock.significance.table import join_flags, table_of_tests
from zollstock.significance.targets import followed_of, hypotheses, moved_by

K = 19
LABELS = {"a": "cat", "b": "dog"}
SIZES = np.array([0.0, 0.1, 0.2])


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
    target = follow([target], output)
    names = zip(placebos.images, placebos.draws, strict=True) if placebos else []
    settings = dict(
        sizes={"a": 0.2, "b": 0.2},
        placebo_sizes={name: SIZES for name in names},
        labels=LABELS,
        statistic="net",
        number=K,
        stop_after=None,
        minimum_effect=0.0,
        strata="label",
    )
    if placebos:
        placebos = follow([placebos], output, followed_of(target))
    return compare_with_placebos(target, placebos, **settings | changes).set_index("image")


def test_p_counts_placebos_that_move_it_as_far(target, placebos):
    found = run(target, placebos)
    # Of a's placebos none reaches 0.5; of b's those with k ≥ 5 reach 0.1.
    assert found["p"].tolist() == pytest.approx([1 / 20, 16 / 20])
    assert found["placebos"].tolist() == found["used"].tolist() == [K, K]
    assert found["resolution"].tolist() == [1 / 20] * 2
    assert found["value"].tolist() == pytest.approx([0.5, 0.1])


def test_placebos_are_cut_to_the_size_of_the_edit(target, placebos):
    found = run(target, placebos, sizes={"a": 0.2, "b": 0.1})
    # At half the size a placebo of b has moved half as far: k ≥ 10 reaches 0.1.
    assert found.loc["b", "p"] == pytest.approx(11 / 20)
    assert found["match"].tolist() == pytest.approx([1, 1])
    assert found.loc["b", "placebo_median"] == pytest.approx(0.1)


def test_smaller_placebos_are_reported(target, placebos):
    assert run(target, placebos, sizes={"a": 0.4, "b": 0.2})["match"].tolist() == [0.5, 1]


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


def test_pooling_compares_with_all_of_a_stratum(target, placebos):
    found = run(target, placebos, strata="all")
    assert found["used_pooled"].tolist() == [2 * K] * 2
    assert found.loc["a", "p_pooled"] == pytest.approx(1 / 39)
    assert run(target, placebos)["used_pooled"].tolist() == [K, K]


def test_early_stopping_takes_the_first_draws_only(target, placebos):
    found = run(target, placebos, stop_after=2)
    # b: draws 5 and 6 are the first two to reach it.
    assert found.loc["b", "used"] == 6
    assert found.loc["b", "p"] == pytest.approx(2 / 6)
    assert found.loc["a", "p"] == pytest.approx(1 / 20)
    assert found["resolution"].tolist() == [1 / 20] * 2
    assert found["p_pooled"].isna().all()


def test_without_placebos_nothing_is_tested(target):
    found = run(target, None)
    assert found[["p", "resolution", "p_pooled", "match", "placebo_high"]].isna().all(axis=None)
    assert found["value"].notna().all()
    assert found["placebos"].tolist() == [0, 0]


def test_failed_paths_and_failed_draws_stay_without_numbers(target, placebos):
    dog = target.probabilities[:, :, 1].copy()
    dog[0] = np.nan
    draws = placebos.probabilities[:, :, 1].copy()
    draws[-1] = np.nan
    found = run(predictions("ab", dog), predictions(placebos.images, draws, placebos.draws))
    assert np.isnan(found.loc["a", "p"])
    assert found.loc["b", "placebos"] == K - 1


def test_an_edit_must_be_larger_by_the_effect_of_interest(target, placebos):
    assert run(target, placebos, minimum_effect=0.405).loc["a", "p"] == pytest.approx(11 / 20)
    assert run(target, placebos, minimum_effect=0.2).loc["b", "p"] == 1


def test_the_targets_class_is_followed_in_its_placebos(target, placebos):
    """Image a is a cat to the model, b a dog; placebos all start as cats."""
    found = run(target, placebos, output="predicted")
    assert followed_of(follow([target], "predicted")) == {"a": 0, "b": 1}
    assert found.loc["b", "p"] == pytest.approx(16 / 20)


def test_replicates_are_averaged_and_tested_over_seeds():
    rng = np.random.default_rng(3)
    rising = 0.2 + np.linspace(0, 0.5, 9) + rng.normal(0, 0.01, (8, 9))
    target = predictions("a" * 8, rising, range(8))
    found = run(target, None, sizes={"a": 0.2})
    assert found["p_seeds"].tolist() == pytest.approx([2 / 2**8])
    assert moved_by(follow([target], "dog"), "net")["a"] == pytest.approx(
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


def test_all_classes_are_compared_by_the_distance_from_the_first_frame(target, placebos):
    """With two classes it is what the followed class changed by."""
    one, both = run(target, placebos), run(target, placebos, output="vector")
    for column in ("value", "p", "p_pooled", "placebo_median", "placebo_high"):
        np.testing.assert_allclose(both[column], one[column], atol=1e-6)
    names = ("cat", "dog", "cow")
    p = np.array([[[0.5, 0.3, 0.2], [0.5, 0.1, 0.4], [0.2, 0.3, 0.5]]], np.float32)
    three = Predictions(["a"], names, np.arange(3.0)[None], np.log(p), p, np.log(p[:, 0]), p[:, 0])
    assert run(three, None, output="vector").loc["a", "value"] == pytest.approx(0.3)


def test_a_study_is_compared_model_by_model(target, placebos):
    asked = []

    def followed(name, model, owners):
        asked.append((name, model, owners))
        return follow([placebos if owners is not None else target], "dog", owners)

    found = compare_study(
        followed,
        models=["m", "n"],
        sizes={"fur": {"a": 0.2, "b": 0.2}, "other": {}},
        placebo_sizes={
            "placebos": dict.fromkeys(zip(placebos.images, placebos.draws, strict=True), SIZES)
        },
        placebos_of={"fur": "placebos"},
        labels=LABELS,
        statistic="net",
        number=K,
        stop_after=None,
        minimum_effect=0.0,
        strata="all",
    )
    keys = found[["model", "property"]].drop_duplicates()
    assert keys.to_numpy().tolist() == [[m, p] for m in "mn" for p in ("fur", "other")]
    assert found.loc[found["property"] == "fur", "p"].notna().all()
    assert found.loc[found["property"] == "other", "p"].isna().all()
    assert ("placebos", "n", {"a": 1, "b": 1}) in asked and len(asked) == 6


def test_stopping_asks_until_every_hypothesis_was_reached():
    hypothesis = {"a": [Hypothesis(0.1, 0.2, 0), Hypothesis(0.3, 0.2, 1)], "b": []}
    moves = iter([[0.2, 0.1], [0.05, 0.4], [0.2, 0.3]])

    def measure(frames):
        return np.linspace(0, 1, 3)[:, None] * np.array(next(moves))

    stop = EarlyStop(hypothesis, measure, stop_after=2, statistic="net")
    frames = np.zeros((3, 2, 2, 3), np.uint8)
    asked = []
    for _ in range(3):
        asked.append(stop.needed("a"))
        stop.look("a", frames, SIZES)
    # The first is reached by the first and the third, the second by the second and the third.
    assert [*asked, stop.needed("a")] == [2, 2, 1, 0]
    assert stop.needed("b") == 0


def test_hypotheses_point_to_the_columns_of_their_model(target):
    target = follow([target], "predicted")
    found = hypotheses([target, target], [{"a": 0.3, "b": 0.1}], "net")
    assert [one.output for one in found["a"]] == [0, 2]
    assert [one.output for one in found["b"]] == [1, 3]
    assert found["a"][0].size == 0.3


def scores_of(tests):
    """A score table that fits a table of comparisons."""
    base = tests[["image", "property", "model"]].drop_duplicates()
    numbers = dict.fromkeys(
        ("score", "corrected", "jitter", "direction", "range", "tv_ratio", "vector"), 0.5
    )
    base = base.assign(
        replicate=0, output="dog", steps=3, flips=1, probability_unedited=0.5, flags="", **numbers
    )
    return pd.concat([base.assign(statistic=name) for name in ("epgm", "paper_grad")])


def test_the_table_corrects_over_all_its_rows(target, placebos):
    one = run(target, placebos).reset_index().assign(property="fur", model="m")
    both = pd.concat([one, one.assign(property="noise", p=1.0)])
    table = table_of_tests(scores_of(both), both)
    assert len(table) == 4
    assert table["q_bh"].min() == pytest.approx(4 / 20)
    assert table["q_by"].min() > table["q_bh"].min()
    assert (table["epgm"] == 0.5).all()


def test_flags_of_replicates_are_joined_once():
    assert join_flags(["flat;entangled", "", "flat"]) == "entangled;flat"
