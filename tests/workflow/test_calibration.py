"""`snakemake calibration`, run for real on a tiny study; and where the truth is unknown."""

import re

import pandas as pd
import pytest
from PIL import Image

pytestmark = pytest.mark.workflow

SMALL = {
    "series": 60,
    "length": 12,
    "noise_images": 6,
    "images": 4,
    "steps": 7,
    "dense": 2,
    "simulations": 40,
}


@pytest.fixture
def study(mini):
    mini["calibration"] = dict(SMALL)
    mini["properties"]["edited"] = {
        "engine": "instruct_pix2pix",
        "checkpoint": "pets",
        "instruction": "make the fur lighter",
        "opposite": "make the fur darker",
        "stop": 2,
        "image_guidance": 1,
        "denoising_steps": 2,
        "size": [32, 32],
        "meter": "fur_lightness",
    }
    return mini


def test_calibration_runs_and_knows_what_its_settings_change(finished_copy, study):
    """The models are there, and nothing else that a study makes is needed."""
    workspace = finished_copy
    run = workspace.run(study, "calibration")
    assert run.code == 0, run.text
    ran = set(re.findall(r"^(?:local)?rule (\w+):", workspace.details(), re.MULTILINE))
    parts = {name for name in ran if name.startswith("calibrate_")}
    assert len(parts) == 7
    assert ran == parts | {"draw_calibration", "calibration"}
    folder = workspace.results() / "calibration"
    summary = pd.read_csv(folder / "summary.csv")
    assert set(summary["part"]) == {"false positives", "truth", "bias on an image", "power"}
    rates = pd.read_csv(folder / "rates.csv")
    assert {"iid", "drift", "plain", "biased"} <= set(rates["case"])
    latents = pd.read_csv(folder / "latents.csv")
    assert latents.groupby("image").size().tolist() == [7] * 4
    assert latents["latent"].between(0, 1).all()
    areas = pd.read_csv(folder / "areas.csv")
    assert set(areas["engine"]) == {"exact", "edited"}
    assert set(pd.read_csv(folder / "points.csv")["engine"]) == {"exact", "edited"}
    power = pd.read_csv(folder / "power.csv")
    assert {"logistic, exact", "logistic, edited"} < set(power["shape"])
    for name in ("rates", "truth", "roc", "power"):
        assert (workspace.results() / f"figures/calibration_{name}.png").stat().st_size > 10_000

    study["calibration"]["simulations"] = 50
    jobs = workspace.run(study, "calibration", "--dry-run").jobs()
    assert set(jobs) == {"calibrate_power", "draw_calibration", "calibration", "total"}


def test_without_an_editor_the_edited_parts_are_left_out(workspace, mini):
    mini["calibration"] = SMALL
    run = workspace.run(mini, "calibration", "--dry-run")
    assert run.code == 0, run.text
    assert "calibrate_edits" not in run.jobs()
    assert run.jobs()["calibrate_models"] == 1
    assert "calibration" not in workspace.run(mini, "--dry-run").jobs()


def test_photographs_have_no_known_truth(workspace, mini):
    (workspace.folder / "photos/cat").mkdir(parents=True)
    Image.new("RGB", (16, 16)).save(workspace.folder / "photos/cat/one.png")
    mini["images"] = {"source": "folder", "path": "photos"}
    mini["properties"] = {"fur": {"engine": "frames", "path": "frames/{image}"}}
    run = workspace.run(mini, "calibration")
    assert run.code == 1
    assert "Traceback" not in run.text
    line = next(line for line in run.text.splitlines() if line.startswith("zollstock: "))
    for word in ("study mini", "no drawn images", "source: renderer", "config/config.yaml"):
        assert word in line


def test_steps_are_odd(workspace, mini):
    mini["calibration"] = SMALL | {"steps": 8}
    run = workspace.run(mini, "--dry-run")
    assert run.code == 1
    assert "calibration.steps: is 8; expected an odd number" in run.text
