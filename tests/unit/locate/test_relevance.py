"""Relevance is shared out by its rules and lost only where it is said, on every kind of network."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.unit.locate.nets import ALIKE, Gated, Net
from tests.unit.locate.test_gradients import captum
from tests.unit.trace.nets import build
from zollstock.errors import ZollstockError
from zollstock.locate.gradients import gradient_maps
from zollstock.locate.relevance import RelevanceModel, Rules
from zollstock.locate.sharing import PLUS, Weighted, shared
from zollstock.settings.locate.gradients import GRADIENTS

COMPOSITE = GRADIENTS["lrp"]().plain() | {"epsilon": 1e-12}
EPSILON = COMPOSITE | {"rule": "epsilon"}
EXCITED = GRADIENTS["excitation_backprop"]().plain()
ADDED = ("bias", "token", "position")
"""What is added to what flows, by the names of parameters."""


class Normed(Net):
    """A batch norm behind a convolution, one alone, and a residual connection."""

    def __init__(self, seed=0, channels=3):
        super().__init__(seed, channels)
        self.norm, self.alone = nn.BatchNorm2d(5), nn.BatchNorm2d(6)
        for one in (self.norm, self.alone):
            nn.init.normal_(one.running_mean)
            nn.init.uniform_(one.running_var, 0.5, 2)
            nn.init.normal_(one.weight)
            nn.init.normal_(one.bias)
        self.most = nn.MaxPool2d(2)

    def first(self, x):
        return self.act1(self.norm(x))

    def second(self, x):
        return self.alone(self.most(self.act2(x)))


@pytest.fixture
def small(frames):
    return frames[:2]


def normalised(model, small):
    """Return what the module receives."""
    pixels = model.pixels(small)
    mean, std = (torch.tensor(one).double() * 255 for one in ((0.4, 0.5, 0.6), (0.2, 0.3, 0.25)))
    return ((pixels - mean) / std).permute(0, 3, 1, 2)


def without_biases(module):
    for name, value in [*module.named_parameters(), *module.named_buffers()]:
        if name.endswith(("bias", "running_mean")):
            nn.init.zeros_(value)
    return module


def followed(differentiable, module, inputs):
    """Return a network of `build` as a model, and two frames."""
    grey = inputs.shape[1] == 1
    model = differentiable(module, "logit:dog", **({"channels": 1} if grey else {}))
    frames = (inputs[:2].permute(0, 2, 3, 1) * 255).byte().numpy()
    return model, frames.repeat(3, -1) if grey else frames


@pytest.mark.parametrize("kind", [*ALIKE, Normed], ids=lambda kind: kind.__name__)
def test_the_epsilon_rule_is_captums(differentiable, small, kind):
    plain = Normed if kind is Normed else Net
    model = differentiable(plain(), "logit:dog")
    x = normalised(model, small)
    wanted = captum("LRP")(model.network.module).attribute(x, target=1).sum(1).detach().numpy()
    found = gradient_maps(differentiable(kind(), "logit:dog"), small, EPSILON)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)
    assert np.abs(wanted).max() > 1e-3


def test_the_gamma_rule_is_captums(as_model, small):
    """Of what is not below 0 and without biases, where theirs is the published one."""
    from captum.attr._utils.lrp_rules import GammaRule

    from zollstock.locate.differentiable import Differentiable
    from zollstock.models.normalisation import Normalisation

    model = as_model(without_biases(Net()))
    model = model.__class__(**{**vars(model), "normalisation": Normalisation((0, 0, 0), (1, 1, 1))})
    follow = Differentiable(model, dtype=torch.float64).follow("logit:dog")
    module = follow.network.module
    module.conv1.rule, module.conv2.rule = GammaRule(0.25), GammaRule(0.25)
    x = (follow.pixels(small) / 255).permute(0, 3, 1, 2)
    wanted = captum("LRP")(module).attribute(x, target=1).sum(1).detach().numpy()
    found = gradient_maps(follow, small, COMPOSITE)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-7)
    assert not np.allclose(found, gradient_maps(follow, small, EPSILON), rtol=0.01)


@pytest.mark.parametrize("more", [0.5, PLUS])
def test_the_way_back_is_the_formula(more):
    rng = torch.Generator().manual_seed(0)
    x, w, b = (torch.randn(n, generator=rng).double() for n in ((3, 4), (5, 4), (5,)))
    relevance = torch.randn((3, 5), generator=rng).double()
    act = nn.functional.linear
    y = act(x, w, b)
    leaf = x.clone().requires_grad_()
    given = relevance / y
    found = torch.autograd.grad(shared(leaf, y, Weighted(act, w, b, more)), leaf, given)[0] * x
    wanted = np.zeros((3, 4))
    for n in range(3):
        for e in range(5):
            up = float(y[n, e]) > 0 or more == PLUS
            owed = []
            for value in [*(x[n] * w[e]), b[e]]:
                good = (float(value) > 0) == up
                if more == PLUS:
                    owed.append(float(value) if good else 0.0)
                else:
                    owed.append(float(value) * (1 + more if good else 1))
            total = sum(owed[:4]) + (0 if more == PLUS else owed[4])
            wanted[n] += [float(relevance[n, e]) * one / total for one in owed[:4]]
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


@pytest.mark.parametrize("name", ["lenet", "resnet", "convmixer", "convnext", "vit"])
def test_what_is_lost_is_what_biases_bring(differentiable, name):
    """Σ R of pixels and of all that is added is the logit, to the last digits."""
    module, inputs = build(name)
    for one in module.modules():
        if isinstance(one, nn.BatchNorm2d):
            nn.init.zeros_(one.running_mean)  # else it is added as well
    for key, value in module.named_parameters():
        if key.endswith("bias"):
            nn.init.normal_(value, std=0.1)
    model, frames = followed(differentiable, module, inputs)
    pixels = model.pixels(frames).requires_grad_()
    added = {
        key: value.requires_grad_()
        for key, value in model.network.module.named_parameters()
        if any(word in key for word in ADDED)
    }
    relevant = RelevanceModel.of(model, Rules("lrp", 0.0, 0.0))
    values = relevant(pixels)
    slopes = torch.autograd.grad(values.sum(), list(added.values()), allow_unused=True)
    lost = sum(
        (slope * value).sum() for slope, value in zip(slopes, added.values(), strict=True)
        if slope is not None
    )  # fmt: skip
    relevance = relevant.relevance(pixels.detach())
    np.testing.assert_allclose(
        float((relevance.sum() + lost).detach()), float(values.sum().detach()), rtol=1e-9, atol=1e-9
    )
    assert abs(float(lost.detach())) > 1e-3


@pytest.mark.parametrize("settings", [EPSILON, COMPOSITE], ids=["epsilon", "composite"])
@pytest.mark.parametrize("output", ["logit:dog", "margin:dog"])
def test_without_biases_nothing_is_lost(differentiable, small, settings, output):
    model = differentiable(without_biases(Normed()), output)
    values = model.values(model.pixels(small))
    found = gradient_maps(model, small, settings)
    np.testing.assert_allclose(found.sum((1, 2), dtype=float), values, rtol=1e-4)
    assert np.abs(values).min() > 1e-3


def test_a_batch_norm_behind_a_convolution_is_part_of_it(differentiable, small):
    module = Normed().double().eval()
    folded = Normed().double().eval()
    with torch.no_grad():
        scale = module.norm.weight / (module.norm.running_var + module.norm.eps).sqrt()
        folded.conv1.weight.mul_(scale[:, None, None, None])
        shift = scale * (module.conv1.bias - module.norm.running_mean) + module.norm.bias
        folded.conv1.bias.copy_(shift)
    folded.norm = nn.Identity()
    for settings in (COMPOSITE, EPSILON | {"epsilon": 0.1}):
        one, other = (
            gradient_maps(differentiable(net, "logit:cow"), small, settings)
            for net in (module, folded)
        )
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("name", ["lenet", "resnet"])
def test_winners_are_places(differentiable, name):
    module, inputs = build(name)
    model, frames = followed(differentiable, module, inputs)
    found = gradient_maps(model, frames, EXCITED)
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum((1, 2)), 1, rtol=1e-5)
    likely = gradient_maps(model.network.follow("dog"), frames, EXCITED)
    assert likely.min() < 0
    np.testing.assert_allclose(likely.sum((1, 2)), 0, atol=1e-5)


@pytest.mark.parametrize("kind", ALIKE, ids=lambda kind: kind.__name__)
def test_winners_by_the_published_rule(differentiable, small, kind):
    """P(a_i) = Σ_j P(a_j)·a_i·w⁺_ij / Σ_k a_k·w⁺_kj, written with the network's own layers."""
    model = differentiable(kind(), "logit:dog")
    module = Net().double()
    x = normalised(model, small)

    def won(act, a, w, p):
        up, down = w.clamp(min=0), w.clamp(max=0)
        total = act(a.clamp(min=0), up) + act(a.clamp(max=0), down)
        share = p / total
        leaf = a.detach().requires_grad_()
        above = torch.autograd.grad(act(leaf, up), leaf, share)[0]
        below = torch.autograd.grad(act(leaf, down), leaf, share)[0]
        return a * torch.where(a > 0, above, below)

    conv1 = lambda v, w: nn.functional.conv2d(v, w, padding=1)  # noqa: E731
    conv2 = lambda v, w: nn.functional.conv2d(v, w, stride=2)  # noqa: E731
    pool = lambda v, _: module.pool(v)  # noqa: E731
    with torch.no_grad():
        a1 = module.conv1(x).relu()
        a2 = module.conv2(a1).relu()
        a3 = module.pool(a2)
    p = torch.zeros(2, 3).double()
    p[:, 1] = 1
    p = won(nn.functional.linear, a3.flatten(1), module.head.weight.detach(), p).reshape(a3.shape)
    p = won(pool, a2, torch.ones(1).double(), p)
    middle = p = won(conv2, a1, module.conv2.weight.detach(), p)
    p = won(conv1, x, module.conv1.weight.detach(), p)
    np.testing.assert_allclose(gradient_maps(model, small, EXCITED), p.sum(1), rtol=1e-5)
    if kind is Net:
        found = gradient_maps(model, small, EXCITED | {"layer": "act1"})
        np.testing.assert_allclose(found, middle.sum(1), rtol=1e-5, atol=1e-8)


