"""The registry, and what holds for every engine in it: a new one is tested the day it is added.

A new engine needs an entry in `CASES`, or `test_every_engine_has_a_case` fails.
"""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from zollstock.engines import ENGINES, engine_for, make_engine, register
from zollstock.engines.registry import MODULES, known_engines
from zollstock.errors import ZollstockError
from zollstock.images.selection import select_rendered
from zollstock.images.table import save_png
from zollstock.worlds import get_world

DARKER = """
import json, sys
from PIL import Image
image = Image.open(sys.argv[1])
for number, value in enumerate(json.load(open(sys.argv[2]))):
    image.point(lambda v: v * (1 - value / 2)).save(f"{sys.argv[3]}/{number:03d}.png")
"""

DRAWN = {"world": "pets", "size": 16, "start": 0.2, "stop": 0.8, "steps": 3}
CASES = {
    "rendered": {
        "world": "pets",
        "size": 16,
        "latent": "fur_lightness",
        "start": 0.1,
        "stop": 0.9,
        "steps": 5,
    },
    "frames": {"path": "{image}", "size": [10, 12], "prepend_original": True},
    "command": {
        "command": [sys.executable, "-c", DARKER, "{image}", "{axis}", "{output}"],
        "steps": 3,
    },
    "grid": {
        "first": {"engine": "rendered", "latent": "fur_lightness"} | DRAWN,
        "second": {"engine": "rendered", "latent": "fur_hue"} | DRAWN,
    },
    "photometric": {"operation": "noise", "start": 0, "stop": 0.3, "steps": 4},
    "overlay": {"text": "x", "position": "random", "start": 0, "stop": 1, "steps": 4},
    "background": {"operation": "grey", "mask": "middle", "start": 0, "stop": 1, "steps": 4},
    "geometric": {
        "operation": "rotate",
        "corners": "crop",
        "start": -20,
        "stop": 20,
        "steps": 5,
        "size": [12, 10],
    },
    "blend": {"picture": "{image}", "start": 0, "stop": 1, "steps": 4, "fit": "pad"},
    "placebo_rendered": {
        "world": "pets",
        "size": 16,
        "latents": None,
        "tested": ["fur_hue"],
        "steps": 4,
        "tolerance": 0.2,
    },
    "placebo_series": {"path": "{image}", "size": [10, 12], "steps": 4, "tolerance": 0.2},
    "placebo_pixels": {"operations": None, "tested": ["jpeg"], "steps": 4, "tolerance": 0.2},
}


def sizes_of(image, placebo):
    """Return the profile of an edit that a placebo can be as large as."""
    unit = image.pixels().mean() / 255 / 10 if placebo == "placebo_series" else 0.01
    return [(min(step, 1), unit * step) for step in range(4)]


@pytest.fixture
def images(tmp_path):
    return select_rendered(
        get_world("pets"),
        n_per_class=1,
        seed=2,
        folder=tmp_path / "images",
        distribution="unbiased",
        size=16,
        bias=0.9,
        shape_noise=0.1,
    ).images


@pytest.fixture(params=sorted(CASES))
def settings(request, images, tmp_path):
    """Settings of one engine, with what it reads put in place."""
    settings = {"engine": request.param} | CASES[request.param]
    if request.param in {"frames", "placebo_series"}:
        settings["path"] = str(tmp_path / "series" / "{image}")
        rng = np.random.default_rng(0)
        for image in images:
            for step in range(4):
                pixels = rng.integers(0, 256, (8, 9, 3), dtype=np.uint8)
                if request.param == "placebo_series":  # they begin at the image
                    pixels = (image.pixels() * (1 - step / 10)).astype(np.uint8)
                save_png(pixels, tmp_path / "series" / image.id / f"{step}.png")
    if request.param == "blend":
        settings["picture"] = str(images[0].file)
    if request.param == "placebo_pixels":
        pictures = {image.id: image.pixels() for image in images}
        settings["references"] = SimpleNamespace(
            size=(16, 16), picture=pictures.__getitem__, checksum=lambda image: image
        )
    if request.param.startswith("placebo"):
        settings["profiles"] = {image.id: sizes_of(image, request.param) for image in images}
    return settings


def test_every_engine_has_a_case():
    """Diffusion editors and their placebos have theirs in tests/unit/engines/diffusion."""
    editors = {name for name, module in MODULES.items() if ".diffusion." in module}
    assert set(known_engines()) - editors - {"placebo_edited"} == set(CASES)


def test_paths_have_the_promised_shape_and_a_finite_axis_in_order(settings, images):
    engine = engine_for(settings)
    shape = engine.shape(images)
    for image in images:
        path = engine.path(image, 7, lambda done: None)
        assert path.frames.shape == (*shape, 3)
        assert path.frames.dtype == path.unedited.dtype == np.uint8
        assert path.unedited.shape == path.frames.shape[1:]
        assert path.axis.shape == (shape.steps,)
        assert path.axis.dtype == np.float64
        assert np.isfinite(path.axis).all()
        assert (np.diff(path.axis) > 0).all()


def test_same_arguments_give_the_same_bytes(settings, images):
    first, again = (engine_for(settings).path(images[0], 7, lambda done: None) for _ in range(2))
    for name in ("frames", "axis", "unedited"):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()


def test_images_differ_and_frames_are_counted(settings, images):
    engine = engine_for(settings)
    counted = []
    one, two = (engine.path(image, 7, counted.append) for image in images)
    assert one.frames.tobytes() != two.frames.tobytes()
    assert sum(counted) == len(one.frames) + len(two.frames)


def test_inputs_are_texts_that_tell_images_apart(settings, images):
    engine = engine_for(settings)
    one, two = (engine.inputs(image) for image in images)
    assert one == engine_for(settings).inputs(images[0])
    # Some depend on nothing but the image, and on a program or a picture that all share.
    if settings["engine"] not in {
        "command",
        "photometric",
        "overlay",
        "background",
        "geometric",
        "blend",
    }:
        assert one != two
    assert json.loads(json.dumps(one)) == one
    assert isinstance(engine.version, str)


def test_unknown_engine_names_the_nearest():
    with pytest.raises(ZollstockError, match="Did you mean 'rendered'"):
        make_engine("renderd", {})
    with pytest.raises(ZollstockError, match="Choose one of these"):
        make_engine("xyz", {})


def test_own_engine_is_registered_and_constructed_without_its_name(monkeypatch):
    monkeypatch.setitem(ENGINES, "mine", None)

    @register("mine")
    class Mine:
        def __init__(self, *, strength):
            self.strength = strength

    assert engine_for({"engine": "mine", "strength": 3}).strength == 3
