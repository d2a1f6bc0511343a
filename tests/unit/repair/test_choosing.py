"""Which candidate is taken: by the placebo test, or without placebos."""

import numpy as np
import pytest
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.models.normalisation import Normalisation
from zollstock.repair.beside import FEWEST, Beside, combined, compared, measured_beside
from zollstock.repair.choosing import by_placebo_test, least_gradient
from zollstock.repair.material import Paths
from zollstock.repair.measuring import property_gradient
from zollstock.scoring.statistics import evaluate

NAN = float("nan")


def candidate(accuracy, edits, placebos):
    """What is watched of a model, from how far edits and placebos of each image move it."""
    found = compared(np.asarray(edits, float), np.asarray(placebos, float))
    return {"accuracy": accuracy, "epgm": float(np.nanmean(edits)), **found}


def drawn(mean, placebo=0.05, count=64, seed=0):
    """Movements whose noise is that of a model which wavers."""
    rng = np.random.default_rng(seed)
    around = placebo * rng.gamma(2, 0.5, (2, count))
    return around[0] + mean, around[1]


def test_of_those_that_move_no_more_than_placebos_the_most_accurate_is_taken():
    candidates = {
        "leans": candidate(0.97, *drawn(0.3)),
        "accurate": candidate(0.969, *drawn(0.0, seed=1)),
        # It moves less; but what should not matter moves the others as much.
        "still": candidate(0.962, *drawn(0.0, placebo=0.01, seed=2)),
    }
    assert candidates["leans"]["p"] < 0.01 < 0.05 < candidates["accurate"]["p"]
    assert candidates["still"]["epgm"] < candidates["accurate"]["epgm"]
    assert by_placebo_test(candidates) == "accurate"
    assert least_gradient(candidates) == "still"
    # What is too inaccurate has no say, however still it is.
    assert by_placebo_test({**candidates, "accurate": candidates["leans"]}, 0.001) == "leans"


def test_if_none_is_good_the_least_excess_is_taken():
    # The second wavers more and leans less.
    candidates = {
        "leans": candidate(0.97, *drawn(0.30, placebo=0.05)),
        "wavers": candidate(0.965, *drawn(0.12, placebo=0.30, seed=1)),
        "worst": candidate(0.97, *drawn(0.6)),
    }
    assert all(found["p"] < 0.05 for found in candidates.values())
    assert candidates["wavers"]["epgm"] > candidates["leans"]["epgm"]
    assert by_placebo_test(candidates) == "wavers"


def test_equal_candidates_are_taken_in_their_order():
    one = candidate(0.9, *drawn(0.0))
    assert by_placebo_test({"first": one, "second": dict(one)}) == "first"
    leans = candidate(0.9, *drawn(0.3))
    assert by_placebo_test({"first": leans, "second": dict(leans)}) == "first"
    # Nothing moves at all, as of a model that says one thing: no excess, p = 1.
    still = candidate(0.9, np.zeros(20), np.zeros(20))
    assert still["p"] == 1 and still["excess"] == 0
    assert by_placebo_test({"still": still}) == "still"


def test_placebos_as_large_as_the_edit_make_candidates_equal():
    lively = candidate(0.97, *drawn(0.0, placebo=0.6))
    less = candidate(0.965, *drawn(-0.2, placebo=0.6, seed=3))
    assert less["excess"] == 0
    assert by_placebo_test({"less": less, "lively": lively}) == "lively"


def test_a_few_images_whose_p_says_nothing_excuse_no_gradient():
    # Five images: the least p is 1/32, and one that goes the other way makes it larger.
    edits, placebos = [0.9, 0.9, 0.9, 0.9, 0.0], [0.1, 0.1, 0.1, 0.1, 0.2]
    leans = candidate(0.97, edits, placebos)
    good = candidate(0.965, [0.1, 0.1, 0.1, 0.1, 0.1], [0.1, 0.09, 0.1, 0.11, 0.1])
    assert leans["p"] > 0.05
    assert by_placebo_test({"leans": leans, "good": good}) == "good"
    # Too few for a test: as without placebos.
    few = {"leans": candidate(0.97, edits[:4], placebos[:4]), "good": {**good, "epgm": 0.1}}
    assert "p" not in few["leans"] and FEWEST == 5
    assert by_placebo_test(few) == "good"
    assert compared(np.full(9, 0.5), np.full(9, NAN)) == {}