def test_what_no_rule_covers_is_refused(differentiable, small, mixer):
    class Attending(Net):
        def second(self, x):
            flat = x.flatten(2)
            return (flat @ flat.transpose(1, 2) @ flat).unflatten(2, (7, 5))

    for module, words in ((Gated(), "Mul, Sigmoid"), (Attending(), "Bmm")):
        with pytest.raises(ZollstockError, match=f"{words}.*integrated_gradients"):
            gradient_maps(differentiable(module), small, COMPOSITE)

    class Bottleneck(Net):
        def first(self, x):
            return x

    for module, words in ((mixer, "batch norm that follows no"), (Gated(), "linear that reads"),
                          (Bottleneck(), "conv2d that reads values below 0")):  # fmt: skip
        with pytest.raises(ZollstockError, match=f"{words}.*lrp"):
            gradient_maps(differentiable(module), small, EXCITED)
    with pytest.raises(ZollstockError, match=r"lacks.*Did you mean 'act"):
        gradient_maps(differentiable(Net()), small, EXCITED | {"layer": "act"})

    class Multihead(Net):
        def __init__(self):
            super().__init__()
            self.attend = nn.MultiheadAttention(6, 2, batch_first=True)

        def second(self, x):
            flat = x.flatten(2).transpose(1, 2)
            return self.attend(flat, flat, flat)[0].transpose(1, 2).unflatten(2, (7, 5))

    with pytest.raises(ZollstockError, match=r"Softmax.*integrated_gradients"):
        gradient_maps(differentiable(Multihead()), small, COMPOSITE)
