"""The gate, with an editor that is exact and with ones that are not."""

import numpy as np
import pytest
import torch

from zollstock.editors import gate
from zollstock.editors.gate import Criterion, run_gate
from zollstock.images.geometry import Geometry
from zollstock.images.selection import select_rendered
from zollstock.models.card import Model
from zollstock.models.normalisation import Normalisation
from zollstock.paths import EditPath
from zollstock.worlds import get_world

SIZE = 32


class ByLightness(torch.nn.Module):
    """The dog's logit grows with the picture's mean, times a slope."""

    def __init__(self, slope):
        super().__init__()
        self.slope = slope

    def forward(self, images):
        dog = self.slope * images.mean((1, 2, 3))
        return torch.stack([-dog, dog], 1)


class Exact:
    """Plays the editor: sets the latent exactly, and breaks what `spoil` says."""

    def __init__(self, latent, spoil=None):
        self.latent, self.spoil = latent, spoil

    def path(self, image, seed, step_done):
        world = get_world("pets")
        latents = {name: np.array([value]) for name, value in image.latents.items()}
        axis = np.linspace(-2, 2, 9)
        if self.latent is None:
            frames = np.repeat(world.render(latents, size=SIZE).frames, 9, axis=0)
        else:
            values = (axis + 2) / 4
            if self.spoil == "flat":
                values = 0.5 + 0.05 * values
            if self.spoil == "zigzag":
                values = values[[0, 5, 2, 3, 4, 1, 6, 7, 8]]
            latents = world.do(latents, self.latent, values)
            if self.spoil == "leak":
                latents = world.do(latents, "background_brightness", values)
            frames = world.render(latents, size=SIZE, masks=False).frames
        if self.spoil == "noise":
            frames = np.random.default_rng(0).integers(0, 256, frames.shape, dtype=np.uint8)
        return EditPath(frames, axis, frames[4])


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "_reconstruction", lambda engine, source: source)
    images = select_rendered(
        get_world("pets"),
        n_per_class=2,
        seed=4,
        folder=tmp_path,
        distribution="unbiased",
        size=SIZE,
        bias=0.98,
        shape_noise=0.3,
    ).images
    models = {
        name: Model(ByLightness(slope), ("cat", "dog"), Geometry(), Normalisation())
        for name, slope in (("unbiased", 0.01), ("dark_cats", 2.0), ("dark_dogs", -1.5))
    }

    def run(spoil=None):
        engines = {
            "fur": Exact("fur_lightness", spoil),
            "background": Exact("background_brightness"),
        }
        found = run_gate(
            engines,
            Exact(None),
            models,
            images,
            world="pets",
            size=SIZE,
            output="dog",
            seed=0,
        )
        return found, {c.name: c for c in found.criteria}

    return run


def failed(found):
    return [criterion.name for criterion in found.criteria if not criterion.passed]


def test_an_exact_editor_passes_but_for_edges_that_exact_edits_lose_too(run):
    found, criteria = run()
    assert all("edges" in name or "flip" in name for name in failed(found))
    scores = next(c for name, c in criteria.items() if name.startswith("scores against"))
    assert scores.value == pytest.approx(1.0)
    covered = next(c for name, c in criteria.items() if name.startswith("fur: share"))
    assert covered.value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("spoil", "names"),
    [
        ("flat", ["fur: share of the exact range"]),
        ("zigzag", ["fur: lightness against guidance"]),
        ("leak", ["fur: off-target"]),
        ("noise", ["fur: lightness against guidance", "edges kept at zero"]),
    ],
)
def test_each_fault_is_found(run, spoil, names):
    found, _ = run(spoil)
    for name in names:
        assert any(name in line for line in failed(found)), failed(found)


def test_findings_are_json_and_say_which_bar_was_missed(run):
    import json

    content = json.loads(json.dumps(run()[0].as_dict()))
    assert {"name", "value", "bar", "at_least", "passed"} == set(content["criteria"][0])
    assert len(content["images"]) == 8


def test_nan_is_never_a_pass():
    assert not Criterion("x", float("nan"), 0.5, True).passed
    assert not Criterion("x", float("nan"), 0.5, False).passed
