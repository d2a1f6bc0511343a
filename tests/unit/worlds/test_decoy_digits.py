"""Digits with a patch: what it tells, where it is, and that tests show other digits."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.unit.worlds.drawing import draw
from zollstock.settings.training import RendererData, TrainingSettings
from zollstock.worlds.decoy_digits.world import WORLD

COUNT = 2000
LABELS = np.arange(COUNT) % 10


def drawn(distribution, bias=1.0):
    return draw(WORLD, COUNT, distribution=distribution, bias=bias)


def test_the_patch_tells_the_class_or_nothing():
    for name in ("decoy", "decoy_of_others"):
        assert (drawn(name)["decoy"] == LABELS).all()
    half = drawn("decoy", bias=0.5)["decoy"] == LABELS
    assert half.mean() == pytest.approx(0.55, abs=0.04)
    plain = drawn("unbiased")["decoy"]
    assert (plain == LABELS).mean() == pytest.approx(0.1, abs=0.03)
    assert {*plain} == set(range(10))


def test_no_digit_is_trained_on_and_tested_with():
    shown = {name: {*drawn(name)["digit"]} for name in WORLD.distributions}
    assert not shown["decoy"] & (shown["unbiased"] | shown["decoy_of_others"])
    assert len(shown["decoy"]) > 800 and len(shown["unbiased"]) > 300


def test_pictures_show_digits_of_their_class_and_the_patch_in_its_corner():
    latents = draw(WORLD, 20)
    latents = WORLD.do(WORLD.do(latents, "noise_amplitude", 0.0), "contrast", 1.0)
    latents = WORLD.do(latents, "decoy", np.arange(20) % 10)
    found = WORLD.render(latents, size=8)
    # The same pictures as scikit-learn's of this class, but for the corner.
    digits = load_digits()
    for k in range(20):
        same = np.rint(digits.images[digits.target == k % 10] * 255 / 16)
        apart = np.abs(found.frames[k, :, :, 0] - same)
        apart[:, 6:, 6:] = 0
        assert apart.max((1, 2)).min() <= 1
        assert (found.frames[k, 6:, 6:] == 255 - 25 * (k % 10)).all()
    assert (found.regions["patch"][:, 6:, 6:] == 1).all() and found.regions["patch"].sum() == 80


def test_pictures_to_repair_with_are_drawn_until_there_are_enough_digits():
    world = {"name": "decoy_digits"}
    data = RendererData(distribution="decoy")
    assert data.others(100, TrainingSettings(), world)["images"] == 800
    assert data.others(100, TrainingSettings(), {"name": "pets"})["images"] == 100
