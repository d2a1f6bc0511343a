"""The jobs of `snakemake calibration`, one after the other, on a tiny study."""

import numpy as np
import pandas as pd
import pytest
import torch

from zollstock.calibration.seen import Seen
from zollstock.errors import ZollstockError
from zollstock.files import read_json
from zollstock.jobs.calibrate_edits import calibrate_edits
from zollstock.jobs.calibrate_images import calibrate_images
from zollstock.jobs.calibrate_models import calibrate_models
from zollstock.jobs.calibrate_power import calibrate_power
from zollstock.jobs.calibrate_rates import calibrate_rates
from zollstock.jobs.calibrate_roc import calibrate_roc
from zollstock.jobs.calibrate_truth import calibrate_truth
from zollstock.jobs.calibration import calibration
from zollstock.jobs.draw_calibration import draw_calibration
from zollstock.manifests import store_of
from zollstock.models.card import save_model
from zollstock.models.registry import build_model
from zollstock.store import PathStore

WORLD = {"name": "pets", "size": 32, "bias": 0.98, "shape_noise": 0.3}
LATENT = "background_brightness"
STEPS = 7
NARROW = {
    "family": "convmixer",
    "arguments": {"dim": 4, "depth": 1, "kernel_size": 3, "patch_size": 8},
    "classes": ["cat", "dog"],
    "preprocessing": {
        "size": None,
        "resize": "bilinear",
        "fit": "stretch",
        "mean": [0, 0, 0],
        "std": [1, 1, 1],
    },
}
# An exact engine in the place of an editor: what it did is known.
EXACT = {
    "engine": "rendered",
    "latent": LATENT,
    "world": "pets",
    "size": 32,
    "start": 0.25,
    "stop": 0.75,
    "steps": STEPS,
}


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    """A folder in which everything was calibrated, on three images (rounded up to four)."""
    at = tmp_path_factory.mktemp("calibration")
    drawn = {"images": at / "images.csv", "pixels": at / "images"}
    calibrate_images(world=WORLD, images=3, seed=1, table=drawn["images"], pixels=drawn["pixels"])
    edit(at)
    torch.manual_seed(0)
    models = [at / "small.safetensors", at / "small.json"]
    save_model(build_model("convmixer", NARROW["arguments"], 2), NARROW, *models)
    calibrate_models(
        **drawn,
        manifest=at / "edits.json",
        models=models,
        predictions=at / "seen.npz",
        world=WORLD,
        latent=LATENT,
        steps=STEPS,
        dense=2,
        noise_images=5,
        placebos=19,
        inference={"device": "cpu", "batch_size": 16, "precision": "float32"},
        seed=1,
        threads=1,
    )
    calibrate_rates(
        predictions=at / "seen.npz",
        table=at / "rates.csv",
        series=20,
        length=9,
        permutations=19,
        seed=1,
    )
    calibrate_truth(
        **drawn,
        edits=at / "latents.csv",
        table=at / "truth.csv",
        decay=at / "decay.csv",
        scores=at / "points.csv",
        world="pets",
        latent=LATENT,
        steps=STEPS,
        step_counts=[5, 9],
    )
    calibrate_roc(
        predictions=at / "seen.npz",
        areas=at / "areas.csv",
        curves=at / "curves.csv",
        dense=2,
        threshold=0.2,
        seed=1,
    )
    calibrate_power(
        edits=at / "latents.csv", table=at / "power.csv", simulations=20, steps=STEPS, seed=1
    )
    return at


def edit(at, name="latents.csv"):
    calibrate_edits(
        images=at / "images.csv",
        pixels=at / "images",
        latents=at / name,
        manifest=at / "edits.json",
        engine=EXACT,
        world="pets",
        latent=LATENT,
        seed=1,
        running={"checkpoints": str(at)},
        threads=1,
    )


def test_images_are_as_many_of_each_class(at):
    table = pd.read_csv(at / "images.csv")
    assert table["label"].value_counts().tolist() == [2, 2]
    assert len(list((at / "images").glob("*.png"))) == 4


def test_edits_are_read_back_and_kept(at):
    latents = pd.read_csv(at / "latents.csv")
    np.testing.assert_allclose(latents["latent"], latents["axis"], atol=0.03)
    frames = [PathStore(store_of(at / "edits.json")).frames_file(row) for row in range(4)]
    before = [file.stat().st_mtime_ns for file in frames]
    edit(at, "again.csv")
    assert [file.stat().st_mtime_ns for file in frames] == before
    assert (at / "again.csv").read_bytes() == (at / "latents.csv").read_bytes()
    assert len(read_json(at / "edits.json")["images"]) == 4


