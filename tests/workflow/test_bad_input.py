"""A user's mistakes: one line that names file or key, value and next step; exit code 1."""

import os
import pickle
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from tests.workflow.conftest import Run

pytestmark = pytest.mark.workflow


def refused(run, *words):
    assert run.code == 1, run.text
    assert "Traceback" not in run.text
    lines = [line for line in run.text.splitlines() if line.startswith("zollstock: ")]
    assert lines, run.text
    for word in words:
        assert word in lines[0], lines[0]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("study", "../escape", ["study", "'../escape'", "letters"]),
        ("study", None, ["study", "missing"]),
        ("imagess", {}, ["imagess", "Did you mean 'images'"]),
        ("images.n_per_clas", 3, ["images.n_per_clas", "Did you mean 'n_per_class'"]),
        ("images.source", "drawer", ["images.source", "'drawer'", "'renderer', 'folder', 'csv'"]),
        ("images.source", None, ["images.source", "missing"]),
        ("properties.fur.steps", 2, ["properties.fur.steps", "is 2", "3"]),
        ("properties.fur.stop", 0.0, ["properties.fur", "start and stop"]),
        ("properties.fur.engine", "pix2pix", ["properties.fur.engine", "'pix2pix'", "'rendered'"]),
        ("properties", {}, ["properties", "at least 1"]),
        ("models.plain.weights", "x.pth", ["models.plain", "trained_on and weights"]),
        ("scoring.output", 7, ["scoring.output", "index 7", "0 to 1"]),
        ("scoring.output", "dgo", ["scoring.output", "'dgo'", "Did you mean 'dog'"]),
        ("scoring.permutations", "many", ["scoring.permutations", "'many'", "integer"]),
        ("images", {"source": "folder", "path": "nowhere"}, ["engine", "rendered"]),
        ("images.correctly_classified_by", ["plian"], ["'plian'", "Did you mean 'plain'"]),
    ],
)
def test_wrong_settings(workspace, mini, path, value, words):
    *sections, key = path.split(".")
    target = mini
    for section in sections:
        target = target[section]
    if value is None:
        del target[key]
    else:
        target[key] = value
    refused(workspace.run(mini, "--dry-run"), "study.yaml", *words)


def test_classes_of_a_trained_model_are_the_worlds(workspace, mini):
    mini["models"]["plain"]["classes"] = ["dog", "cat"]
    run = workspace.run(mini, "results/mini/models/plain.safetensors")
    refused(run, "models.plain.classes", "dog, cat", "cat, dog")


@pytest.mark.parametrize("text", ["", "study: [unclosed", "- a\n- list\n"])
def test_unusable_config_files(workspace, text):
    path = workspace.folder / "broken.yaml"
    path.write_text(text)
    run = workspace.run(path, "--dry-run")
    assert run.code == 1
    assert "Traceback" not in run.text
    assert "onfig file" in run.text or "broken.yaml" in run.text


def test_a_key_that_is_given_twice_is_refused_in_any_config_file(workspace, mini):
    """YAML would take the last one in silence; so would JSON."""
    first, second = workspace.folder / "first.yaml", workspace.folder / "second.json"
    text = yaml.safe_dump(mini, sort_keys=False)
    first.write_text(text)
    second.write_text('{"scoring": {"alpha": 0.1},\n "scoring": {}}')
    run = workspace.run(None, "--dry-run", "--configfile", first, second)
    refused(run, "second.json, line 2: gives scoring again", "line 1")
    first.write_text(text.replace("  noise:", "  fur:"))
    run = workspace.run(first, "--dry-run")
    lines = first.read_text().splitlines()
    places = [number for number, line in enumerate(lines, 1) if line == "  fur:"]
    refused(run, f"first.yaml, line {places[1]}: gives properties.fur", f"line {places[0]} ")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "  on: {engine: rendered, latent: fur_lightness}",
            ["properties: has the key true", "quotes"],
        ),
        ("seed: 1:30", ["seed: is 1:30", "base 60: 90"]),
    ],
)
def test_words_that_yaml_takes_for_something_else(workspace, mini, line, words):
    path = workspace.folder / "study.yaml"
    parts = mini | {"properties": None}
    text = yaml.safe_dump({key: value for key, value in parts.items() if key != "seed"})
    before, after = text.split("properties: null\n")
    fur = "  fur: {engine: rendered, latent: fur_lightness, steps: 8}\n"
    own = [line, ""] if line.startswith(" ") else ["", line]
    path.write_text(f"{before}properties:\n{fur}{own[0]}\n{after}{own[1]}\n")
    refused(workspace.run(path, "--dry-run"), "study.yaml", *words)


