"""Grids of two properties: every step of one at every step of the other."""

from dataclasses import replace

import numpy as np
import pytest

from zollstock.engines import engine_for
from zollstock.engines.grid import GridEngine
from zollstock.images.selection import select_rendered
from zollstock.worlds import get_world


def latent(name, start, stop, steps):
    settings = {"engine": "rendered", "world": "pets", "size": 32, "latent": name}
    return settings | {"start": start, "stop": stop, "steps": steps}


FUR, GROUND = latent("fur_lightness", 0.1, 0.9, 4), latent("background_brightness", 1.0, 0.0, 3)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    return select_rendered(
        get_world("pets"), n_per_class=1, seed=3, folder=folder, distribution="unbiased", size=32,
        bias=0.98, shape_noise=0.3,
    ).images  # fmt: skip


def test_a_frame_has_both_properties_set(images):
    engine = engine_for({"engine": "grid", "first": FUR, "second": GROUND})
    done = []
    path = engine.path(images[0], 0, done.append)
    assert engine.shape(images) == (12, 32, 32) and path.frames.shape == (12, 32, 32, 3)
    assert sum(done) == 12 and path.axis.tolist() == list(range(12))
    world = get_world("pets")
    latents = {name: np.array([value]) for name, value in images[0].latents.items()}
    for a, fur in enumerate(np.linspace(0.1, 0.9, 4)):
        for b, ground in enumerate(np.linspace(1, 0, 3)):
            both = world.do(world.do(latents, "fur_lightness", [fur]), GROUND["latent"], [ground])
            truth = world.render(both, size=32).frames[0]
            assert np.array_equal(path.frames[a * 3 + b], truth)
    assert np.array_equal(path.unedited, world.render(latents, size=32).frames[0])


def test_the_facts_hold_both_axes_and_the_version_both_engines(images):
    engine = engine_for({"engine": "grid", "first": FUR, "second": GROUND})
    assert np.allclose(engine.facts()["first"]["axis"], np.linspace(0.1, 0.9, 4))
    assert engine.facts()["second"]["axis"] == [1.0, 0.5, 0.0]
    assert engine.version.split("+") == [
        GridEngine.version, engine.first.version, engine.second.version
    ]  # fmt: skip
    other = replace(images[0], latents=images[0].latents | {"fur_hue": 0.123})
    assert engine.inputs(other) != engine.inputs(images[0])
