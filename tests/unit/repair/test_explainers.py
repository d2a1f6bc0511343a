"""Explainers: right in value and in the weights' gradient, and they leave a training alone."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call

from tests.unit.repair.nets import Curved, Modules, Net, build, given, settings
from zollstock.errors import ZollstockError
from zollstock.repair.activations import Softened
from zollstock.repair.explained import OUTPUTS, Draws, Given, quiet
from zollstock.repair.explainers import explain, known_explainers

EXACT = ("deeplift", "deeplift_shap", "integrated_gradients")


class Swapped(nn.Module):
    """A network with other weights, which may be differentiated by."""

    def __init__(self, module, names, weights):
        super().__init__()
        self.module, self._held = module, dict(zip(names, weights, strict=True))

    def forward(self, x):
        return functional_call(self.module, self._held, (x,))


def second_order(module, inputs, targets, how, output="logit"):
    """Whether attributions' gradients by all weights are finite differences."""
    names, weights = zip(*module.named_parameters(), strict=True)

    def attributions(*values):
        swapped = Swapped(module, names, values).train()
        return explain(swapped, inputs, targets, how, given(inputs), output=output)

    leaves = [weight.detach().clone().requires_grad_() for weight in weights]
    return torch.autograd.gradcheck(attributions, leaves, fast_mode=True, atol=1e-6)


@pytest.mark.parametrize("name", known_explainers())
@pytest.mark.parametrize("kind", [Net, Curved])
def test_gradients_by_the_weights_are_finite_differences(name, kind):
    assert second_order(*build(kind), settings(name))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("name", ["saliency", "deeplift"])
def test_of_each_output(name, output):
    assert second_order(*build(), settings(name), output)


@pytest.mark.parametrize(
    "how",
    [
        settings("deeplift", multiply_by_inputs=False),
        settings("integrated_gradients", multiply_by_inputs=False),
        settings("saliency", form="absolute"),
        settings("saliency", smooth=3.0),
        settings("deeplift", smooth=3.0),
        settings("noise_tunnel", inner=settings("expected_gradients"), kind="squared"),
        settings("ablation", shared=True),
    ],
    ids=str,
)
def test_of_settings(how):
    assert second_order(*build(), how)


def test_where_inputs_are_their_baselines_nothing_is_nan():
    module, inputs, targets = build()
    found = explain(module, inputs, targets, settings("deeplift"), Given(baseline=inputs))
    assert not found.any()
    found.square().sum().backward()
    assert all(weight.grad.isfinite().all() for weight in module.parameters())


@pytest.mark.parametrize("name", known_explainers())
def test_a_training_is_left_as_it_is(name):
    module, inputs, targets = build()
    module.train()
    module.act.eval()  # a part that the user holds
    kept = {key: value.clone() for key, value in module.state_dict().items()}
    modes = [part.training for part in module.modules()]
    explain(module, inputs, targets, settings(name), given(inputs)).sum().backward()
    assert [part.training for part in module.modules()] == modes
    assert all(torch.equal(value, kept[key]) for key, value in module.state_dict().items())
    with torch.no_grad():  # without a record of the pass there is nothing to train
        found = explain(module, inputs, targets, settings(name), given(inputs))
    assert not found.requires_grad


def test_modes_are_given_back_after_an_error():
    module, _, _ = build()
    module.train()
    with pytest.raises(RuntimeError, match="mine"), quiet(module):
        assert not module.norm.training
        raise RuntimeError("mine")
    assert module.norm.training


@pytest.mark.parametrize("name", known_explainers())
def test_an_image_has_the_same_whatever_it_is_batched_with(name):
    module, inputs, targets = build()
    whole = explain(module, inputs, targets, settings(name), given(inputs))
    some = Given(**vars(given(inputs)) | {"draws": Draws(0, [2])})
    alone = explain(module, inputs[2:], targets[2:], settings(name), some)
    torch.testing.assert_close(whole[2:], alone, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["expected_gradients", "noise_tunnel", "deeplift_shap"])
def test_what_is_drawn_hangs_on_the_seed(name):
    module, inputs, targets = build()
    found = [
        explain(module, inputs, targets, settings(name), given(inputs, seed)) for seed in (0, 0, 1)
    ]
    assert torch.equal(found[0], found[1])
    assert not torch.allclose(found[0], found[2])


