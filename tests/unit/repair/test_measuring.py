"""What is measured of a model, which candidate is taken, and the decoy digits."""

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.decoy_digits import PARTS, decoy_digits
from zollstock.errors import ZollstockError
from zollstock.models.normalisation import Normalisation
from zollstock.repair.choosing import best_worst_group, frontier, least_gradient, of_epochs
from zollstock.repair.material import Paths
from zollstock.repair.measuring import accuracies, property_gradient
from zollstock.worlds.decoy_digits import LEVELS

GREY = Normalisation((0.5,) * 3, (0.5,) * 3, 1)


class Corner(nn.Module):
    """Two logits whose difference is the grey of the first pixel."""

    def forward(self, x):
        value = x[:, 0, 0, 0]
        return torch.stack([-value, value], 1)


def test_the_property_gradient_is_the_total_up_and_down_of_the_labels_probability():
    greys = np.array([[0, 255, 0], [128, 128, 128]], np.uint8)
    frames = np.broadcast_to(greys[:, :, None, None, None], (2, 3, 4, 4, 3))
    found = property_gradient(Corner().train(), Paths(frames, np.array([1, 0])), GREY)
    swing = 1 / (1 + np.exp(-2)) - 1 / (1 + np.exp(2))
    assert found["epgm"] == pytest.approx(2 * swing / 2, rel=1e-5)
    assert found["accuracy"] == pytest.approx(1 / 6)


def test_accuracies_by_their_names():
    found = np.eye(2)[[0, 0, 0, 1, 1, 0]]
    labels, groups = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 0, 0])
    told = accuracies(found, labels, groups)
    assert told == {
        "accuracy": pytest.approx(5 / 6),
        "worst_group": 0.5,
        "mean_of_groups": pytest.approx((1 + 1 + 1 + 0.5) / 4),
    }
    assert accuracies(found, labels) == {"accuracy": pytest.approx(5 / 6)}


def test_the_least_gradient_within_a_loss_of_accuracy():
    candidates = {
        "best": {"accuracy": 0.95, "epgm": 0.4},
        "near": {"accuracy": 0.945, "epgm": 0.1},
        "far": {"accuracy": 0.90, "epgm": 0.0},
    }
    assert least_gradient(candidates) == "near"
    assert least_gradient(candidates, 0.06) == "far"
    assert least_gradient(candidates, 0.0) == "best"
    with pytest.raises(ZollstockError, match="has no candidate"):
        least_gradient({})
    worst = {
        "one": {"worst_group": 0.3},
        "two": {"worst_group": 0.6},
        "three": {"worst_group": 0.6},
    }
    assert best_worst_group(worst) == "two"


def test_what_was_watched_of_each_epoch():
    history = {"loss": [1, 2], "valid_accuracy": [0.5, 0.6], "valid_epgm": [0.1, 0.2]}
    assert of_epochs(history)[1] == {"accuracy": 0.6, "epgm": 0.2}
    assert len(of_epochs(history)) == 2


def test_the_frontier_holds_what_nothing_beats():
    points = {
        "a": (0.95, 0.5),
        "b": (0.94, 0.1),
        "c": (0.93, 0.2),
        "d": (0.95, 0.6),
        "e": (0.5, 0.0),
    }
    assert frontier(points) == ["a", "b", "e"]


def test_decoy_digits():
    pytest.importorskip("sklearn")
    parts = {name: decoy_digits(name, 3) for name in PARTS}
    assert [len(one.labels) for one in parts.values()] == list(PARTS.values())
    train = parts["train"]
    shown, random = train.with_decoy(), train.without_decoy()
    assert (shown[:, 7, 7, 0] == 255 - 25 * train.labels).all()
    assert (random[:, 6, 6, 2] == 255 - 25 * train.random).all()
    assert abs(np.corrcoef(train.random, train.labels)[0, 1]) < 0.1
    inside = train.masks() == 0
    assert inside.sum() == 4 * len(shown)
    np.testing.assert_array_equal(shown[~inside], random[~inside])
    paths = train.paths()
    assert paths.shape[1] == LEVELS
    rows = np.arange(len(shown))
    np.testing.assert_array_equal(paths[rows, train.labels], shown)
    seen = {one.digits.tobytes() for one in parts.values()}
    assert len(seen) == 3
    rows_of = [{digit.tobytes() for digit in one.at(0 * one.labels)} for one in parts.values()]
    assert len(rows_of[0] & rows_of[2]) < 10  # a few digits are there twice
    assert (decoy_digits("test", 4).digits != parts["test"].digits).any()
    with pytest.raises(ZollstockError, match="one of train"):
        decoy_digits("dev", 0)
