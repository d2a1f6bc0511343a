"""Users' names are names: no patterns, whatever letters they have; links lead to files."""

import os
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

pytestmark = pytest.mark.workflow

NAMES = [
    *("cat{1}", "杯子", "猫", "blue mug", "Ka\u0308tzchen", "K\u00e4tzchen", "-lead", "new\nline"),
    *("a$b*[c]?", "x#y'z\"q", "n" * 240, "caf\udce9", "{image}x", "Upper", "upper", "~", "a\\b"),
]
ANGLES = {"-30.png": 0.4, "-15.gif": 0.5, "0.jfif": 0.6, "10.5.png": 0.7, "+30.webp": 0.8}
FORMATS = {".jfif": "jpeg", ".gif": "gif", ".webp": "webp", ".png": "png"}


def write(pixels, file):
    """Write a picture under a name that Pillow would take for another format."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as opened:
        Image.fromarray(pixels).save(opened, format=FORMATS.get(file.suffix, "png"))


def picture(seed):
    return np.random.default_rng(seed).integers(0, 255, (20, 30, 3), dtype=np.uint8)


def brighter(pixels, factor):
    return np.clip(pixels * factor, 0, 255).astype(np.uint8)


def add_series(folder, pixels):
    for name, factor in ANGLES.items():
        write(brighter(pixels, factor), folder / name)


@pytest.fixture
def model(workspace, monkeypatch):
    """A model of the user's own: a builder in a linked package, whose parts are in another file."""
    package = workspace.folder / "disk" / "code"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from . import parts\nbuild = parts.build\n")
    (package / "parts.py").write_text(
        "import torch\n"
        "def build():\n"
        "    torch.manual_seed(1)\n"
        "    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(),\n"
        "        torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(4, 2))\n"
    )
    (workspace.folder / "own{1}").symlink_to("disk/code")
    (workspace.folder / "ownlinked").symlink_to("disk/code")
    return {"family": "ownlinked:build", "preprocessing": {"size": [16, 24]}}


@pytest.fixture
def odd(workspace, model, monkeypatch):
    """A study on files and folders of odd names."""
    place = workspace.folder / "w{1} #x'y"
    for seed, name in enumerate(NAMES):
        pixels = picture(seed)
        label = ["up {2}$", "down*[x]"][seed % 2]
        write(pixels, place / "photos" / label / f"{name}.png")
        add_series(place / "se{3}ries" / name, pixels)
        painted = np.zeros((20, 30, 3), np.uint8)
        painted[:10] = 255
        write(painted, place / "masks" / f"{name}.png")
    monkeypatch.syspath_prepend(str(workspace.folder))
    from ownlinked import build

    torch.save(build().state_dict(), place / "wei{1}ghts.pth")
    for module in [name for name in sys.modules if name.startswith("ownlinked")]:
        del sys.modules[module]
    return {
        "study": "odd",
        "data_dir": "w{1} #x'y",
        "images": {"source": "folder", "path": "{data_dir}/photos"},
        "properties": {
            "light": {
                "engine": "frames",
                "path": "{data_dir}/se{3}ries/{image}",
                "title": "li{1}ght $x$ 杯",
                "meter": "luminance",
                "mask": "{data_dir}/masks/{image}.png",
            }
        },
        "models": {
            "mine": model
            | {"weights": "{data_dir}/wei{1}ghts.pth", "classes": ["down*[x]", "up {2}$"]}
        },
        "scoring": {"permutations": 99, "statistics": ["corr"]},
    }


def test_no_name_is_a_pattern_and_every_change_is_noticed(workspace, odd):
    targets = ["results/odd/scores/scores.csv", "results/odd/ledger/light.csv"]
    run = workspace.run(odd, *targets)
    assert run.code == 0, run.text
    assert "-30 to 30 in unequal steps" in run.text
    table = workspace.results("odd") / "scores" / "scores.csv"
    assert len(table.read_text().splitlines()) == 1 + len(NAMES)
    assert "Nothing to be done" in workspace.run(odd, *targets, "--dry-run").text
    place = workspace.folder / "w{1} #x'y"
    for changed, rule in [
        (place / "se{3}ries" / "cat{1}" / "0.jfif", "intervene"),
        (place / "masks" / "new\nline.png", "measure_edits"),
        (place / "photos" / "up {2}$" / "caf\udce9.png", "select_images"),
        (place / "wei{1}ghts.pth", "import_checkpoint"),
        (workspace.folder / "disk" / "code" / "parts.py", "import_checkpoint"),
    ]:
        if not changed.exists():
            changed = place / "photos" / "down*[x]" / changed.name
        before, content = changed.stat(), changed.read_bytes()
        changed.write_bytes(content + b"\n")
        run = workspace.run(odd, *targets, "--dry-run")
        assert f"rule {rule}:" in run.text, f"{changed}: {run.text}"
        changed.write_bytes(content)
        os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert "Nothing to be done" in workspace.run(odd, *targets, "--dry-run").text


def test_folders_behind_links_are_used_and_watched(workspace, model):
    folder = workspace.folder
    for seed, name in enumerate(["up/a", "up/deep/b", "down/c"]):
        pixels = picture(seed)
        write(pixels, folder / "disk" / f"{name}.png")
        add_series(folder / "far" / name.rpartition("/")[2], pixels)
    (folder / "photos").mkdir()
    (folder / "photos" / "up").symlink_to("../disk/up")
    (folder / "photos" / "down").symlink_to("../disk/down")
    (folder / "disk" / "up" / "circle").symlink_to("..")
    (folder / "series").symlink_to("far")
    study = {
        "study": "linked",
        "images": {"source": "folder", "path": "photos"},
        "properties": {"light": {"engine": "frames", "path": "series/{image}"}},
        "models": {"mine": model | {"classes": ["down", "up"]}},
    }
    target = "results/linked/interventions/light.json"
    run = workspace.run(study, target)
    assert run.code == 0, run.text
    assert "Nothing to be done" in workspace.run(study, target, "--dry-run").text
    write(picture(9), folder / "far" / "b" / "0.jfif")
    jobs = workspace.run(study, target, "--dry-run").jobs()
    assert "intervene" in jobs and "select_images" not in jobs
    write(picture(9), folder / "disk" / "up" / "deep" / "b.png")
    assert "select_images" in workspace.run(study, target, "--dry-run").jobs()


def test_a_flat_folder_needs_no_labels(workspace, model):
    folder = workspace.folder
    for seed, name in enumerate(["blue mug", "杯子"]):
        write(picture(seed), folder / "photos" / f"{name}.png")
        add_series(folder / "series" / name, picture(seed))
    study = {
        "study": "flat",
        "images": {"source": "folder", "path": "photos"},
        "properties": {"light": {"engine": "frames", "path": "series/{image}"}},
        "models": {"mine": model | {"classes": ["down", "up"]}},
    }
    run = workspace.run(study, "results/flat/scores/scores.csv")
    assert run.code == 0, run.text
    table = pd.read_csv(workspace.results("flat") / "scores" / "scores.csv")
    assert set(table["image"]) == {"blue-mug", "杯子"}
    assert set(table["label"]) == {"unlabelled"}
