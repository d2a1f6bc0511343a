"""Studies with an image editor: a tiny one with random weights, made here, run for real."""

import json
import signal
import subprocess
import time

import numpy as np
import pandas as pd
import pytest
import safetensors.torch
import torch
import zarr

from tests.workflow.conftest import PATIENCE
from tests.workflow.test_survival import generators
from tests.workflow.torture import kept, store_of

pytestmark = pytest.mark.workflow

STRONG = 40.0
"""Untrained weights hardly react to the text; this guidance makes frames differ visibly."""


@pytest.fixture(scope="session")
def editor(once):
    def fill(workspace):
        from zollstock.editors.architecture import Size, build_editor
        from zollstock.editors.pairs import EDITS

        torch.manual_seed(0)
        tiny = Size(image=32, autoencoder_channels=8, latent_channels=4, unet_channels=(8, 16))
        pipeline = build_editor(list(EDITS), tiny)
        with torch.no_grad():  # louder text
            for name, weight in pipeline.unet.named_parameters():
                if "attn2" in name:
                    weight.mul_(4)
        pipeline.save_pretrained(workspace.folder)

    return once("editor", fill).folder


@pytest.fixture
def study(mini, editor):
    mini["properties"] = {
        "edited": {
            "engine": "instruct_pix2pix",
            "checkpoint": str(editor),
            "instruction": "make the fur lighter",
            "opposite": "make the fur darker",
            "stop": STRONG,
            "steps": 7,
            "denoising_steps": 3,
            "image_guidance": 1,
            "meter": "fur_lightness",
            "direction": 1,
        },
    }
    mini["models"].pop("biased")
    mini["images"]["n_per_class"] = 1
    return mini


def frames_of(workspace, name="edited"):
    return zarr.open_group(store_of(workspace, name), mode="r")


def test_a_study_with_an_editor_from_images_to_figures(workspace, study):
    study["properties"]["fitted"] = study["properties"]["edited"] | {
        "opposite": None,
        "steps": "adaptive",
        "budget": 9,
        "tolerance": 1e-4,
        "watch": ["plain"],
    }
    run = workspace.run(study)
    assert run.code == 0, run.text
    manifest = json.loads((workspace.results() / "interventions" / "edited.json").read_text())
    assert manifest["facts"]["knob"] == "guidance scale"
    assert manifest["facts"]["size"] == [32, 32] and manifest["facts"]["fit"] == "crop"
    store = frames_of(workspace)
    np.testing.assert_allclose(store["axis"][0, 0], np.linspace(-STRONG, STRONG, 7))
    np.testing.assert_array_equal(store["unedited"][...], store["frames"][:, :, 3])
    axis = frames_of(workspace, "fitted")["axis"][0, 0]
    used = axis[np.isfinite(axis)]
    assert 5 <= len(used) <= 9 and (np.diff(used) > 0).all()

    scores = pd.read_csv(workspace.results() / "scores" / "scores.csv", keep_default_na=False)
    ledger = pd.read_csv(workspace.results() / "ledger" / "edited.csv", keep_default_na=False)
    assert set(scores["property"]) == {"edited", "fitted"}
    flags = dict(zip(ledger["image"], ledger["flags"], strict=True))
    mine = scores[scores["property"] == "edited"]
    assert all(flags[row.image] == row.flags for row in mine.itertuples())
    # Random weights do anything but what the instruction says.
    assert (mine["flags"] != "").all()
    assert "Nothing to be done" in workspace.run(study, "-n").text

    # How the editor is run is no reason to make paths again.
    before = kept(workspace, "edited")
    assert len(before) == 2
    study["editing"] = {"batch_size": 2}
    assert workspace.run(study, "results/mini/interventions/edited.json").code == 0
    assert kept(workspace, "edited") == before


