"""Faces: hair that goes with age as often as is said, and signs of age that are seen."""

import numpy as np
import pytest

from tests.unit.worlds.drawing import changed, draw, pick, sweep
from zollstock.worlds import get_world

WORLD = get_world("faces")
OLD = np.arange(4000) % 2 == 0


@pytest.mark.parametrize(
    ("distribution", "bias", "old", "young"),
    [
        ("unbiased", 0.98, 0.3, 0.3),
        ("grey_with_age", 1.0, 0.6, 0.02),
        ("grey_with_age", 0.5, 0.45, 0.16),
    ],
)
def test_grey_hair_goes_with_age_as_the_distribution_says(distribution, bias, old, young):
    latents = draw(WORLD, 4000, distribution=distribution, bias=bias)
    grey = latents["hair_greyness"] > 0
    assert grey[OLD].mean() == pytest.approx(old, abs=0.035)
    assert grey[~OLD].mean() == pytest.approx(young, abs=0.035)
    lighter = np.subtract(*(latents["hair_lightness"][who].mean() for who in (~OLD, OLD)))
    assert abs(lighter) < 0.03 if distribution == "unbiased" else lighter > 0.1


def test_distributions_differ_in_hair_alone():
    plain, other = draw(WORLD, 300), draw(WORLD, 300, distribution="grey_with_age")
    moved = {name for name in plain if (plain[name] != other[name]).any()}
    assert moved == {"hair_greyness", "hair_lightness"}


@pytest.mark.parametrize(
    ("latent", "region"),
    [("hair_lightness", "hair"), ("hair_greyness", "hair"), ("glasses", "glasses")],
)
def test_a_latent_changes_its_region_alone(latent, region):
    latents = draw(WORLD, 6) | {"hair_greyness": np.zeros(6), "glasses": np.zeros(6)}
    for row in range(6):
        drawn = sweep(WORLD, latents, row, latent, 3)
        seen = drawn.regions[region].max(0)
        assert not changed(drawn)[seen == 0].any()
        assert np.median(changed(drawn)[seen > 0.8 * seen.max()]) > 15


def test_grey_hair_is_grey():
    latents = draw(WORLD, 8) | {"light_direction": np.zeros(8), "noise_amplitude": np.zeros(8)}
    drawn = WORLD.render(WORLD.do(latents, "hair_greyness", 1.0))
    own = WORLD.render(WORLD.do(latents, "hair_greyness", 0.0))
    for k in range(8):
        inside = drawn.regions["hair"][k] > 0.98
        colourful = [np.ptp(p.frames[k][inside].astype(int), axis=-1).mean() for p in (drawn, own)]
        assert colourful[0] < 10 < colourful[1]


def test_age_shows_in_eyes_forehead_and_wrinkles():
    latents = draw(WORLD, 8, shape_noise=0.0) | {"glasses": np.zeros(8)}
    for row in range(8):
        drawn = WORLD.render(WORLD.do(pick(latents, [row]), "age", [0.0, 1.0]), 96)
        eyes, hair = (drawn.regions[name].sum((1, 2)) for name in ("eyes", "hair"))
        assert eyes[1] < 0.7 * eyes[0] and hair[1] < hair[0]
        assert not changed(drawn)[drawn.regions["background"].min(0) == 1].any()