def test_unknown_latent_and_range(workspace, mini):
    mini["properties"]["fur"]["latent"] = "fur_lightnes"
    target = "results/mini/interventions/fur.json"
    refused(workspace.run(mini, target), "fur_lightnes", "fur_lightness")
    mini["properties"]["fur"] |= {"latent": "fur_lightness", "stop": 3.0}
    refused(workspace.run(mini, target), "3", "0 to 1")


@pytest.mark.parametrize("folder", ["results", "logs"])
def test_folders_that_cannot_be_written_into(workspace, mini, folder):
    target = "results/mini/images/images.csv"
    (workspace.folder / folder).write_text("in the way")
    refused(workspace.run(mini, target), f"{folder}: cannot be written into", "Make it writable")
    assert workspace.run(mini, target, "--dry-run").code == 0  # it writes nothing
    (workspace.folder / folder).unlink()
    # It left no lock behind.
    assert workspace.run(mini, target).code == 0


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None,
    reason="needs root, to mount",
)
@pytest.mark.parametrize("folder", ["results", "logs"])
def test_read_only_folders(workspace, mini, folder):
    (workspace.folder / folder / "mini").mkdir(parents=True)
    mounts = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} || exit 3"
    command = workspace.command(mini, "results/mini/images/images.csv")
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f"{mounts}; {shlex.join(command)}"],
        cwd=workspace.folder,
        capture_output=True,
        text=True,
    )
    if done.returncode == 3:
        pytest.skip("mounts are not allowed")
    reason = f"(Read-only file system: '{folder}/mini')"
    refused(Run(done.returncode, done.stdout + done.stderr), f"{folder}/mini: cannot", reason)


@pytest.fixture
def own(workspace):
    """A study on files: a folder of pictures, series of frames, a model from a module."""
    rng = np.random.default_rng(0)
    for label in ("up", "down"):
        for number in range(3):
            pixels = rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)
            file = workspace.folder / "photos" / label / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(file)
            series = workspace.folder / "series" / f"{label}-{number}"
            series.mkdir(parents=True)
            for step in range(4):
                Image.fromarray(np.clip(pixels * (0.4 + 0.2 * step), 0, 255).astype(np.uint8)).save(
                    series / f"{step}.png"
                )
    (workspace.folder / "mymodel.py").write_text(
        "import torch\n"
        "def build(width=4):\n"
        "    torch.manual_seed(1)\n"
        "    return torch.nn.Sequential(torch.nn.Conv2d(3, width, 3), torch.nn.ReLU(),\n"
        "        torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(width, 2))\n"
    )
    return {
        "study": "own",
        "images": {"source": "folder", "path": "photos"},
        "properties": {"light": {"engine": "frames", "path": "series/{image}"}},
        "models": {
            "mine": {
                "family": "mymodel:build",
                "classes": ["down", "up"],
                "preprocessing": {"size": [16, 24]},
            }
        },
        "scoring": {"permutations": 99, "statistics": ["paper_grad", "corr"]},
    }


def test_own_images_property_and_model_go_all_the_way(workspace, own):
    run = workspace.run(own)
    assert run.code == 0, run.text
    results = workspace.results("own")
    assert (results / "figures" / "light" / "paths" / "up-2.png").exists()
    assert len((results / "scores" / "scores.csv").read_text().splitlines()) == 1 + 6 * 2


def test_a_changed_builder_is_noticed(workspace, own):
    target = "results/own/predictions/mine.json"
    assert workspace.run(own, target).code == 0
    code = workspace.folder / "mymodel.py"
    code.write_text(code.read_text().replace("width=4", "width=5"))
    jobs = workspace.run(own, target, "--dry-run").jobs()
    assert {"import_checkpoint", "infer"} <= set(jobs)
    assert "intervene" not in jobs


