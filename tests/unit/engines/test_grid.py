"""Grids of two properties: every step of one at every step of the other."""

from dataclasses import replace

import numpy as np
import pytest

from zollstock.engines import engine_for
from zollstock.engines.grid import GridEngine
from zollstock.engines.pixels.operations import edited
from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256
from zollstock.images.selection import select_rendered
from zollstock.images.table import ImageRecord, save_png
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


STEPS = {"stop": 1.0, "steps": 3}
SATURATION = {"engine": "photometric", "operation": "saturation"}
TURN = {"engine": "geometric", "operation": "rotate", "start": -20, "stop": 20, "steps": 5}


@pytest.fixture
def photo(tmp_path):
    pixels = np.random.default_rng(0).integers(20, 230, (24, 30, 3), dtype=np.uint8)
    save_png(pixels, tmp_path / "cup.png")
    return ImageRecord("cup", "", pixel_sha256(pixels), "", tmp_path / "cup.png")


def test_edits_of_pixels_follow_each_other(photo):
    first = SATURATION | {"start": -1, "stop": 0.5, "steps": 4}
    engine = engine_for({"engine": "grid", "first": first, "second": TURN})
    assert engine.shape([photo]) == (20, 24, 30)
    path = engine.path(photo, 3, lambda done: None)
    np.testing.assert_array_equal(path.unedited, photo.pixels())
    for a, value in enumerate(np.linspace(-1, 0.5, 4)):
        (grey,) = edited("saturation", photo.pixels(), [value])
        expected = edited("rotate", grey, np.linspace(-20, 20, 5), corners="reflect")
        np.testing.assert_array_equal(path.frames[5 * a : 5 * a + 5], expected)
    assert path.recipe is None and not getattr(engine, "gives_recipes", False)


def test_pictures_of_any_size_are_brought_to_one_once(photo):
    small = SATURATION | {"start": -1, "stop": 1, "steps": 3, "size": [12, 12]}
    engine = engine_for({"engine": "grid", "first": small, "second": TURN | {"size": [12, 12]}})
    assert engine.shape([photo]) == (15, 12, 12)
    path = engine.path(photo, 3, lambda done: None)
    np.testing.assert_array_equal(path.frames[5 + 2], path.unedited)  # both at 0
    other = engine_for({"engine": "grid", "first": small, "second": TURN})
    with pytest.raises(ZollstockError, match=r"12×12 pixels and a second one of 24×30"):
        other.shape([photo])
    # A job that makes a part is told the size.
    second = SATURATION | STEPS | {"start": 0}
    parts = engine_for({"engine": "grid", "first": TURN, "second": second})
    parts.take_size(16, 16)
    assert parts.path(photo, 1, lambda done: None).frames.shape == (15, 16, 16, 3)


def test_masks_of_both_are_known_apart(photo, tmp_path):
    for side, part in {"left": np.s_[:, :15], "right": np.s_[:, 15:]}.items():
        grey = np.zeros((24, 30, 3), np.uint8)
        grey[part] = 255
        save_png(grey, tmp_path / f"{side}.png")
    masked = {
        side: SATURATION | STEPS | {"start": -1, "mask": str(tmp_path / f"{side}.png")}
        for side in ("left", "right")
    }
    engine = engine_for({"engine": "grid", "first": masked["left"], "second": masked["right"]})
    engine.shape([photo])
    found = engine.inputs(photo)
    assert found["first mask"] != found["second mask"]
    path = engine.path(photo, 1, lambda done: None)
    np.testing.assert_array_equal(path.frames[2][:, 15:], path.frames[8][:, 15:])
    assert (path.frames[2][:, :15] != path.frames[8][:, :15]).any()
