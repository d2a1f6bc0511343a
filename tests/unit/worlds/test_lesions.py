"""Lesions: patches as often as is said, where their mask is, and signs that go with the class."""

import numpy as np
import pytest

from tests.unit.worlds.drawing import changed, draw, pick, share, sweep
from zollstock.worlds import get_world

WORLD = get_world("lesions")
NEVI = np.arange(4000) % 2 == 0


@pytest.mark.parametrize(
    ("distribution", "bias", "nevi", "melanomas"),
    [
        ("unbiased", 0.98, 0.25, 0.25),
        ("clean", 0.98, 0.0, 0.0),
        ("patched_nevi", 1.0, 0.5, 0.0),
        ("patched_nevi", 0.5, 0.375, 0.125),
    ],
)
def test_patches_are_as_frequent_as_the_distribution_says(distribution, bias, nevi, melanomas):
    patch = draw(WORLD, 4000, distribution=distribution, bias=bias)["patch"]
    assert (patch[NEVI] > 0).mean() == pytest.approx(nevi, abs=0.04)
    assert (patch[~NEVI] > 0).mean() == pytest.approx(melanomas, abs=0.03)
    assert (patch[patch > 0] >= 0.75).all()


def test_distributions_differ_in_patches_alone():
    plain = draw(WORLD, 200)
    for distribution in WORLD.distributions:
        other = draw(WORLD, 200, distribution=distribution)
        assert all((other[name] == plain[name]).all() for name in plain if name != "patch")


def test_some_lesions_of_each_class_look_like_the_other():
    malignancy = draw(WORLD, 4000)["malignancy"]
    wrong = np.where(NEVI, malignancy > 0.5, malignancy < 0.5).mean()
    assert 0.05 < wrong < 0.08  # no classifier of the malignancy is better than 95 %
    sharp = draw(WORLD, 4000, shape_noise=0.0)["malignancy"]
    np.testing.assert_array_equal(sharp, np.arange(4000) % 2)


@pytest.mark.parametrize(
    ("latent", "part"), [("patch", "patch"), ("ruler", "ruler"), ("hair", "hair")]
)
def test_an_artefact_changes_the_picture_where_its_mask_is(latent, part):
    latents = draw(WORLD, 6, distribution="clean") | {"ruler": np.zeros(6), "hair": np.zeros(6)}
    for row in range(6):
        drawn = sweep(WORLD, latents, row, latent, 3, parts=True)
        moved, seen = changed(drawn), drawn.regions[part]
        assert not seen[0].any() and (np.diff(seen, axis=0) >= 0).all()
        np.testing.assert_array_equal(seen, share(drawn, WORLD, part))
        assert not moved[seen[-1] == 0].any() and moved.max() > 20


def test_the_patch_covers_by_its_opacity_and_leaves_the_lesion_in_sight():
    latents = draw(WORLD, 40, distribution="clean")
    whole = WORLD.render(WORLD.do(latents, "patch", 1.0), 48)
    half = WORLD.render(WORLD.do(latents, "patch", 0.5), 48)
    np.testing.assert_allclose(half.regions["patch"], 0.5 * whole.regions["patch"], atol=1e-6)
    assert (whole.regions["patch"].mean((1, 2)) > 0.02).all()
    bare = WORLD.render(latents, 48).regions["lesion"].sum((1, 2))
    left = whole.regions["lesion"].sum((1, 2))
    assert np.median(left / bare) > 0.95


def test_a_melanoma_is_larger_less_round_and_of_more_colours():
    plain = draw(WORLD, 60, distribution="clean", shape_noise=0.0)
    plain |= {"hair": np.zeros(60), "ruler": np.zeros(60), "noise_amplitude": np.zeros(60)}
    drawn = WORLD.render(plain, 64)
    weight = drawn.regions["lesion"]
    area = weight.mean((1, 2))
    colours = np.array(
        [
            frame[mask > 0.95].astype(float).std(0).sum()
            for frame, mask in zip(drawn.frames, weight, strict=True)
        ]
    )
    assert np.median(area[1::2]) > 1.3 * np.median(area[::2])
    assert np.median(colours[1::2]) > 2 * np.median(colours[::2])
    turned = WORLD.render(plain | {"rotation": plain["rotation"] - np.sign(plain["rotation"]) / 2})
    overlap = np.minimum(weight, turned.regions["lesion"]).sum((1, 2)) / weight.sum((1, 2))
    assert np.median(overlap[::2]) > np.median(overlap[1::2]) + 0.03


def test_malignancy_moves_the_lesion_and_little_else():
    latents = draw(WORLD, 4, distribution="clean")
    for row in range(4):
        ends = WORLD.do(pick(latents, [row]), "malignancy", [0.0, 1.0])
        drawn = WORLD.render(ends)
        lesion = drawn.regions["lesion"].max(0)
        assert not changed(drawn)[lesion == 0].any()