def test_changed_pictures_are_noticed(workspace, own):
    target = "results/own/interventions/light.json"
    assert workspace.run(own, target).code == 0
    frame = workspace.folder / "series" / "up-1" / "2.png"
    Image.fromarray(np.asarray(Image.open(frame)) // 2).save(frame)
    jobs = workspace.run(own, target, "--dry-run").jobs()
    assert "intervene" in jobs
    assert "select_images" not in jobs
    Image.new("RGB", (30, 20)).save(workspace.folder / "photos" / "up" / "9.png")
    assert "select_images" in workspace.run(own, target, "--dry-run").jobs()


def test_files_that_are_missing_are_all_named(workspace, own):
    own["data_dir"] = "data"
    own["data_note"] = "Fetch them from the museum"
    own["models"]["mine"]["weights"] = "{data_dir}/a.pth"
    own["images"]["path"] = "{data_dir}/photos"
    run = workspace.run(own, "--dry-run")
    refused(run, "data/a.pth", "data/photos", "Fetch them from the museum", "data_dir")


def test_more_images_than_there_are(workspace, own):
    own["images"]["n_per_class"] = 9
    run = workspace.run(own, "select_images")
    refused(run, "images.n_per_class", "asks for 9", "'down'", "only 3", "Lower n_per_class")


def test_a_folder_without_pictures(workspace, own):
    (workspace.folder / "empty").mkdir()
    own["images"]["path"] = "empty"
    refused(workspace.run(own, "select_images"), "empty", "holds no files", "images.path")


class Evil:
    def __reduce__(self):
        return (open, ("run-by-pickle", "w"))


def test_checkpoints_that_cannot_be_used(workspace, own):
    weights = workspace.folder / "weights.pth"
    own["models"]["mine"]["weights"] = "weights.pth"
    target = "results/own/models/mine.safetensors"

    weights.write_text("no checkpoint")
    refused(workspace.run(own, target), "weights.pth", "is no checkpoint", "state dict")

    torch.save({"0.weight": torch.zeros(4, 3, 5, 5)}, weights)
    refused(workspace.run(own, target), "does not fit the architecture", "0.bias", "0.weight")

    weights.write_bytes(pickle.dumps({"state_dict": Evil()}))
    refused(workspace.run(own, target), "weights.pth", "would run code", "safetensors")
    torch.save({"state_dict": Evil()}, weights)
    refused(workspace.run(own, target), "weights.pth", "would run code", "safetensors")
    assert not list(workspace.folder.rglob("run-by-pickle"))


def test_frames_of_unequal_size(workspace, own):
    Image.new("RGB", (9, 9)).save(workspace.folder / "series" / "up-1" / "2.png")
    run = workspace.run(own, "results/own/interventions/light.json")
    refused(run, "up-1", "9×9", "20×30", "equal size")


@pytest.mark.parametrize(
    ("axis", "words"),
    [
        (["0", "nan", "1", "2"], ["line 3", "'nan'", "finite"]),
        (["2", "2", "2", "2"], ["one value only", "(2)"]),
        (["0", "1"], ["2 steps", "at least 3"]),
    ],
)
def test_axes_that_cannot_be_used(workspace, own, axis, words):
    rows = [f"up-0/{step}.png,{value}" for step, value in enumerate(axis)]
    for name in ("up", "down"):
        for number in range(3):
            table = workspace.folder / "series" / f"{name}-{number}.csv"
            table.write_text("\n".join(["path,axis", *rows]) + "\n")
    own["properties"]["light"]["path"] = "series/{image}.csv"
    run = workspace.run(own, "results/own/interventions/light.json")
    refused(run, "down-0.csv", *words)


def test_one_series_for_all_images_is_refused(workspace, own):
    own["properties"]["light"]["path"] = "series/up-0"
    run = workspace.run(own, "results/own/interventions/light.json")
    refused(run, "properties.light.path", "series/up-0", "6 images", "{image}")


def test_a_model_with_other_outputs_than_classes(workspace, own):
    own["models"]["mine"]["classes"] = ["a", "b", "c"]
    own["scoring"]["output"] = "predicted"
    run = workspace.run(own, "results/own/predictions/mine.json")
    refused(run, "classes", "one column per class", "Name the 2 classes")