@pytest.mark.parametrize("name", EXACT)
def test_what_is_complete_sums_to_the_change(name):
    module, inputs, targets = build()
    how = {"integrated_gradients": {"points": 400}, "deeplift_shap": {"samples": None}}
    own = given(inputs)
    found = explain(module, inputs, targets, {"name": name, **how.get(name, {})}, own)
    module.eval()
    starts = own.baselines if name == "deeplift_shap" else torch.full_like(inputs[:1], 0.25)
    low = module(starts)[:, targets].mean(0)
    change = module(inputs).gather(1, targets[:, None])[:, 0] - low
    torch.testing.assert_close(found.sum((1, 2, 3)), change, rtol=1e-2, atol=1e-3)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_captum_says_the_same():
    captum = pytest.importorskip("captum.attr")
    module, inputs, targets = build(Modules)
    own = given(inputs)
    base = torch.full_like(inputs, 0.25)
    module.eval()
    mask = own.segments[None, None]
    theirs = {
        "saliency": captum.Saliency(module).attribute(inputs, targets, abs=False),
        "input_x_gradient": captum.InputXGradient(module).attribute(inputs, targets),
        "integrated_gradients": captum.IntegratedGradients(module).attribute(
            inputs, base, targets, n_steps=3
        ),
        "deeplift": captum.DeepLift(module).attribute(inputs, base, targets),
        "deeplift_shap": captum.DeepLiftShap(module).attribute(inputs, own.baselines, targets),
    }
    maps = {
        "ablation": captum.FeatureAblation(module).attribute(inputs, base, targets, None, mask),
        "occlusion": captum.Occlusion(module).attribute(
            inputs, (2, 3, 3), (2, 3, 3), base, targets
        ),
        "kernel_shap": captum.ShapleyValues(module).attribute(
            inputs, base, targets, feature_mask=mask
        ),
    }
    how = {"deeplift_shap": {"samples": None}, "occlusion": {"window": 3, "stride": 3}}
    for name, wanted in theirs.items() | maps.items():
        found = explain(module, inputs, targets, settings(name) | how.get(name, {}), own)
        if name in maps:  # captum gives each channel the number of the place
            found, wanted = found.sum(1), wanted[:, 0]
        torch.testing.assert_close(found, wanted.detach().double(), rtol=1e-6, atol=1e-8, msg=name)


def test_lime_is_the_weighted_least_squares_of_its_samples():
    from sklearn.linear_model import LinearRegression

    from zollstock.locate.regression import kernel_weights
    from zollstock.locate.samples import draw_samples
    from zollstock.seeds import rng_for

    module, inputs, targets = build()
    own, how = given(inputs), settings("lime")
    found = explain(module, inputs, targets, how, own).sum(1).detach()
    kept = draw_samples(4, how["samples"], rng_for(0, "repair", "lime", 4))
    module.eval()
    for row in range(3):
        shown = [torch.where(torch.from_numpy(z)[own.segments], inputs[row], 0.25) for z in kept]
        y = module(torch.stack(shown))[:, targets[row]].detach().numpy()
        fit = LinearRegression().fit(kept, y, kernel_weights("cosine", kept, 0.25))
        np.testing.assert_allclose(found[row].numpy(), fit.coef_[own.segments], atol=1e-8)


def test_expected_gradients_and_noise_are_means_of_single_passes():
    module, inputs, targets = build()
    own = given(inputs)
    found = explain(module, inputs, targets, settings("noise_tunnel", kind="smoothgrad"), own)
    noise = own.draws.normal("noise_tunnel", 2, inputs).view(2, *inputs.shape)
    single = [
        explain(module, inputs + 0.3 * one, targets, {"name": "saliency"}, own) for one in noise
    ]
    torch.testing.assert_close(found, torch.stack(single).mean(0))
    one = Given(**vars(own) | {"baselines": own.baselines[:1]})
    many = explain(module, inputs, targets, {"name": "expected_gradients", "samples": 3000}, one)
    line = Given(**vars(own) | {"baseline": own.baselines[0]})
    exact = explain(module, inputs, targets, {"name": "integrated_gradients", "points": 200}, line)
    assert (many - exact).abs().max() < 0.05 * exact.abs().max()


def test_biases_learn_from_attributions_only_where_relu_is_softened():
    for smooth, taught in ((None, False), (5.0, True)):
        module, inputs, targets = build(norm=False)
        how = settings("saliency", smooth=smooth)
        explain(module, inputs, targets, how).square().sum().backward()
        bias = module.conv1.bias.grad
        assert (bias is not None and bool(bias.any())) is taught
        assert module.conv1.weight.grad.any()


def test_a_softened_network_has_the_weights_of_the_original():
    module, inputs, _ = build()
    module.eval()
    soft = Softened(module, 1e4)
    torch.testing.assert_close(soft(inputs), module(inputs), atol=1e-3, rtol=0)
    rough = Softened(module, 2.0)(inputs)
    assert (rough - module(inputs)).abs().max() > 1e-2
    assert all(
        one is other for one, other in zip(soft.parameters(), module.parameters(), strict=True)
    )


class Attention(Net):
    def forward(self, x):
        x = self.conv1(x)
        return self.head(torch.cat([x * x.softmax(1), x[:, :1]], 1).mean((2, 3)))


@pytest.mark.parametrize(
    ("how", "kind", "own", "words"),
    [
        ({"name": "salience"}, Net, None, "Did you mean 'saliency'"),
        ({"name": "saliency", "forms": 1}, Net, None, "has the setting 'forms'"),
        ({"name": "saliency", "form": "sign"}, Net, None, "one of signed"),
        ({"name": "noise_tunnel", "kind": "smooth"}, Net, None, "one of smoothgrad"),
        ({"name": "expected_gradients"}, Net, Given(), "is given no baselines"),
        ({"name": "ablation"}, Net, Given(), "are none"),
        ({"name": "deeplift"}, Attention, None, "has Mul, Softmax"),
        (
            {"name": "lime", "samples": {"name": "random", "kept": 0.5, "number": 2}},
            Net,
            None,
            "more samples",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(how, kind, own, words):
    module, inputs, targets = build(kind)
    with pytest.raises(ZollstockError, match=words):
        explain(module, inputs, targets, how, own or given(inputs))


def test_an_unknown_output_is_said():
    module, inputs, targets = build()
    with pytest.raises(ZollstockError, match="one of logit"):
        explain(module, inputs, targets, {"name": "saliency"}, output="odds")
