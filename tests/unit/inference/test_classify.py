"""Whether all models say the label."""

import numpy as np
import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.inference.classify import correct_for_all

DARK, BRIGHT = (np.full((6, 9, 3), value, np.uint8) for value in (10, 240))


class Threshold(torch.nn.Module):
    """Class 1 if the input is brighter than a threshold; only takes 4×4 pixels."""

    def __init__(self, threshold):
        super().__init__()
        self.threshold = threshold

    def forward(self, x):
        assert x.shape[2:] == (4, 4)
        bright = x.mean((1, 2, 3)) - self.threshold
        return torch.stack([-bright, bright], dim=1)


@pytest.fixture
def accept_by(make_model):
    def make(*models):
        return correct_for_all(
            [
                make_model(Threshold(threshold), classes, Geometry((4, 4)))
                for threshold, classes in models
            ]
        )

    return make


def test_one_model_has_to_say_the_label(accept_by):
    accept = accept_by((0.0, ("night", "day")))
    assert accept(BRIGHT, "day")
    assert accept(DARK, "night")
    assert not accept(BRIGHT, "night")
    assert not accept(DARK, "day")


def test_all_models_have_to_say_it_whatever_the_order_of_their_classes(accept_by):
    accept = accept_by((0.0, ("night", "day")), (0.0, ("night", "day")))
    assert accept(BRIGHT, "day")
    disagreeing = accept_by((0.0, ("night", "day")), (0.99, ("night", "day")))
    assert not disagreeing(BRIGHT, "day")
    assert disagreeing(DARK, "night")
    swapped = accept_by((0.0, ("night", "day")), (0.0, ("day", "night")))
    assert not swapped(BRIGHT, "day")


def test_without_models_every_image_is_taken(accept_by):
    assert accept_by()(DARK, "anything")


def test_a_label_that_a_model_does_not_know_is_named(accept_by):
    with pytest.raises(ZollstockError, match=r"label 'dusk'.*Known: night, day"):
        accept_by((0.0, ("night", "day")))(DARK, "dusk")


def test_of_a_thousand_classes_only_the_nearest_is_named(accept_by):
    classes = (*(f"class {number}" for number in range(998)), "Tabby cat", "dog")
    with pytest.raises(ZollstockError, match="Did you mean 'Tabby cat'") as raised:
        accept_by((0.0, classes))(DARK, "tabby_cat")
    assert len(str(raised.value)) < 250
