"""The same numbers as captum where both mean the same."""

import numpy as np
import pytest
import torch

from zollstock.locate.classifier import Classifier
from zollstock.locate.perturbation import perturb
from zollstock.seeds import rng_for

captum = pytest.importorskip("captum.attr")

GRID = {"name": "grid", "rows": 2, "columns": 3}
M = 6
BLACK = {"name": "colour", "rgb": [0, 0, 0]}


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, stride=2),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(4 * 5 * 7, 3),
        torch.nn.Softmax(1),
    ).eval()


@pytest.fixture
def setting():
    module = network()
    image = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)

    def forward(batch):
        return module(batch / 128)

    return image, forward


def pass_of(image, forward, samples, attributers):
    settings = {
        "segments": GRID,
        "masks": {"kind": "hard", "sigma": None, "shift": False},
        "samples": samples,
        "fill": BLACK,
    }
    found = perturb(image, Classifier(forward), settings, attributers, rng_for(0))
    pixels = torch.from_numpy(image[None]).permute(0, 3, 1, 2).float()
    return found, pixels, torch.from_numpy(found.labels)[None, None]


def a_segment(maps, labels):
    """Return captum's map, (1, C, H, W), as a number a segment."""
    flat = labels[0, 0].numpy()
    return np.array([maps[0, 0].detach().numpy()[flat == s][0] for s in range(M)])


def test_feature_ablation_is_the_prediction_difference_of_single_segments(setting):
    pda = {"name": "pda", "scale": "probability", "laplace": None, "by_number": False}
    single = {"name": "single", "which": "removed"}
    found, pixels, labels = pass_of(*setting, single, {"pda": pda})
    ablation = captum.FeatureAblation(setting[1])
    for k in range(3):
        maps = ablation.attribute(pixels, baselines=0.0, target=k, feature_mask=labels)
        own = found.attributions["pda"]
        assert np.allclose(own.segments[:, k], a_segment(maps, labels), atol=1e-6)
        assert np.allclose(own.pixels[k], maps[0, 0].detach().numpy(), atol=1e-6)


def test_lime_on_the_same_samples(setting):
    from captum._utils.models.linear_model import SkLearnRidge

    lime = {"name": "lime", "ridge": 1.0, "kernel": "cosine", "width": 0.25}
    samples = {"name": "random", "kept": 0.5, "number": 40}
    found, pixels, labels = pass_of(*setting, samples, {"lime": lime})
    for k in range(3):
        rows = iter(torch.from_numpy(found.kept).float())

        def similarity(original, perturbed, kept, **_):
            distance = 1 - (kept.mean() ** 0.5)
            return torch.sqrt(torch.exp(-(distance**2) / 0.0625))

        theirs = captum.Lime(
            setting[1],
            interpretable_model=SkLearnRidge(alpha=1.0),
            similarity_func=similarity,
            perturb_func=lambda *_, rows=rows, **__: next(rows)[None],
        )
        maps = theirs.attribute(pixels, baselines=0.0, target=k, feature_mask=labels, n_samples=40)
        own = found.attributions["lime"].segments[:, k]
        assert np.allclose(own, a_segment(maps, labels), atol=1e-5)


def test_kernel_shap_of_all_coalitions_is_captums_shapley_value(setting):
    shap = {"name": "kernel_shap", "weights": "size"}
    found, pixels, labels = pass_of(*setting, {"name": "exhaustive"}, {"shap": shap})
    torch.manual_seed(0)
    kernel, exact = captum.KernelShap(setting[1]), captum.ShapleyValues(setting[1])
    own = found.attributions["shap"].segments[:, 1]
    maps = kernel.attribute(pixels, baselines=0.0, target=1, feature_mask=labels, n_samples=600)
    # Captum draws its samples, and holds the ends by weights of a million.
    assert np.abs(own - a_segment(maps, labels)).max() < 0.1 * np.abs(own).max()
    maps = exact.attribute(pixels, baselines=0.0, target=1, feature_mask=labels)
    assert np.allclose(own, a_segment(maps, labels), atol=1e-6)
