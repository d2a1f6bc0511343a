"""Extremal masks have the area asked for and keep what counts; GradientSHAP is a mean of lines."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.unit.locate.nets import Net, Smooth
from zollstock.locate.gradients import gradient_maps
from zollstock.locate.gradients.extremal_perturbation import _masks as masks_of
from zollstock.locate.gradients.extremal_perturbation import extremal_masks
from zollstock.settings.locate.gradients import GRADIENTS

SHAP = GRADIENTS["gradient_shap"]().plain()


@pytest.fixture
def small(frames):
    return frames[:2]


def test_the_mask_keeps_what_counts(differentiable):
    """An output that reads a patch of 16 of 256 pixels alone."""
    module = nn.Sequential(nn.Flatten(), nn.Linear(3 * 256, 3))
    nn.init.zeros_(module[1].weight)
    with torch.no_grad():
        module[1].weight[0].view(3, 16, 16)[:, 4:8, 8:12] = 1
    model = differentiable(module, "logit:cat")
    white = torch.full((16, 16, 3), 255.0).double()
    areas = (1 / 16, 0.25)
    found = extremal_masks(model, white, torch.zeros_like(white), areas, cells=8, steps=40)
    np.testing.assert_allclose(found.mean((1, 2)), areas, atol=1e-9)
    assert float(found.min()) >= 0 and float(found.max()) <= 1
    inside = found[:, 4:8, 8:12]
    assert float(inside[0].mean()) > 0.8 and float(inside[1].mean()) > 0.99
    # A mask of even values keeps its area of the change, a perfect one all of it.
    kept = model.values(found[..., None] * white) - model.values(torch.zeros_like(white)[None])
    whole = model.values(white[None]) - model.values(torch.zeros_like(white)[None])
    assert kept[0] > 0.8 * whole and kept[1] > 0.99 * whole


def test_the_thresholds_slope_is_right():
    torch.manual_seed(0)
    scores = torch.randn(2, 1, 3, 3).double()
    areas = torch.tensor([0.2, 0.6]).double()[:, None, None]
    assert torch.autograd.gradcheck(
        lambda s: masks_of(s, (6, 7), areas), scores.requires_grad_(), atol=1e-6
    )


def test_extremal_maps_have_a_mean_of_0_and_raise_the_output(differentiable, small):
    model = differentiable(Net(), "logit:dog")
    settings = GRADIENTS["extremal_perturbation"]().plain()
    found = gradient_maps(model, small, settings)
    np.testing.assert_allclose(found.mean((1, 2)), 0, atol=1e-6)
    pixels = model.pixels(small[:1])[0]
    masks = extremal_masks(model, pixels, torch.zeros_like(pixels), [0.3], cells=8, steps=40)
    rng = np.random.default_rng(0)
    random = []
    for _ in range(20):
        scores = torch.from_numpy(rng.normal(0, 6, (1, 1, 11, 8)))
        random.append(masks_of(scores, (16, 12), torch.full((1, 1, 1), 0.3).double())[0])
    values = model.values(torch.stack([masks[0], *random])[..., None] * pixels)
    assert values[0] > values[1:].max()


def test_gradient_shap_of_a_linear_output_is_exact(differentiable, linear, frames):
    model = differentiable(linear, "logit:cat")
    few = frames[:2, :4, :6]
    found = gradient_maps(model, few, SHAP | {"noise": 0.0, "baseline": "black", "samples": 3})
    wanted = gradient_maps(model, few, GRADIENTS["input_x_gradient"]().plain())
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_gradient_shap_nears_integrated_gradients_and_sums_to_the_change(differentiable, small):
    model = differentiable(Smooth(), "dog")
    line = {"baseline": "black", "blur": 0.1}
    found = gradient_maps(model, small, SHAP | line | {"noise": 0.0, "samples": 256})
    wanted = gradient_maps(model, small, {"name": "integrated_gradients", "points": 64, **line})
    assert np.abs(found - wanted).max() < 0.01 * np.abs(wanted).max()
    pixels = model.pixels(small)
    noisy = gradient_maps(model, small, SHAP | {"samples": 512})
    rng = np.random.default_rng(0)
    starts = torch.from_numpy(rng.uniform(0, 255, (512, *pixels.shape[1:])))
    change = model.values(pixels) - model.values(starts).mean()
    np.testing.assert_allclose(noisy.sum((1, 2)), change, atol=0.01)
    assert not np.array_equal(noisy, gradient_maps(model, small, SHAP | {"samples": 512}, seed=1))