def test_models_see_noise_exact_paths_and_edits(at):
    seen = Seen.read(at / "seen.npz")
    assert seen.models == ("small",)
    assert len(seen.images) == 4
    assert seen.noise.shape == (1, 5, 20, STEPS)
    assert seen.exact.shape == (1, 4, 2 * (STEPS - 1) + 1)
    assert seen.flips.shape == (1, 4)
    assert np.isfinite(seen.edited).all()
    # The "editor" goes exactly from .25 to .75: its middle frame is that of the exact path.
    np.testing.assert_allclose(seen.edited[0, :, STEPS // 2], seen.exact[0, :, 6], atol=1e-5)
    seen.write(at / "copy.npz")
    again = Seen.read(at / "copy.npz")
    np.testing.assert_array_equal(again.edited, seen.edited)
    assert again.images == seen.images


def test_tables_hold_exact_and_edited_paths(at):
    rates = pd.read_csv(at / "rates.csv")
    assert set(rates.loc[rates["source"] == "model", "case"]) == {"small"}
    assert {"iid", "drift"} < set(rates["case"])
    points = pd.read_csv(at / "points.csv")
    assert set(points["engine"]) == {"exact", "edited"}
    # Half the range is edited, and the meter reads it back.
    logistic = points[(points["classifier"] == "logistic") & (points["engine"] == "edited")]
    assert (logistic["covered"] < 0.9 * logistic["truth"]).all()
    assert pd.read_csv(at / "decay.csv")["steps"].unique().tolist() == [5, 9]
    assert set(pd.read_csv(at / "areas.csv")["engine"]) == {"exact", "edited"}
    power = pd.read_csv(at / "power.csv")
    assert {"logistic, exact", "logistic, edited"} < set(power["shape"])


def test_all_is_summed_up_and_drawn(at):
    files = {name: at / f"{name}.csv" for name in ("rates", "truth", "decay", "areas", "power")}
    calibration(study="small", source="renderer", found=files, table=at / "summary.csv")
    parts = pd.read_csv(at / "summary.csv")["part"]
    assert set(parts) == {"false positives", "truth", "bias on an image", "power"}
    names = ("rates", "points", "decay", "areas", "curves", "power")
    draw_calibration(
        **{name: at / f"{name}.csv" for name in names},
        folder=at / "figures",
        latent=LATENT,
        threshold=0.2,
        formats=["png"],
        dpi=30,
    )
    assert {file.name for file in (at / "figures").iterdir()} == {
        f"calibration_{name}.png" for name in ("rates", "truth", "roc", "power")
    }


def test_without_an_editor_the_edited_parts_are_left_out(at, tmp_path):
    seen = Seen.read(at / "seen.npz")
    none = Seen(
        seen.models, seen.images, seen.noise, seen.exact, seen.flips, np.full((1, 4, 7), np.nan)
    )
    none.write(tmp_path / "seen.npz")
    calibrate_roc(
        predictions=tmp_path / "seen.npz",
        areas=tmp_path / "areas.csv",
        curves=tmp_path / "curves.csv",
        dense=2,
        threshold=0.2,
        seed=1,
    )
    assert set(pd.read_csv(tmp_path / "areas.csv")["engine"]) == {"exact"}
    calibrate_power(edits=None, table=tmp_path / "power.csv", simulations=20, steps=7, seed=1)
    assert "logistic, edited" not in set(pd.read_csv(tmp_path / "power.csv")["shape"])


@pytest.mark.parametrize(
    ("source", "words"), [("folder", "no drawn images"), ("renderer", "no model with trained_on")]
)
def test_where_the_truth_is_unknown_one_line_says_why(source, words, tmp_path):
    with pytest.raises(ZollstockError, match=f"study mine: calibration: has {words}"):
        calibration(study="mine", source=source, found={}, table=tmp_path / "summary.csv")


@pytest.mark.parametrize("harm", ["lost", "cut off", "one bit", "text"])
def test_what_models_said_is_compared_with_its_checksums(tmp_path, harm):
    rng = np.random.default_rng(0)
    values = rng.random((1, 2, 3))
    seen = Seen(("m",), ("a", "b"), rng.random((1, 4, 5, 6)), values, values[..., 0] > 0.5, values)
    file = tmp_path / "predictions.npz"
    seen.write(file)
    np.testing.assert_array_equal(Seen.read(file).noise, seen.noise)
    content = bytearray(file.read_bytes())
    if harm == "lost":
        file.unlink()
    elif harm == "one bit":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    else:
        file.write_bytes(b"text" if harm == "text" else content[: len(content) // 2])
    with pytest.raises(
        ZollstockError, match=r"predictions\.npz: cannot be read.*--forcerun calibrate_models"
    ):
        Seen.read(file)
