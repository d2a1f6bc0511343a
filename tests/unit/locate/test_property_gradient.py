"""The located property gradient is complete, and places change where it arises."""

import numpy as np
import pytest
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.inference.run import Runner
from zollstock.locate.property_gradient import property_gradient

RNG = np.random.default_rng(0)
SMALL = RNG.integers(0, 256, (5, 4, 6, 3), dtype=np.uint8)
STD = np.array([0.2, 0.3, 0.25])


def test_of_a_linear_model_it_is_the_weight_times_the_change(linear, differentiable):
    model = differentiable(linear, "logit:dog")
    found = property_gradient(model, SMALL, np.arange(5.0))
    weight = linear[1].weight[1].double().reshape(3, 4, 6).permute(1, 2, 0).detach().numpy()
    change = (SMALL[-1].astype(float) - SMALL[0]) / (255 * STD)
    np.testing.assert_allclose(found.map, (weight * change).sum(-1), atol=1e-6)
    assert found.complete and found.share < 1e-6
    assert found.points == 5  # nothing to refine


@pytest.mark.parametrize("output", ["cat", "logit:dog", "margin"])
def test_it_sums_to_the_change_of_the_output(mixer, differentiable, frames, output):
    model = differentiable(mixer, output, dtype=torch.float32)
    found = property_gradient(model, frames, np.linspace(0, 1, 5))
    assert found.map.shape == (16, 12) and found.map.dtype == np.float32
    assert found.complete and found.share <= 0.01
    assert abs(found.map.sum(dtype=float) - found.change) <= 0.01 * found.variation
    assert (found.travelled >= np.abs(found.map) - 1e-6).all()
    np.testing.assert_allclose(found.pieces.sum(0), found.map, atol=1e-6)
    steps = found.pieces.sum((1, 2), dtype=float) - np.diff(found.series)
    assert np.abs(steps).sum() <= 0.01 * found.variation


def test_its_numbers_are_those_of_inference(mixer, as_model, differentiable, frames):
    model = differentiable(mixer, "dog", dtype=torch.float32)
    found = property_gradient(model, frames, np.linspace(0, 1, 5))
    plain = Runner(as_model(mixer), device="cpu").probabilities(frames)[:, 1]
    np.testing.assert_allclose(found.series, plain, atol=1e-6)


def test_a_steep_step_is_refined_where_it_is(differentiable):
    class Step(nn.Module):
        """A sigmoid of the mean, so steep that frames miss its slope."""

        def forward(self, x):
            wide = 60 * x.mean((1, 2, 3))
            return torch.stack([wide, -wide, 0 * wide], 1)

    model = differentiable(Step(), "cat")
    levels = np.array([0, 100, 150, 255], np.uint8)
    path = np.broadcast_to(levels[:, None, None, None], (4, 3, 5, 3))
    found = property_gradient(model, path, levels.astype(float))
    assert found.complete and found.share < 0.01 and found.points > 8
    few = property_gradient(model, path, levels.astype(float), most=4)
    assert not few.complete and few.points == 4
    assert abs(few.error) > 0.01 * few.variation  # and says so


def test_it_goes_where_only_some_pixels_change(mixer, differentiable, frames):
    path = np.broadcast_to(frames[:1], frames.shape).copy()
    path[:, :5, :4] = frames[:, :5, :4]
    found = property_gradient(differentiable(mixer, "cat"), path, np.linspace(0, 1, 5))
    assert np.abs(found.map[:5, :4]).sum() > 0
    assert not found.map[5:].any() and not found.map[:, 4:].any()


def test_unused_steps_and_the_unedited_picture_are_left_out(mixer, differentiable, frames):
    model = differentiable(mixer, "cat")
    whole = property_gradient(model, frames, np.linspace(0, 1, 5))
    padded = np.concatenate([frames[:2], np.zeros_like(frames[:1]), frames[2:], frames[:1]])
    axis = np.array([0, 0.25, np.nan, 0.5, 0.75, 1])
    np.testing.assert_array_equal(property_gradient(model, padded, axis).map, whole.map)


def test_a_path_may_fall_and_run_both_ways(mixer, differentiable, frames):
    model = differentiable(mixer, "cat")
    rising = property_gradient(model, frames, np.linspace(-1, 1, 5))
    falling = property_gradient(model, frames[::-1], np.linspace(1, -1, 5))
    np.testing.assert_allclose(falling.map, -rising.map, atol=1e-6)
    # From the reference frame to one side, then to the other: by value.
    order = [2, 3, 4, 1, 0]
    mixed = property_gradient(model, frames[order], np.linspace(-1, 1, 5)[order])
    np.testing.assert_array_equal(mixed.map, rising.map)


def test_a_grey_model_is_complete_on_real_frames(as_model, differentiable, frames):
    torch.manual_seed(3)
    module = nn.Sequential(nn.Conv2d(1, 4, 3), nn.GELU(), nn.Flatten(), nn.Linear(4 * 140, 3))
    model = differentiable(module, "logit:cat", channels=1)
    found = property_gradient(model, frames, np.linspace(0, 1, 5), tolerance=1e-3)
    assert found.share < 1e-3  # of the grey levels that the model is given, which are rounded
    plain = Runner(as_model(module.float(), channels=1), device="cpu").logits(frames)[:, 0]
    np.testing.assert_allclose(found.series, plain, rtol=1e-5, atol=1e-5)


def test_one_class_and_constant_outputs_give_zeros(differentiable, frames):
    module = nn.Sequential(nn.Conv2d(3, 1, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    found = property_gradient(
        differentiable(module, "only", classes=("only",)), frames, np.arange(5.0)
    )
    assert not found.map.any() and found.complete and np.isnan(found.share)


def test_too_short_a_path_is_told(mixer, differentiable, frames):
    model = differentiable(mixer, "cat")
    with pytest.raises(ZollstockError, match=r"1 frame\(s\)"):
        property_gradient(model, frames, [0, *[np.nan] * 4])
    with pytest.raises(ZollstockError, match="axis of shape"):
        property_gradient(model, frames, np.zeros((5, 1)))


def test_batches_change_nothing(mixer, as_model, frames):
    from zollstock.locate.differentiable import Differentiable

    maps = [
        property_gradient(
            Differentiable(as_model(mixer), batch_size=size).follow("cat"), frames, np.arange(5.0)
        ).map
        for size in (1, 3, 16)
    ]
    np.testing.assert_allclose(maps[0], maps[2], atol=1e-6)
    np.testing.assert_allclose(maps[1], maps[2], atol=1e-6)
