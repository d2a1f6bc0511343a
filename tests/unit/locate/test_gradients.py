"""Gradient attributions: equal to captum's where it is right, and right where it is not."""

import io
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from tests.unit.locate.nets import ALIKE, Gated, Net, Pooled, Reused, Smooth
from zollstock.entries import known_entries
from zollstock.errors import ZollstockError
from zollstock.locate import gradients as registry
from zollstock.locate.baselines import BASELINES, baseline
from zollstock.locate.gradients import gradient_maps
from zollstock.locate.gradients.deeplift import _contributions as contributions
from zollstock.locate.gradients.guided_backprop import attribute as guided
from zollstock.locate.rescale import Rescaled
from zollstock.models.families.exported import ExportedModel
from zollstock.settings.locate.gradients import GRADIENTS

SETTINGS = {name: kind().plain() for name, kind in GRADIENTS.items()}
LINE = {"baseline": "black", "blur": 0.1}


@pytest.fixture
def small(frames):
    return frames[:2]


class Whole(nn.Module):
    """Normalisation and network, from (N, H, W, 3), as captum takes it."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        self.inner = model.network.module

    def forward(self, pixels):
        return self.model.network._run(pixels)


def captum(name):
    module = pytest.importorskip("captum.attr")
    warnings.simplefilter("ignore")
    return getattr(module, name)


def summed(values):
    return values.sum(-1).detach().numpy()


def test_every_method_has_settings_and_gives_signed_maps(differentiable, small):
    model = differentiable(Net(), "logit:dog")
    assert set(known_entries(registry)) == set(SETTINGS)
    for name, settings in SETTINGS.items():
        maps = gradient_maps(model, small, settings)
        assert maps.shape == (2, 16, 12) and maps.dtype == np.float32, name
        signed = name not in ("gradcam", "excitation_backprop")  # of a logit a probability
        assert np.abs(maps).max() > 0 and (not signed or maps.min() < 0 < maps.max()), name
        alone = np.concatenate([gradient_maps(model, small[k : k + 1], settings) for k in (1, 0)])
        np.testing.assert_allclose(alone[::-1], maps, atol=1e-6, err_msg=name)


@pytest.mark.parametrize(
    ("name", "theirs", "settings", "options"),
    [
        ("saliency", "Saliency", {}, {"abs": False}),
        ("input_x_gradient", "InputXGradient", {}, {}),
        ("integrated_gradients", "IntegratedGradients", {**LINE, "points": 7}, {"n_steps": 7}),
    ],
)
@pytest.mark.parametrize("output", ["dog", "logit:dog", "margin:dog"])
def test_values_are_captums(differentiable, small, name, theirs, settings, options, output):
    model = differentiable(Net(), output)
    pixels = model.pixels(small)
    wanted = summed(captum(theirs)(model).attribute(pixels, **options))
    found = gradient_maps(model, small, {"name": name, **settings})
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(("window", "stride"), [(4, 2), (5, 3), (16, 16), (1, 1)])
def test_occlusion_is_captums(differentiable, small, window, stride):
    model = differentiable(Net(), "dog")
    side = (min(window, 16), min(window, 12), 3)
    wanted = captum("Occlusion")(model).attribute(
        model.pixels(small), side, (min(stride, side[0]), min(stride, side[1]), 3)
    )
    settings = {"name": "occlusion", "window": window, "stride": stride, **LINE}
    found = gradient_maps(model, small, settings)
    np.testing.assert_allclose(found, wanted[..., 0].numpy(), rtol=1e-5, atol=1e-8)


def test_gradcam_is_captums_without_its_relu(differentiable, small):
    model = differentiable(Net(), "logit:dog")
    whole = Whole(model)
    coarse = captum("LayerGradCam")(whole, whole.inner.act2).attribute(model.pixels(small), 1)
    wanted = torch.nn.functional.interpolate(coarse, (16, 12), mode="bilinear")[:, 0]
    found = gradient_maps(model, small, {"name": "gradcam", "layer": "act2"})
    np.testing.assert_allclose(found, wanted.detach().numpy(), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("kind", ALIKE, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    ("name", "theirs"), [("guided_backprop", "GuidedBackprop"), ("deconvnet", "Deconvolution")]
)
def test_rectified_gradients_are_right_however_relus_are_called(
    differentiable, small, kind, name, theirs
):
    model = differentiable(Net(), "logit:dog")
    wanted = summed(captum(theirs)(Whole(model)).attribute(model.pixels(small), 1))
    assert np.abs(wanted).max() > 0
    plain = gradient_maps(model, small, SETTINGS["saliency"])
    assert not np.allclose(plain, wanted)
    found = gradient_maps(differentiable(kind(), "logit:dog"), small, SETTINGS[name])
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-8)


def test_guided_backprop_by_hand(differentiable, small):
    """A ReLU6 and a chain of two units: only what is raised through both is kept."""
    module = nn.Sequential(nn.Flatten(), nn.Linear(576, 4), nn.ReLU6(), nn.Linear(4, 3)).double()
    model = differentiable(module, "logit:cat")
    x = ((model.pixels(small) / 255 - torch.tensor([0.4, 0.5, 0.6]))
         / torch.tensor([0.2, 0.3, 0.25])).permute(0, 3, 1, 2)  # fmt: skip
    z = module[:2](x)
    back = module[3].weight[0].clamp(min=0) * ((z > 0) & (z < 6))
    wanted = (back @ module[1].weight).reshape(2, 3, 16, 12).permute(0, 2, 3, 1)
    wanted = (wanted / (255 * torch.tensor([0.2, 0.3, 0.25]))).sum(-1).detach().numpy()
    np.testing.assert_allclose(guided(model, small, {}), wanted, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("name", ["guided_backprop", "deconvnet"])
def test_rectified_gradients_refuse_what_has_no_relu(differentiable, small, mixer, name):
    for module, words in ((mixer, "Gelu"), (Smooth(), "Gelu"), (nn.Flatten(), "no ReLU"),
                          (nn.Sequential(nn.Hardtanh(), Net()), "Hardtanh")):  # fmt: skip
        with pytest.raises(ZollstockError, match=words):
            model = differentiable(module, classes=["c"] * 576 if words == "no ReLU" else "abc",
                                   output="logit:0")  # fmt: skip
            gradient_maps(model, small, SETTINGS[name])


@pytest.mark.parametrize("kind", ALIKE, ids=lambda kind: kind.__name__)
def test_deeplift_is_right_however_activations_are_called(differentiable, small, kind):
    model = differentiable(Net(), "logit:dog")
    pixels = model.pixels(small)
    whole = Whole(model)
    wanted = summed(captum("DeepLift")(whole).attribute(pixels, torch.zeros_like(pixels), 1))
    found = gradient_maps(differentiable(kind(), "logit:dog"), small, {"name": "deeplift", **LINE})
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("name", ["guided_backprop", "deeplift", "lrp", "excitation_backprop"])
def test_an_exported_program_is_seen_through(as_model, differentiable, small, name):
    """It calls functions that no module holds, with weights that have records of their own."""
    batch = {0: torch.export.Dim("n", min=1, max=512)}
    for kind in (Net, Pooled):
        given = (torch.zeros(2, 3, 16, 12),)
        program = torch.export.export(kind().eval(), given, dynamic_shapes=(batch,))
        held = io.BytesIO()
        torch.export.save(program, held)
        content = torch.frombuffer(bytearray(held.getvalue()), dtype=torch.uint8)
        found, wanted = (
            gradient_maps(differentiable(one, "dog", dtype=torch.float32), small, SETTINGS[name])
            for one in (ExportedModel(content), kind())
        )
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-6)


def test_captum_is_wrong_or_fails_where_a_relu_is_used_twice(differentiable, small):
    """Why DeepLift is our own."""
    model = differentiable(Reused(), "logit:dog")
    pixels = model.pixels(small)
    right = gradient_maps(model, small, {"name": "deeplift", **LINE})
    try:
        theirs = captum("DeepLift")(Whole(model)).attribute(pixels, torch.zeros_like(pixels), 1)
    except (AssertionError, RuntimeError):
        return
    assert not np.allclose(summed(theirs), right)


@pytest.mark.parametrize("kind", [Net, Reused, Pooled, Smooth], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("output", ["dog", "logit:dog", "margin:dog"])
@pytest.mark.parametrize("start", BASELINES)
def test_deeplift_sums_to_the_change(differentiable, small, kind, output, start):
    model = differentiable(kind(), output)
    found = gradient_maps(model, small, {"name": "deeplift", "baseline": start, "blur": 0.1})
    pixels = model.pixels(small)
    from zollstock.locate.baselines import rng_of

    starts = torch.stack([
        baseline(start, one, rng_of(frame, "deeplift", 0), 0.1)
        for one, frame in zip(pixels, small, strict=True)
    ])  # fmt: skip
    change = model.values(pixels) - model.values(starts)
    np.testing.assert_allclose(found.sum((1, 2), dtype=float), change, rtol=1e-4, atol=1e-7)


def test_deeplift_with_pooling_is_captums_where_that_adds_up(differentiable, small):
    class Modules(Pooled):
        def __init__(self):
            super().__init__()
            self.most = nn.MaxPool2d(2)

        def second(self, x):
            return self.most(x)

    model = differentiable(Modules(), "logit:dog")
    pixels = model.pixels(small)
    start = torch.flip(pixels, (0,))
    theirs = captum("DeepLift")(Whole(model)).attribute(pixels, start, 1)
    found = torch.stack([
        contributions(model, one, other) for one, other in zip(pixels, start, strict=True)
    ])  # fmt: skip
    np.testing.assert_allclose(summed(found), summed(theirs), rtol=1e-5, atol=1e-8)
    # Behind an activation captum 0.9 loses a part of the change.
    model = differentiable(nn.Sequential(nn.ReLU(), nn.MaxPool2d(2), Net()), "logit:dog")
    theirs = captum("DeepLift")(Whole(model)).attribute(pixels, start, 1)
    change = model.values(pixels) - model.values(start)
    assert (np.abs(summed(theirs).sum((1, 2)) - change) > 0.05 * np.abs(change)).all()


def test_a_window_of_pooling_by_hand():
    """Behind a ReLU: what is above the baseline's largest goes to the largest, and vice versa."""
    x = torch.tensor([3.0, 1.0, -1.0, 2.0]).reshape(1, 1, 2, 2)
    b = torch.tensor([-2.0, 2.5, 1.0, 0.0]).reshape(1, 1, 2, 2)
    for one, other, wanted in ((x, b, [0.5, 0, 0, 0]), (b, x, [-0.5, 0, 0, 0])):
        leaf = torch.cat([one, other]).requires_grad_()
        with Rescaled():
            found = nn.functional.max_pool2d(torch.relu(leaf), 2)
        slope = torch.autograd.grad(found[0].sum(), leaf)[0][0]
        # relu: (3, 1, 0, 2) and (0, 2.5, 1, 0); of the change 0.5 all is at the first place.
        np.testing.assert_allclose((slope * (one - other)[0]).flatten(), wanted, atol=1e-6)


