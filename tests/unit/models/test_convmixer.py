"""ConvMixer: parameter count by hand, checkpoints, residual."""

import os
from pathlib import Path

import pytest
import torch

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
    x = torch.randn(2, 3)
    torch.testing.assert_close(Residual(torch.nn.ReLU())(x), x + x.clamp(min=0))


@pytest.mark.skipif(not CHECKPOINTS, reason="published checkpoints are not here")
@pytest.mark.parametrize("path", CHECKPOINTS, ids=lambda path: path.stem)
def test_published_checkpoint_loads_strictly_and_decides(path):
    saved = torch.load(path, weights_only=True, map_location="cpu")
    module = convmixer(**saved["paras"])
    module.load_state_dict(saved["state_dict"], strict=True)
    assert all(torch.equal(v, saved["state_dict"][k]) for k, v in module.state_dict().items())
    with torch.inference_mode():
        logits = module.eval()(torch.zeros(1, 3, 128, 128))
    assert logits.shape == (1, 2)
    assert torch.isfinite(logits).all()


@pytest.mark.skipif(not CHECKPOINTS, reason="published checkpoints are not here")
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
