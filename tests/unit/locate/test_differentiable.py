"""A model as a function of pixels says what inference says, and its gradients are right."""

import numpy as np
import pytest
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.inference.run import Runner
from zollstock.locate.differentiable import Differentiable
from zollstock.models.families.onnx import OnnxModel as OnnxModule
from zollstock.models.registry import known_families
from zollstock.scoring.follow import followed_class, series_of_output
from zollstock.scoring.outputs import parse_output
from zollstock.settings.families import OnnxModel
from zollstock.settings.model_traits import ModelTraits

OUTPUTS = ["dog", "predicted", "logit:dog", "margin", "margin:cow",
           {"classes": ["cat", "cow"], "against": ["dog"]}, {"classes": ["cat"]}]  # fmt: skip


def followed(model, frames, output):
    """What the scores follow of frames as the steps of one path."""
    from zollstock.paths import PathInput

    path = PathInput("a", np.concatenate([frames, frames[:1]]), np.arange(float(len(frames))))
    found = Runner(model, device="cpu").run([path])
    output = parse_output(output)
    chosen = followed_class(found, output)
    return series_of_output(found, chosen, output)[0][0], int(chosen[0])


@pytest.mark.parametrize("output", OUTPUTS, ids=str)
@pytest.mark.parametrize("kind", ["logits", "probabilities", "sigmoid", "sigmoids"])
def test_values_are_those_of_the_scores(mixer, as_model, frames, output, kind):
    ends = {"probabilities": nn.Softmax(1), "sigmoids": nn.Sigmoid()}
    module = nn.Sequential(mixer, ends[kind]) if kind in ends else mixer
    model = as_model(module, outputs=kind)
    wanted, chosen = followed(model, frames, output)
    run = Differentiable(model).follow(output, chosen)
    np.testing.assert_allclose(run.values(run.pixels(frames)), wanted, rtol=1e-5, atol=1e-5)


def test_similarities_and_one_output(mixer, as_model, frames):
    model = as_model(nn.Sequential(mixer, nn.Tanh()), outputs="similarity", scale=20.0)
    for output in ("similarity:dog", "dog"):
        wanted, _ = followed(model, frames, output)
        run = Differentiable(model).follow(output)
        np.testing.assert_allclose(run.values(run.pixels(frames)), wanted, rtol=1e-5, atol=1e-6)
    alone = nn.Sequential(nn.Conv2d(3, 1, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = as_model(alone, ("no", "yes"))
    wanted, _ = followed(model, frames, "yes")
    run = Differentiable(model).follow("yes")
    np.testing.assert_allclose(run.values(run.pixels(frames)), wanted, rtol=1e-5)
    with pytest.raises(ZollstockError, match="of the kind logits"):
        Differentiable(model).follow("similarity:yes")


@pytest.mark.parametrize("channels", [1, 3])
def test_gradients_are_those_of_finite_differences(differentiable, frames, channels):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(channels, 4, 5, stride=3), nn.GELU(), nn.Flatten(),
                           nn.Linear(4 * 12, 3))  # fmt: skip
    model = differentiable(module, "dog", channels=channels)
    pixels = model.pixels(frames)
    assert pixels.shape == (5, 16, 12, channels)
    _, slopes = model.gradients(pixels)
    rng = np.random.default_rng(0)
    for _ in range(5):
        place = tuple(rng.integers(0, side) for side in pixels.shape)
        up, down = pixels.clone(), pixels.clone()
        up[place] += 1e-3
        down[place] -= 1e-3
        rate = (model.values(up) - model.values(down))[place[0]] / 2e-3
        assert float(slopes[place]) == pytest.approx(rate, rel=1e-5, abs=1e-12)


def test_a_model_that_takes_one_frame_at_a_time(as_model, mixer, frames):
    class Alone(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = mixer

        def forward(self, x):
            return self.inner(x.reshape(1, *x.shape[-3:]))

    alone, whole = (Differentiable(as_model(m)).follow("cat") for m in (Alone(), mixer))
    for one, other in zip(*(m.gradients(m.pixels(frames)) for m in (alone, whole)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-7)


def test_what_gives_no_gradients_is_told(as_model, frames):
    class Numpy(nn.Module):
        def forward(self, x):
            return torch.from_numpy(x.detach().numpy().mean((2, 3)))

    class Root(nn.Module):
        def forward(self, x):
            return (x - x).mean((2, 3)).clamp(0).sqrt()

    for module, words in ((Numpy(), "gives no gradients"), (Root(), "not finite")):
        run = Differentiable(as_model(module)).follow("cat")
        with pytest.raises(ZollstockError, match=words):
            run.gradients(run.pixels(frames))


def test_a_model_that_is_another_with_gradients_is_refused(as_model, frames):
    class Moody(nn.Module):
        def forward(self, x):
            found = x.mean((2, 3))
            return found if torch.is_inference_mode_enabled() else -found

    run = Differentiable(as_model(Moody())).follow("cat")
    with pytest.raises(ZollstockError, match="answers otherwise"):
        run.values(run.pixels(frames))


def test_a_family_says_whether_it_has_gradients(as_model, frames):
    assert ModelTraits.gradients and not OnnxModel.gradients
    assert "onnx" in known_families()

    class Session(OnnxModule):
        """The same without a file."""

        def session(self):
            class Run:
                def get_inputs(self):
                    return [type("Entry", (), {"name": "x", "type": "tensor(float)"})]

                get_outputs = get_inputs

                def run(self, names, given):
                    return [given["x"].mean((2, 3))]

            return Run()

        def __deepcopy__(self, memo):
            return self

    run = Differentiable(as_model(Session(torch.zeros(1), None, None))).follow("cat")
    with pytest.raises(ZollstockError, match="ONNX"):
        run.gradients(run.pixels(frames))


def test_what_is_followed_must_be_a_number(mixer, as_model):
    model = Differentiable(as_model(mixer))
    with pytest.raises(ZollstockError, match="vector"):
        model.follow("vector")
    with pytest.raises(ZollstockError, match="number -1"):
        model.follow("predicted")
    with pytest.raises(ZollstockError, match="Did you mean 'cow'"):
        model.follow("cox")
