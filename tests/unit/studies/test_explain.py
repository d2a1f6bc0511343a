"""One picture explained: what a study of it would find, by the same functions."""

import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from zollstock import Explanation, drawn_images, explain
from zollstock.errors import ZollstockError
from zollstock.explaining import explanation as module
from zollstock.explaining.pictures import picture_of

HOW = {"placebos": {"steps": 3}, "seed": 3, "scoring": {"permutations": 99}, "output": "dog"}
HOW |= {"device": "cpu", "batch_size": 16}


@pytest.fixture(scope="session")
def made(study):
    """The study's dog along its fur, with the study's models."""
    models = {name: study.model(name) for name in study.models}
    settings = {"engine": "rendered", "latent": "fur_lightness", "steps": 9, "title": "fur"}
    return explain(study.image("dog_0000"), models, settings, **HOW)


def of_dog(table, name):
    rows = table[(table["property"] == name) & (table["image"] == "dog_0000")]
    return rows.reset_index(drop=True)


def test_it_is_what_the_study_found(study, made):
    """Frames to the byte, predictions to the bit, every column of both tables but q."""
    path = study.frames("fur", "dog_0000")
    assert np.array_equal(made.path.frames, path.frames)
    assert np.array_equal(made.path.unedited, path.unedited)
    for model in study.models:
        assert np.array_equal(made.curve(model), study.curve("fur", "dog_0000", model))
    hers, mine = of_dog(study.scores(), "fur"), made.scores
    order = ["model", "statistic"]
    hers, mine = (
        table.sort_values(order).drop(columns="property").reset_index(drop=True)
        for table in (hers, mine)
    )
    pd.testing.assert_frame_equal(mine, hers, check_dtype=False)
    hers, mine = of_dog(study.tests(), "fur"), made.to_pandas()
    corrected = ["property", "q_bh", "q_by"]  # for the number of rows, which are fewer here
    pd.testing.assert_frame_equal(
        mine.drop(columns=corrected), hers.drop(columns=corrected), check_dtype=False
    )
    assert mine["placebos"].eq(19).all() and mine["p"].notna().all()


def test_it_draws_itself_and_speaks(made):
    assert made._repr_png_().startswith(b"\x89PNG")
    lines = repr(made).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["one", "two"]
    assert all("fur moves P(dog)" in line and "p = " in line for line in lines)


def test_it_turns_into_arrays(made):
    pytest.importorskip("xarray")
    data = made.to_xarray()
    assert data["frames"].dims == ("fur_lightness", "y", "x", "channel")
    dog = data["one_probability"].sel(one_class="dog")
    assert np.allclose(dog, made.curve("one")) and np.allclose(data["one_curve"], dog)


def test_a_photograph_is_compared_with_changed_pixels(study):
    pixels = study.image("cat_0000").pixels()
    models = {"one": study.model("one")}
    blur = {"engine": "photometric", "operation": "blur", "stop": 2, "steps": 7}
    few = {"placebos": {"steps": 2}, "scoring": {"permutations": 19}}
    found = explain(pixels, models, blur, device="cpu", **few)
    assert found.to_pandas()["placebos"].tolist() == [19]
    other = explain(Image.fromarray(pixels), models, blur, device="cpu", seed=1, **few)
    assert not np.array_equal(found.beside["one"].series, other.beside["one"].series)
    assert np.array_equal(found.path.frames, other.path.frames)


def test_replicates_and_no_placebos(study):
    noise = {"engine": "photometric", "operation": "noise", "steps": 7, "replicates": 2}
    found = explain(study.image("cat_0000"), study.model("one"), noise, placebos=0, device="cpu")
    assert len(found.paths) == 2 and found.path is found.paths[0]
    row = found.to_pandas().iloc[0]
    assert row["replicates"] == 2 and row["untested"] == "no placebos" and np.isnan(row["p"])
    assert "no placebo edits: no test" in repr(found)


class Stripes(torch.nn.Module):
    """The mean of red against that of blue."""

    def forward(self, x):
        return torch.stack([x[:, 0].mean((1, 2)), x[:, 2].mean((1, 2))], 1) * 8


def test_a_module_of_ones_own():
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 0] = 200
    given = {
        "module": Stripes(),
        "classes": ["red", "blue"],
        "preprocessing": {"mean": 0, "std": 1},
    }
    found = explain(red, {"mine": given}, "saturation", placebos=0, device="cpu")
    curve = found.curve("mine")
    # Without colour there is as much red as blue.
    assert abs(curve.loc[-1.0] - 0.5) < 0.01 and curve.loc[1.0] > 0.99
    assert found.to_pandas()["output"].tolist() == ["red"]
    assert explain(red, given, "saturation", placebos=0).models == ["stripes"]