def test_deeplift_by_hand(differentiable, small):
    """m = W₂·diag(Δσ/Δz)·W₁ for a network of one hidden layer."""
    module = nn.Sequential(nn.Flatten(), nn.Linear(576, 4), nn.Sigmoid(), nn.Linear(4, 3)).double()
    model = differentiable(module, "logit:cow")
    norm = lambda x: ((x / 255 - torch.tensor([0.4, 0.5, 0.6]))  # noqa: E731
                      / torch.tensor([0.2, 0.3, 0.25])).permute(0, 3, 1, 2)  # fmt: skip
    pixels = model.pixels(small)
    x, b = norm(pixels), norm(torch.zeros_like(pixels))
    z, z0 = module[:2](x), module[:2](b)
    ratio = (torch.sigmoid(z) - torch.sigmoid(z0)) / (z - z0)
    m = (module[3].weight[2] * ratio) @ module[1].weight
    wanted = (m * (x - b).flatten(1)).reshape(2, 3, 16, 12).sum(1).detach().numpy()
    found = gradient_maps(model, small, {"name": "deeplift", **LINE})
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-8)


def test_deeplift_refuses_by_name(differentiable, small, as_model):
    class Norm(Net):
        def second(self, x):
            return nn.functional.layer_norm(x, x.shape[1:])

    class Attention(Net):
        def second(self, x):
            flat = x.flatten(2)
            return torch.softmax(flat @ flat.transpose(1, 2), -1) @ flat[:, :, :42]

    for module, words in ((Gated(), "Mul"), (Norm(), "LayerNorm"), (Attention(), "Softmax")):
        if isinstance(module, Attention):
            module.pool = nn.AdaptiveAvgPool1d(4)
        with pytest.raises(ZollstockError, match=rf"{words}.*integrated_gradients"):
            gradient_maps(differentiable(module), small, {"name": "deeplift", **LINE})