def test_what_has_no_number_is_not_taken():
    broken = {"accuracy": NAN, "epgm": NAN, "excess": NAN, "placebo": NAN, "p": NAN}
    good = candidate(0.9, *drawn(0.1))
    assert by_placebo_test({"broken": broken, "good": good}) == "good"
    assert by_placebo_test({"broken": {**broken, "accuracy": 1.0}, "good": good}) == "good"
    assert least_gradient({"broken": broken, "good": good}) == "good"
    # One that is not compared lets nobody win by a test that it has not had.
    untested = {"accuracy": 0.9, "epgm": 0.0}
    assert by_placebo_test({"good": good, "untested": untested}) == "untested"
    for choose in (by_placebo_test, least_gradient):
        with pytest.raises(ZollstockError, match="has no candidate"):
            choose({"broken": broken})
        with pytest.raises(ZollstockError, match="has no candidate"):
            choose({})


def test_the_test_keeps_its_level():
    # Edit and placebo of an image are exchangeable, though images differ and noise is skewed.
    rng = np.random.default_rng(5)
    found = []
    for _ in range(400):
        scale = rng.gamma(0.5, 1, 12)
        found.append(compared(scale * rng.gamma(1, 1, 12), scale * rng.gamma(1, 1, 12))["p"])
    assert 0.02 < np.mean(np.array(found) <= 0.05) <= 0.08


def test_several_properties_are_one_hypothesis_each():
    one = {"accuracy": 0.9, "epgm": 0.2, "excess": 0.1, "placebo": 0.05, "p": 0.02}
    other = {"accuracy": 0.8, "epgm": 0.0, "excess": 0.0, "placebo": 0.01, "p": 0.9}
    found = combined([one, other])
    assert found == pytest.approx(
        {"accuracy": 0.85, "epgm": 0.1, "excess": 0.05, "placebo": 0.03, "p": 0.04}
    )
    assert combined([one]) == pytest.approx(one)
    assert combined([other, other])["p"] == 1
    # What is not known of one of them may be the largest.
    assert set(combined([one, {"accuracy": 0.8, "epgm": 0.0}])) == {"accuracy", "epgm"}


class Corner(nn.Module):
    """Two logits whose difference is the grey of the first pixel."""

    def forward(self, x):
        value = x[:, 0, 0, 0]
        return torch.stack([-value, value], 1)


def test_edits_are_compared_with_placebos_of_the_same_images():
    grey = Normalisation((0.5,) * 3, (0.5,) * 3, 1)

    def paths(greys):
        frames = np.array(greys, np.uint8)[:, :, None, None, None]
        return Paths(
            np.broadcast_to(frames, (*frames.shape[:2], 2, 2, 3)), np.ones(len(greys), int)
        )

    edits = [[128, 128], [0, 255], *[[0, 128]] * 5]
    placebos = [[128, 138], *[[128, 148]] * 5]
    beside = Beside(paths(edits), paths(placebos), np.array([1, 2, 3, 4, 5, 6]))
    found = measured_beside(Corner().train(), beside, "range", grey)
    assert found["p"] == 1 / 64
    said = [1 / (1 + np.exp(-2 * (np.array(each) - 127.5) / 127.5)) for each in (edits, placebos)]
    moves = [np.ptp(each, axis=1) for each in said]
    assert found["placebo"] == pytest.approx(moves[1].mean(), rel=1e-4)
    assert found["excess"] == pytest.approx((moves[0][1:] - moves[1]).mean(), rel=1e-4)
    own = property_gradient(Corner(), beside.edits, grey)
    assert {key: found[key] for key in own} == own
    assert own["epgm"] == pytest.approx(evaluate("epgm", said[0]).mean(), rel=1e-4)
    without = Beside(beside.edits, None, np.zeros(0, int))
    assert measured_beside(Corner(), without, "range", grey) == own