def test_steps_come_in_order_and_the_curve_before_the_placebos(study):
    found = Explanation(study.image("dog_0000"), [study.model("one")], "fur_lightness", **HOW)
    stages, curves = [], None
    with pytest.raises(ZollstockError, match="not finished"):
        found.plot()
    for step in found.steps():
        stages.append(step.stage)
        assert 0 <= step.done <= step.total
        if step.stage == "curves":
            assert found.path.frames.shape == (32, 32, 32, 3)
            curves = found.curves()
    assert list(dict.fromkeys(stages)) == ["frames", "curves", "placebos", "tests"]
    assert len(curves) == 32 and stages.count("placebos") >= 19
    assert list(found.steps()) == []  # it is made


def test_leaving_stops_the_work_and_removes_what_it_made(study, tmp_path, monkeypatch):
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    found = Explanation(study.image("dog_0000"), [study.model("one")], "fur_lightness", **HOW)
    steps = found.steps()
    for step in steps:
        if step.stage == "placebos":
            assert list(tmp_path.iterdir())
            with pytest.raises(ZollstockError, match="is at work"):
                next(found.steps())
            break
    steps.close()
    for _ in range(200):
        if not list(tmp_path.iterdir()):
            break
        time.sleep(0.05)
    assert not list(tmp_path.iterdir())
    assert found.tests is None and "not finished" in repr(found)
    assert found.run().tests is not None  # from the start


def test_a_mistake_in_the_thread_is_told_here(study, tmp_path):
    frames = {"engine": "frames", "path": str(tmp_path / "nothing")}
    with pytest.raises(ZollstockError, match="nothing"):
        explain(study.image("dog_0000"), study.model("one"), frames, device="cpu")
    assert all("zollstock" not in thread.name for thread in threading.enumerate())


@pytest.mark.parametrize(
    ("image", "models", "prop", "how", "words"),
    [
        (np.zeros((8, 8)), {}, "blur", {}, ["shape (8, 8, 3) and type float64", "uint8"]),
        ("no.png", {}, "blur", {}, ["no.png", "file is missing"]),
        (None, [], "blur", {}, ["are none"]),
        (None, Stripes(), "blur", {}, ["torch module", "'classes'"]),
        (None, 7, "blur", {}, ["is int"]),
        (None, "unbiasedd", "blur", {}, ["unbiasedd", "convmixer"]),
        (None, {"module": 3, "classes": ["a", "b"]}, "blur", {}, ["torch module"]),
        (None, {"family": "convmixer", "weights": "no.pth"}, "blur", {}, ["no.pth"]),
        (None, {"family": "convmixer", "trained_on": "unbiased"}, "blur", {}, ["to be trained"]),
        (None, None, "blurr", {}, ["'blurr'", "Did you mean 'blur'?"]),
        (None, None, "fur_lightness", {}, ["Only drawn pictures have latents"]),
        (None, None, {"engine": "photometric"}, {}, ["explain()", "operation"]),
        (None, None, "blur", {"output": "cow"}, ["explain()", "cow"]),
        (None, None, "blur", {"output": ["red", "blue"]}, ["is a list"]),
        (None, None, "blur", {"placebos": 3}, ["19 or more"]),
        (None, None, "blur", {"placebos": {"stop_after": 3}}, ["stop_after"]),
        (None, None, "blur", {"output": "label"}, ["has no label"]),
    ],
)
def test_mistakes_are_told_in_one_line(image, models, prop, how, words):
    image = np.full((16, 16, 3), 99, np.uint8) if image is None else image
    fine = {"module": Stripes(), "classes": ["red", "blue"]}
    with pytest.raises(ZollstockError) as told:
        explain(image, fine if models is None else models, prop, device="cpu", **how)
    text = str(told.value)
    assert all(word in text for word in words) and "\n" not in text, text


def test_pictures_are_read_as_their_files_are(tmp_path):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (12, 10, 4)).astype(np.uint8)
    image = Image.fromarray(pixels)
    image.save(tmp_path / "see through.png")
    found = picture_of(tmp_path / "see through.png")
    assert found.id == "see-through" and found.name == "see through"
    assert np.array_equal(found.pixels(), picture_of(image).pixels())
    grey = picture_of(pixels[..., 0]).pixels()
    assert grey.shape == (12, 10, 3) and np.array_equal(grey[..., 1], pixels[..., 0])


def test_drawn_images_are_those_of_a_study(study):
    drawn = drawn_images("pets", 1, seed=3, size=32)
    for mine in drawn:
        hers = study.image(mine.id)
        assert np.array_equal(mine.pixels(), hers.pixels()) and mine.latents == hers.latents
        assert not Path(mine.file).exists()
    assert [image.id for image in drawn_images("pets", classes=["dog"])] == ["dog_0000"]
    with pytest.raises(ZollstockError, match="petss"):
        drawn_images("petss")