def test_deeplift_past_what_the_rule_does_not_cover_is_captums(differentiable, small):
    class Norm(Net):
        def second(self, x):
            return nn.functional.layer_norm(x, x.shape[1:])

    model = differentiable(Norm(), "logit:dog")
    pixels = model.pixels(small)
    theirs = captum("DeepLift")(Whole(model)).attribute(pixels, torch.zeros_like(pixels), 1)
    settings = {"name": "deeplift", **LINE, "uncovered": "gradient"}
    found = gradient_maps(model, small, settings)
    np.testing.assert_allclose(found, summed(theirs), rtol=1e-5, atol=1e-8)
    change = model.values(pixels) - model.values(torch.zeros_like(pixels))
    assert not np.allclose(found.sum((1, 2)), change, rtol=0.01)  # it need not add up


def test_gradcam_finds_the_last_layer_that_counts(differentiable, small, mixer):
    from zollstock.locate.layers import find_layer

    model = differentiable(mixer, "cat")
    layer = find_layer(model, model.pixels(small[:1]))
    assert layer.grid == (4, 3) and layer.name.startswith("4")  # the last block
    model = differentiable(Reused(), "cat")
    layer = find_layer(model, model.pixels(small[:1]))
    # What is pooled to 2 × 2 has lost its places less than what is flattened.
    assert (layer.name, layer.grid) == ("pool", (2, 2))
    named = find_layer(model, model.pixels(small[:1]), "act1")
    assert (named.call, named.grid) == (1, (7, 5))  # its last call


