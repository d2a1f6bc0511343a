"""One pass over the samples, against a loop that is written down as it is meant."""

import numpy as np
import pytest
import torch

from zollstock.locate.classifier import Classifier
from zollstock.locate.perturbation import perturb
from zollstock.seeds import rng_for
from zollstock.settings.locate.perturbation import PerturbationSettings, RiseMethod

GRID = {"name": "grid", "rows": 3, "columns": 4}
HARD = {"kind": "hard", "sigma": None, "shift": False}
SHIFTED = {"kind": "bilinear", "sigma": None, "shift": True}


def settings(n=40, masks=HARD, segments=GRID, fill="mean", **samples):
    drawn = {"name": "random", "kept": 0.5, "number": n} | samples
    fill = {"name": fill} if isinstance(fill, str) else fill
    return {"segments": segments, "masks": masks, "samples": drawn, "fill": fill}


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (25, 34, 3), dtype=np.uint8)


class Spy:
    """A model of two outputs, the second of which is constant; it keeps what it sees."""

    def __init__(self):
        self.seen = []

    def __call__(self, batch):
        self.seen.append(batch.clone())
        first = torch.sigmoid((batch[:, :, 4:12, 5:20].mean((1, 2, 3)) - 127) / 9)
        return torch.stack([first, torch.full_like(first, 0.25)], 1)


@pytest.mark.parametrize("masks", [HARD, SHIFTED, SHIFTED | {"shift": False}])
def test_rise_is_the_mean_of_outputs_by_what_is_kept(image, masks):
    spy = Spy()
    found = perturb(
        image,
        Classifier(spy),
        settings(masks=masks),
        {"a": {"name": "rise"}},
        rng_for("test"),
        batch_size=7,
    )
    seen = torch.cat(spy.seen).permute(0, 2, 3, 1).double().numpy()
    assert np.allclose(seen[-2], image) and np.allclose(seen[-1], image.mean((0, 1)), atol=1e-4)
    # The mask of each sample, from what the model saw.
    x, r = image.astype(float), image.mean((0, 1))
    far = np.abs(x - r).argmax(-1)[..., None]
    part = [np.take_along_axis(some, far, -1)[..., 0] for some in (x, np.broadcast_to(r, x.shape))]
    saw = np.stack([np.take_along_axis(one, far, -1)[..., 0] for one in seen[:-2]])
    m = (saw - part[1]) / (part[0] - part[1])
    assert m.min() > -1e-3 and m.max() < 1 + 1e-3
    y, z = found.outputs, found.kept.astype(float)
    pixels = np.einsum("nk,nij->kij", y, m) / m.sum(0)
    attribution = found.attributions["a"]
    assert np.allclose(attribution.pixels, pixels, atol=1e-3)
    assert attribution.pixels.dtype == np.float32 and attribution.pixels.shape == (2, 25, 34)
    assert np.allclose(attribution.segments, (z.T @ y) / z.sum(0)[:, None])
    assert np.allclose(attribution.segments[:, 1], 0.25)
    assert np.allclose(found.ends.whole[0], Spy()(seen_of(x))[0, 0], atol=1e-6)


def seen_of(x):
    return torch.from_numpy(x[None]).permute(0, 3, 1, 2).float()


@pytest.mark.parametrize("masks", [HARD, SHIFTED])
def test_batches_change_nothing(image, masks):
    one, two = (
        perturb(
            image,
            Classifier(Spy()),
            settings(masks=masks),
            {"a": {"name": "rise"}},
            rng_for("test"),
            batch_size=size,
        )
        for size in (1, 64)
    )
    assert (one.kept == two.kept).all()
    assert np.allclose(one.outputs, two.outputs, atol=1e-6)
    assert np.allclose(one.attributions["a"].pixels, two.attributions["a"].pixels, atol=1e-5)


def test_the_preset_runs_as_it_is(image):
    method = RiseMethod(samples={"random": 0.5, "number": 9}).plain()
    attribute = method.pop("attribute")
    found = perturb(image, Classifier(Spy()), method, {"rise": attribute}, rng_for(1))
    assert found.outputs.shape == (9, 2) and np.isfinite(found.attributions["rise"].pixels).all()


def test_plain_values_of_the_form_in_a_config():
    method = PerturbationSettings.model_validate(
        {
            "segments": {"grid": [7, 6], "masks": "bilinear", "shift": True},
            "samples": {"random": 0.5, "number": 4000},
            "fill": "mean",
            "attribute": "rise",
        }
    )
    assert method.plain() == {
        "segments": {"name": "grid", "rows": 7, "columns": 6},
        "masks": {"kind": "bilinear", "sigma": None, "shift": True},
        "samples": {
            "name": "random",
            "kept": 0.5,
            "number": 4000,
            "per_segment": None,
            "times": 1,
            "add": [],
        },
        "fill": {"name": "mean"},
        "attribute": {"name": "rise"},
    }
