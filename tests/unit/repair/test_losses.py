"""Losses on attributions, and the property difference."""

import numpy as np
import pytest
import torch

from tests.unit.repair.nets import build, given, settings
from zollstock.errors import ZollstockError
from zollstock.repair.explainers import explain, known_explainers
from zollstock.repair.losses import (
    NORMALISATIONS,
    PENALTIES,
    explanation_loss,
    ixai,
    property_difference,
)


def wanted_of(inputs):
    return (torch.arange(36).view(6, 6) % 3 == 0).double().expand(len(inputs), 6, 6)


def slope_and_quotient(module, loss, step=1e-6):
    """The loss's derivative along a random direction of all weights, and its quotient."""
    weights = list(module.parameters())
    generator = torch.Generator().manual_seed(5)
    ways = [torch.randn(w.shape, generator=generator, dtype=w.dtype) for w in weights]
    found = torch.autograd.grad(loss(), weights, allow_unused=True)
    slope = sum(float((g * d).sum()) for g, d in zip(found, ways, strict=True) if g is not None)
    values = []
    for sign in (1, -2):
        with torch.no_grad():
            for weight, way in zip(weights, ways, strict=True):
                weight += sign * step * way
        values.append(float(loss().detach()))
    return slope, (values[0] - values[1]) / (2 * step)


@pytest.mark.parametrize("name", known_explainers())
def test_the_losss_gradient_by_the_weights_is_its_finite_difference(name):
    module, inputs, targets = build()
    slope, quotient = slope_and_quotient(
        module,
        lambda: explanation_loss(
            module, inputs, targets, settings(name), wanted_of(inputs), "mask", given=given(inputs)
        ),
    )
    assert slope == pytest.approx(quotient, rel=1e-5)
    assert abs(slope) > 1e-6


@pytest.mark.parametrize("penalty", [*PENALTIES, lambda a, w: (a * w).pow(4).sum()])
@pytest.mark.parametrize("normalise", [None, *NORMALISATIONS])
def test_of_each_penalty(penalty, normalise):
    module, inputs, targets = build()
    how = settings("input_x_gradient", smooth=4.0)
    slope, quotient = slope_and_quotient(
        module,
        lambda: explanation_loss(
            module, inputs, targets, how, wanted_of(inputs), penalty, normalise=normalise
        ),
    )
    assert slope == pytest.approx(quotient, rel=1e-4)


def test_penalties_by_hand():
    found, wanted = torch.tensor([[[1.0, 2.0]], [[0.0, 3.0]]]), torch.tensor([[[1.0, 0.0]]] * 2)
    assert float(PENALTIES["squared"](found, wanted)) == pytest.approx((0 + 4 + 1 + 9) / 4)
    assert float(PENALTIES["absolute"](found, wanted)) == pytest.approx((0 + 2 + 1 + 3) / 4)
    assert float(PENALTIES["cosine"](found, wanted)) == pytest.approx(
        ((1 - 1 / np.sqrt(5)) + 1) / 2
    )
    assert float(PENALTIES["mask"](found, wanted)) == pytest.approx((4 + 9) / 2)


def test_ixais_normalisation():
    maps = ixai(torch.tensor([[[[1.0, -3.0]], [[1.0, 1.0]]]]))
    torch.testing.assert_close(maps, torch.tensor([[[0.0, 1.0]]]), atol=1e-7, rtol=0)
    assert ixai(torch.ones(1, 2, 3, 3)).isfinite().all()


def test_what_is_wanted_of_each_channel_is_compared_with_each_channel():
    module, inputs, targets = build()
    same = explain(module, inputs, targets, {"name": "saliency"}).detach()
    loss = explanation_loss(module, inputs, targets, {"name": "saliency"}, same)
    assert float(loss.detach()) == 0
    summed = same.sum(1)
    loss = explanation_loss(module, inputs, targets, {"name": "saliency"}, summed, "absolute")
    assert float(loss.detach()) == 0


def test_what_cannot_be_is_said():
    module, inputs, targets = build()
    with pytest.raises(ZollstockError, match="Did you mean 'squared'"):
        explanation_loss(module, inputs, targets, {"name": "saliency"}, wanted_of(inputs), "square")
    with pytest.raises(ZollstockError, match=r"has shape \(3, 5, 6\)"):
        explanation_loss(module, inputs, targets, {"name": "saliency"}, wanted_of(inputs)[:, :5])


def test_the_property_difference_is_its_formula():
    module, inputs, targets = build()
    module.eval()
    other = inputs + 0.5
    likely = [module(x).softmax(1)[range(3), targets].log() for x in (inputs, other)]
    found = property_difference(module, inputs, other, targets)
    assert float(found) == pytest.approx(float(((likely[0] - likely[1]) ** 2).mean()))
    assert float(property_difference(module, inputs, inputs, targets)) == 0
    slope, quotient = slope_and_quotient(
        module, lambda: property_difference(module, inputs, other, targets)
    )
    assert slope == pytest.approx(quotient, rel=1e-5)
