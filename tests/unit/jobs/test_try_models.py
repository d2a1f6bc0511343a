"""Every model on the unedited pictures: the tables, and what stops."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png, write_table
from zollstock.inference.run import Runner
from zollstock.jobs.try_models import try_models
from zollstock.models.card import load_model, save_model
from zollstock.models.convmixer import convmixer
from zollstock.models.registry import FAMILIES

PREPROCESSING = {
    **{"size": [8, 12], "resize": "bilinear", "fit": "crop", "resize_to": 14},
    **{"mean": [0.5, 0.4, 0.3], "std": [0.5] * 3},
}


class Fixed(nn.Module):
    def __init__(self, side=8):
        super().__init__()
        self.head = nn.Linear(3 * side * side, 2)

    def forward(self, x):
        return self.head(x.flatten(1))


class Broken(Fixed):
    def forward(self, x):
        return torch.full((len(x), 2), float("nan"))


class Moody(Fixed):
    """One whose training brought a fault forth that its first weights did not show."""

    def forward(self, x):
        return super().forward(x) + torch.rand(())


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Pictures of two sizes; `model` adds one of a family."""
    monkeypatch.setitem(FAMILIES, "fixed", Fixed)
    monkeypatch.setitem(FAMILIES, "broken", Broken)
    monkeypatch.setitem(FAMILIES, "moody", Moody)
    rng = np.random.default_rng(0)
    records = []
    for name, label, side in (("NA", "cat", 20), ("b", "dog", 30), ("c", "hen", 20)):
        pixels = rng.integers(0, 256, (side, 20, 3), dtype=np.uint8)
        file = tmp_path / f"pixels/{name}.png"
        save_png(pixels, file)
        records.append(ImageRecord(name, label, pixel_sha256(pixels), "x", file))
    write_table(records, tmp_path / "images.csv")
    return Study(tmp_path, records)


class Study:
    def __init__(self, folder, records):
        self.folder, self.records, self.models = folder, records, {}

    def model(self, name, family="convmixer", module=None, size=(8, 12), **facts):
        torch.manual_seed(len(self.models))
        arguments = {} if module else {"dim": 4, "depth": 1, "kernel_size": 3, "patch_size": 4}
        preprocessing = PREPROCESSING | {"size": size and list(size)}
        if size is None:
            preprocessing |= {"fit": "stretch", "resize_to": None}
        settings = {"family": family, "arguments": arguments, "classes": ["cat", "dog"]}
        settings["preprocessing"] = preprocessing
        files = self.folder / f"{name}.safetensors", self.folder / f"{name}.json"
        save_model(module or convmixer(**arguments), settings, *files, **facts)
        self.models[name] = files

    def run(self, frames=()):
        try_models(
            models=self.models,
            images=self.folder / "images.csv",
            pixels=self.folder / "pixels",
            frames=frames,
            given=self.folder / "given.csv",
            pictures=self.folder / "pictures.csv",
            **{"device": "cpu", "precision": "float32", "shared": True, "threads": 1},
        )
        tables = (self.folder / "given.csv", self.folder / "pictures.csv")
        given, pictures = (pd.read_csv(file, keep_default_na=False) for file in tables)
        return given.set_index("model"), pictures


def test_tables_say_what_was_given_and_what_the_model_says(study, capsys):
    study.model("one", notes=["first", "second"], imported_from="a/b.pth")
    study.model("two", size=(16, 16), trained_on="dark_cats", channels=3)
    given, pictures = study.run()
    row = given.loc["one"]
    assert (row["size"], row["crop"], row["mean"]) == ("8×12", "crop from 14", "0.5 0.4 0.3")
    assert float(row["std"]) == 0.5
    assert (row["source"], row["notes"]) == ("a/b.pth", "first\nsecond")
    assert given["source"]["two"] == "trained on dark_cats"
    assert (row["pictures"], row["labelled"], row["classes"]) == (3, 2, 2)
    assert "'hen'" in row["warnings"]
    assert f"note: one: {row['warnings']}" in capsys.readouterr().err
    # As the model itself says; of a label that is no class nothing is right or wrong.
    assert list(pictures["image"]) == ["NA", "b", "c"] * 2
    runner = Runner(load_model(*study.models["one"]), device="cpu")
    for record, (_, said) in zip(study.records, pictures[:3].iterrows(), strict=True):
        expected = runner.probabilities(record.pixels()[None])[0]
        assert said["class"] == ["cat", "dog"][expected.argmax()] != said["second"]
        assert float(said["probability"]) == pytest.approx(expected.max(), rel=1e-4)
        right = "" if record.label == "hen" else str(said["class"] == record.label)
        assert str(said["correct"]) == right
    rights = [str(right) == "True" for right in pictures["correct"][:3]]
    assert float(row["accuracy"]) == sum(rights) / 2
    assert row["top_classes"] == len(set(pictures["class"][:3]))


@pytest.mark.parametrize(("frames", "told"), [([None], 1), ([None, [8, 8]], 1), ([[8, 8]], 0)])
def test_that_frames_have_another_size_is_said_once_a_study(study, capsys, frames, told):
    study.model("one")
    study.model("two")
    study.run(frames)
    said = capsys.readouterr().err
    assert said.count("frames have 256×256 pixels, since the images differ in size") == told


def test_what_a_model_refuses_names_it(study):
    study.model("fine")
    study.model("fixed", "fixed", Fixed(), size=(8, 12))
    with pytest.raises(ZollstockError, match=r"^models\.fixed\.preprocessing: the model refuses"):
        study.run()


def test_a_model_that_is_no_function_of_the_picture_is_named_before_there_are_frames(study):
    study.model("moody", "moody", Moody(), size=(8, 8))
    message = r"^models\.moody\.family: the model answers the same frame differently"
    with pytest.raises(ZollstockError, match=message):
        study.run()


def test_a_model_that_returns_nan_names_the_image(study):
    study.model("nan", "broken", Broken(), size=(8, 8))
    with pytest.raises(ZollstockError, match=r"^models\.nan, image NA: makes the model return NaN"):
        study.run()


@pytest.mark.parametrize("frames", [[[9, 9]], [9], [8, [8, 9]]])
def test_of_a_model_without_a_size_that_of_the_frames_decides_where_it_is_known(study, frames):
    study.model("fixed", "fixed", Fixed(), size=None)
    with pytest.raises(ZollstockError, match="refuses input of"):
        study.run(frames)
    given, pictures = study.run([8, [8, 8]])
    assert given["size"]["fixed"] == "as the frames" and len(pictures) == 3


def test_where_it_is_not_known_it_is_said_and_nothing_stops(study, capsys):
    study.model("fixed", "fixed", Fixed(), size=None)
    study.model("fine")
    given, pictures = study.run()
    assert "refuses input of 256×256 pixels" in given["warnings"]["fixed"]
    assert "note: fixed: the model refuses" in capsys.readouterr().err
    assert set(pictures["model"]) == {"fine"} and given["pictures"]["fixed"] == 0