def test_nan_frames_fail_the_run_by_name_unless_some_may_fail(workspace, study, editor, tmp_path):
    from diffusers import DiffusionPipeline

    broken = tmp_path / "broken"
    DiffusionPipeline.from_pretrained(editor).save_pretrained(broken)
    file = broken / "unet" / "diffusion_pytorch_model.safetensors"
    weights = safetensors.torch.load_file(file)
    weights["conv_out.bias"] += torch.nan
    safetensors.torch.save_file(weights, file, metadata={"format": "pt"})
    study["properties"]["edited"]["checkpoint"] = str(broken)
    study["properties"]["exact"] = {"engine": "rendered", "latent": "fur_lightness", "steps": 7}
    run = workspace.run(study, "--keep-going")
    assert run.code == 1
    line = next(line for line in run.text.splitlines() if line.startswith("zollstock: "))
    assert "2 of 2 paths failed: cat_0000: NaN or infinity at guidance scale -40" in line
    assert "--forcerun intervene" in line and "Traceback" not in run.text

    study["editing"] = {"max_failed": 2}
    run = workspace.run(study)
    assert run.code == 0, run.text
    scores = pd.read_csv(workspace.results() / "scores" / "scores.csv")
    failed = scores[scores["property"] == "edited"]
    assert (failed["flags"] == "failed").all() and failed["score"].isna().all()
    assert scores[scores["property"] == "exact"]["score"].notna().all()
    summary = pd.read_csv(workspace.results() / "scores" / "summary.csv")
    assert summary.set_index("property").loc["edited", "failed"] == 2


def test_kill_9_in_a_sweep_loses_at_most_one_path(workspace, study):
    study["images"]["n_per_class"] = 4
    study["properties"]["edited"] |= {"denoising_steps": 30, "steps": 15}
    target = "results/mini/interventions/edited.json"

    with subprocess.Popen(
        workspace.command(study, target),
        cwd=workspace.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            if len(kept(workspace, "edited")) >= 3:
                for child in generators(process):
                    child.send_signal(signal.SIGKILL)
            time.sleep(0.02)
    survivors = kept(workspace, "edited")
    assert 3 <= len(survivors) < 8
    run = workspace.run(study, target, "--rerun-incomplete")
    assert run.code == 0, run.text
    now = kept(workspace, "edited")
    assert len(now) == 8
    assert {row: now[row] for row in survivors} == survivors

    undisturbed = type(workspace)(workspace.folder / "undisturbed")
    undisturbed.folder.mkdir()
    assert undisturbed.run(study, target).code == 0
    np.testing.assert_array_equal(
        frames_of(undisturbed)["frames"][...], frames_of(workspace)["frames"][...]
    )


def test_a_checkpoint_that_cannot_be_fetched_says_what_to_do(workspace, study, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    study["properties"]["edited"] |= {"checkpoint": "owner/name", "revision": "abc"}
    plan = workspace.run(study, "-n").jobs()
    assert plan["fetch_checkpoint"] == 1
    run = workspace.run(study, "prefetch_editors")
    assert run.code == 1
    line = next(line for line in run.text.splitlines() if line.startswith("zollstock: "))
    assert "checkpoint owner/name at revision abc: cannot be fetched" in line
    assert "resources/checkpoints/owner--name@abc" in line
    assert "Traceback" not in run.text


def test_a_checkpoint_copied_by_hand_is_taken(workspace, study, editor, monkeypatch):
    import shutil

    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    at = workspace.folder / "resources" / "checkpoints" / "owner--name@abc"
    shutil.copytree(editor, at)
    study["properties"]["edited"] |= {"checkpoint": "owner/name", "revision": "abc"}
    run = workspace.run(study, "results/mini/interventions/edited.json")
    assert run.code == 0, run.text
    assert (at / "fetched.json").is_file()


def test_train_editor_makes_a_working_editor_and_says_how_it_fares(workspace, mini):
    """A very short version of what made the shipped weights."""
    mini["editor_training"] = {
        "device": "cpu",
        "autoencoder_samples": 64,
        "samples": 64,
        "sources": 8,
        "denoising_steps": 2,
        "gate_images": 2,
        "gate_steps": 5,
    }
    run = workspace.run(mini, "train_editor")
    assert run.code == 0, run.text
    folder = workspace.folder / "results" / "editors" / "pets"
    gate = json.loads((folder / "gate.json").read_text())
    assert not gate["passed"] and len(gate["images"]) == 4
    log = (workspace.folder / "logs" / "train_editor" / "pets.log").read_text()
    assert "MISSED" in log and "training the editor" in log
    mini["properties"] = {
        "edited": {
            "engine": "instruct_pix2pix",
            "checkpoint": "results/editors/pets",
            "instruction": "make the fur lighter",
            "stop": 2,
            "steps": 6,
            "denoising_steps": 2,
            "image_guidance": 1,
        }
    }
    run = workspace.run(mini, "results/mini/interventions/edited.json")
    assert run.code == 0, run.text
