"""ConvMixer: parameter count by hand, checkpoints, residual."""

import os
from pathlib import Path

import pytest
import torch
from torch.nn.functional import conv2d, gelu

from zollstock.models.convmixer import Residual, convmixer

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("ZOLLSTOCK_DATA", ROOT.parent / "shared" / "data" / "propgrad"))
CHECKPOINTS = sorted((DATA / "checkpoints").glob("*.pth"))


def test_parameter_count_equals_the_sum_by_hand():
    dim, depth, kernel, patch = 12, 3, 5, 4
    norm = 2 * dim
    stem = 3 * patch**2 * dim + dim + norm
    block = dim * kernel**2 + dim + norm + dim * dim + dim + norm
    head = 2 * dim + 2
    module = convmixer(dim, depth, kernel, patch)
    assert sum(p.numel() for p in module.parameters()) == stem + depth * block + head


def test_logits_shape_for_sizes_that_patches_do_not_fill():
    module = convmixer(8, 2, 5, 6, n_classes=3).eval()
    assert module(torch.zeros(4, 3, 64, 50)).shape == (4, 3)


def test_residual_adds_its_input():
    x = torch.tensor([[1.5, -2.0, 0.0], [-0.25, 3.0, 1.0]])
    torch.testing.assert_close(Residual(torch.nn.ReLU())(x), x + x.clamp(min=0))


def test_names_and_shapes_are_those_of_the_published_checkpoints():
    def normalisation(place):
        names = ("weight", "bias", "running_mean", "running_var")
        return {f"{place}.{name}": (256,) for name in names} | {f"{place}.num_batches_tracked": ()}

    expected = {"0.weight": (256, 3, 5, 5), "0.bias": (256,)} | normalisation(2)
    for block in range(3, 11):
        expected |= {f"{block}.0.fn.0.weight": (256, 1, 7, 7), f"{block}.0.fn.0.bias": (256,)}
        expected |= normalisation(f"{block}.0.fn.2")
        expected |= {f"{block}.1.weight": (256, 256, 1, 1), f"{block}.1.bias": (256,)}
        expected |= normalisation(f"{block}.3")
    expected |= {"13.weight": (2, 256), "13.bias": (2,)}
    found = {name: tuple(value.shape) for name, value in convmixer().state_dict().items()}
    assert list(found.items()) == list(expected.items())


def test_logits_are_those_of_the_paper_written_down():
    """Trockman & Kolter 2022, figure 2: the residual goes round the depthwise layer alone."""
    torch.manual_seed(0)
    module = convmixer(6, 2, 3, 4).double().eval()
    for layer in module.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            for values in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                torch.nn.init.uniform_(values, 0.5, 2)
    weights = module.state_dict()

    def convolved(x, place, **how):
        return gelu(conv2d(x, weights[f"{place}.weight"], weights[f"{place}.bias"], **how))

    def normalised(x, place):
        shift, deviation, scale, offset = (
            weights[f"{place}.{name}"][:, None, None]
            for name in ("running_mean", "running_var", "weight", "bias")
        )
        return (x - shift) / (deviation + 1e-5).sqrt() * scale + offset

    images = torch.rand(2, 3, 16, 12, dtype=torch.float64)
    x = normalised(convolved(images, "0", stride=4), "2")
    for block in (3, 4):
        x = x + normalised(convolved(x, f"{block}.0.fn.0", padding=1, groups=6), f"{block}.0.fn.2")
        x = normalised(convolved(x, f"{block}.1"), f"{block}.3")
    expected = x.mean(dim=(2, 3)) @ weights["7.weight"].T + weights["7.bias"]
    with torch.inference_mode():
        torch.testing.assert_close(module(images), expected)


needs_checkpoints = pytest.mark.skipif(
    not CHECKPOINTS,
    reason=f"the published checkpoints are not in {DATA} (ZOLLSTOCK_DATA names their folder)",
)


@needs_checkpoints
@pytest.mark.parametrize("path", CHECKPOINTS or [None], ids=lambda path: path and path.stem)
def test_published_checkpoint_loads_strictly_and_decides(path):
    saved = torch.load(path, weights_only=True, map_location="cpu")
    module = convmixer(**saved["paras"])
    module.load_state_dict(saved["state_dict"], strict=True)
    assert all(torch.equal(v, saved["state_dict"][k]) for k, v in module.state_dict().items())
    with torch.inference_mode():
        logits = module.eval()(torch.zeros(1, 3, 128, 128))
    assert logits.shape == (1, 2)
    assert torch.isfinite(logits).all()


@needs_checkpoints
def test_published_unbiased_model_knows_the_cat_from_the_dog():
    """The order of layers is right only if the weights still do their work."""
    import numpy as np
    from PIL import Image

    from zollstock.models.normalisation import Normalisation

    saved = torch.load(
        DATA / "checkpoints" / "convmixer_unbiased.pth", weights_only=True, map_location="cpu"
    )
    module = convmixer(**saved["paras"])
    module.load_state_dict(saved["state_dict"])
    for label, stem in enumerate(("cat_001", "dog_002")):
        (path,) = (DATA / "images").glob(f"{stem}.*")
        photo = Image.open(path).convert("RGB").resize((128, 128), Image.Resampling.BILINEAR)
        with torch.inference_mode():
            logits = module.eval()(Normalisation().apply(np.asarray(photo)[None]))
        assert logits[0].argmax() == label
