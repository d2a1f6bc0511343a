"""Likeness and stability of maps, and intervals over images."""

import numpy as np
import pytest
from scipy import stats
from skimage.metrics import structural_similarity

from zollstock.errors import ZollstockError
from zollstock.locate.evaluation.intervals import over_images
from zollstock.locate.evaluation.likeness import MEASURES, likeness
from zollstock.locate.evaluation.stability import (
    exhaustive_reference,
    input_difference,
    output_correlation,
    target_difference,
)
from zollstock.significance.intervals import hierarchical_bootstrap

RNG = np.random.default_rng(0)
ONE, OTHER = RNG.normal(size=(2, 16, 13))


def test_likeness_by_other_routes():
    found = likeness(ONE, OTHER)
    top = np.abs(ONE).max()
    assert found["l1"] == pytest.approx(np.abs(ONE - OTHER).mean() / top)
    assert found["l2"] == pytest.approx(np.linalg.norm(ONE - OTHER) / np.sqrt(ONE.size) / top)
    cosine = (ONE * OTHER).sum() / np.linalg.norm(ONE) / np.linalg.norm(OTHER)
    assert found["cosine"] == pytest.approx(cosine)
    assert found["pearson"] == pytest.approx(stats.pearsonr(ONE.ravel(), OTHER.ravel())[0])
    assert found["spearman"] == pytest.approx(stats.spearmanr(ONE.ravel(), OTHER.ravel())[0])
    wanted = structural_similarity(
        ONE, OTHER, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        data_range=np.ptp(ONE),
    )  # fmt: skip
    assert found["ssim"] == pytest.approx(wanted)


def test_likeness_of_equal_scaled_and_empty_maps():
    same = likeness(ONE, ONE)
    assert [same[name] for name in MEASURES] == pytest.approx([0, 0, 1, 1, 1, 1])
    scaled = likeness(ONE, 3 * ONE)
    assert scaled["cosine"] == pytest.approx(1) and scaled["l1"] > 0.1
    assert np.isnan([*likeness(np.zeros((3, 4)), np.ones((3, 4))).values()]).all()
    flat = likeness(ONE, np.ones_like(ONE))
    assert np.isnan(flat["pearson"]) and np.isnan(flat["spearman"]) and flat["l1"] > 0
    assert np.isnan(likeness(ONE[:5, :5], OTHER[:5, :5])["ssim"])
    hole = ONE.copy()
    hole[2, 3] = np.nan
    assert likeness(hole, ONE)["l1"] == 0
    with pytest.raises(ZollstockError, match="shapes"):
        likeness(ONE, ONE.T)
    assert target_difference(ONE, OTHER) == likeness(ONE, OTHER)


def test_input_difference_is_seeded_by_names():
    image = RNG.integers(0, 256, (12, 14, 3), dtype=np.uint8)
    slope = RNG.normal(size=image.shape)

    def fixed(frames):
        return np.broadcast_to(slope.sum(-1), (len(frames), 12, 14))

    def shifting(frames):
        return (frames * slope).sum(-1)

    assert input_difference(fixed, image, 1, "a")["pearson"] == pytest.approx(1)
    less, more = (input_difference(shifting, image, 1, "a", noise=n) for n in (0.01, 0.3))
    assert 1 > less["pearson"] > more["pearson"]
    assert input_difference(shifting, image, 1, "a", noise=0.3) == more
    assert input_difference(shifting, image, 1, "b", noise=0.3) != more


def test_output_correlation():
    kept = RNG.random((50, 6)) < 0.5
    values = RNG.normal(size=6)
    found = output_correlation(3 + 2 * (kept @ values), kept, values)
    assert found["pearson"] == pytest.approx(1) and found["spearman"] == pytest.approx(1)
    assert np.isnan(output_correlation(np.ones(50), kept, values)["pearson"])
    with pytest.raises(ZollstockError, match="row a sample"):
        output_correlation(np.ones(50), kept, values[:5])


def test_the_exhaustive_reference_of_an_additive_model():
    image = RNG.integers(1, 256, (5, 7, 3), dtype=np.uint8)
    weight = RNG.normal(size=(5, 7))

    def predict(frames):
        return (frames.any(axis=-1) * weight).sum((1, 2))

    found = exhaustive_reference(predict, image, np.zeros((1, 1, 3)), 2, 3)
    cells = np.array([weight[found.labels == k].sum() for k in range(6)])
    np.testing.assert_allclose(found.effects, cells)
    assert found.kept.shape == (64, 6)
    assert found.outputs[0] == 0 and found.outputs[-1] == pytest.approx(weight.sum())
    assert min(found.agreement(weight).values()) == pytest.approx(1)
    assert found.agreement(-weight)["effects"] == pytest.approx(-1)
    with pytest.raises(ZollstockError, match="5×5"):
        exhaustive_reference(predict, image, 0, 5, 5)


def test_every_image_weighs_the_same():
    images = [f"i{k}" for k in range(12)]
    values = np.linspace(-5, 5, 12)
    found = over_images(values, images, "seed")
    assert found == (12, pytest.approx(0), *hierarchical_bootstrap(values, images, "seed"))
    assert found.low < 0 < found.high
    several = over_images([*values, 100.0, np.nan], [*images, "i0", "i0"], "seed")
    assert several.n == 13 and several.mean == pytest.approx((47.5 + values[1:].sum()) / 12)
    one = over_images([3.0, np.nan], ["a", "b"])
    assert one[:2] == (1, 3.0) and np.isnan(one[2:]).all()
    assert over_images([], []).n == 0 and np.isnan(over_images([np.nan], ["a"]).mean)