def test_gradcam_of_patches_and_channels_last(differentiable, small):
    class Tokens(nn.Module):
        """Patches behind a token whose attention is all that is read."""

        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.patch = nn.Conv2d(3, 8, 4, stride=4)
            self.norm = nn.LayerNorm(8)
            self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
            self.last, self.head = nn.LayerNorm(8), nn.Linear(8, 3)

        def forward(self, x):
            x = self.patch(x).flatten(2).transpose(1, 2)
            x = torch.cat([x.mean(1, keepdim=True), x], 1)
            y = self.norm(x)
            return self.head(self.last(x[:, :] + self.attend(y, y, y)[0])[:, 0])

    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.patch, self.norm = nn.Conv2d(3, 8, 4, stride=4), nn.LayerNorm(8)
            self.head = nn.Linear(8, 3)

        def forward(self, x):
            return self.head(self.norm(self.patch(x).permute(0, 2, 3, 1)).tanh().mean((1, 2)))

    from zollstock.locate.layers import find_layer

    model = differentiable(Tokens(), "cat")
    layer = find_layer(model, model.pixels(small[:1]))
    assert (layer.name, layer.grid, layer.layout) == ("norm", (4, 3), "tokens")
    assert gradient_maps(model, small, {"name": "gradcam"}).any()
    model = differentiable(Last(), "cat")
    layer = find_layer(model, model.pixels(small[:1]))
    assert (layer.name, layer.layout) == ("norm", "channels_last")


def test_models_that_take_one_frame_at_a_time(differentiable, small):
    class Alone(Net):
        def forward(self, x):
            return super().forward(x.reshape(1, *x.shape[-3:]))

    whole, alone = (differentiable(kind(), "dog") for kind in (Net, Alone))
    for name, settings in SETTINGS.items():
        if name == "deeplift":
            with pytest.raises(ZollstockError, match="one frame at a time"):
                gradient_maps(alone, small, settings)
            continue
        wanted = gradient_maps(whole, small, settings)
        np.testing.assert_allclose(
            gradient_maps(alone, small, settings), wanted, atol=1e-7, err_msg=name
        )


def test_a_wrong_layer_is_told(differentiable, small):
    model = differentiable(Net(), "cat")
    with pytest.raises(ZollstockError, match="Did you mean 'conv2'"):
        gradient_maps(model, small, {"name": "gradcam", "layer": "convv2"})
    with pytest.raises(ZollstockError, match="'head' has no maps"):
        gradient_maps(model, small, {"name": "gradcam", "layer": "head"})
    with pytest.raises(ZollstockError, match="no layer with maps"):
        module = nn.Sequential(nn.Flatten(), nn.Linear(576, 3))
        gradient_maps(differentiable(module), small, {"name": "gradcam"})
    with pytest.raises(ZollstockError, match="Did you mean 'saliency'"):
        gradient_maps(model, small, {"name": "salience"})


@pytest.mark.parametrize("start", BASELINES)
def test_integrated_gradients_are_complete(differentiable, small, mixer, start):
    model = differentiable(mixer, "dog")
    settings = {"name": "integrated_gradients", "points": 64, "baseline": start, "blur": 0.1}
    found = gradient_maps(model, small, settings)
    from zollstock.locate.baselines import rng_of

    pixels = model.pixels(small)
    starts = torch.stack([
        baseline(start, one, rng_of(frame, "integrated_gradients", 0), 0.1)
        for one, frame in zip(pixels, small, strict=True)
    ])  # fmt: skip
    change = model.values(pixels) - model.values(starts)
    np.testing.assert_allclose(found.sum((1, 2), dtype=float), change, rtol=0.01, atol=1e-4)


def test_smoothgrad_is_the_gradient_without_noise_and_its_mean_with_it(differentiable, small):
    model = differentiable(Smooth(), "dog")
    settings = SETTINGS["smoothgrad"]
    plain = gradient_maps(model, small, SETTINGS["saliency"])
    still = gradient_maps(model, small, settings | {"noise": 0.0, "samples": 3})
    np.testing.assert_allclose(still, plain, rtol=1e-5, atol=1e-10)
    noisy = gradient_maps(model, small, settings)
    assert not np.allclose(noisy, plain)
    np.testing.assert_array_equal(noisy, gradient_maps(model, small, settings))
    other = gradient_maps(model, small, settings, seed=1)
    assert not np.array_equal(noisy, other)


def test_grey_models_and_one_class(differentiable, small):
    for name, settings in SETTINGS.items():
        grey = gradient_maps(differentiable(Net(channels=1), "dog", channels=1), small, settings)
        assert grey.shape == (2, 16, 12) and np.abs(grey).max() > 0, name

    class One(Net):
        def forward(self, x):
            return super().forward(x)[:, :1]

    model = differentiable(One(), "only", classes=("only",))
    for name, settings in SETTINGS.items():
        if name != "gradcam":  # it finds no layer that a constant hangs on
            assert not gradient_maps(model, small, settings).any(), name
    with pytest.raises(ZollstockError, match="no layer with maps"):
        gradient_maps(model, small, SETTINGS["gradcam"])


def test_baselines():
    pixels = torch.arange(60.0).reshape(4, 5, 3)
    rng = np.random.default_rng(0)
    assert not baseline("black", pixels, rng).any()
    assert (baseline("mean", pixels, rng) == pixels.mean((0, 1))).all()
    smooth = baseline("blur", pixels, rng, blur=1.0)
    assert smooth.std() < pixels.std() and smooth.shape == pixels.shape
    noise = baseline("noise", pixels, rng)
    assert noise.min() >= 0 and noise.max() <= 255 and noise.std() > 30
    with pytest.raises(ZollstockError, match="Did you mean 'blur'"):
        baseline("blurr", pixels, rng)
