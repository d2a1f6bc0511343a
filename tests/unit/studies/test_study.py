"""A finished study, opened from Python."""

import hashlib
import json
import pickle
import shutil
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest

from zollstock import Study
from zollstock.errors import ZollstockError
from zollstock.figures.style import StyledFigure
from zollstock.inference.predictions import read_predictions
from zollstock.store import PathStore
from zollstock.studies.drawing import drawn_study
from zollstock.studies.folder import open_folder


def everything(folder):
    """Return what lies below a folder, to the byte."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def says(call, *words):
    """Check that a call ends in one line with these words."""
    with pytest.raises(ZollstockError) as told:
        call()
    text = str(told.value)
    assert all(word in text for word in words), text
    assert "\n" not in text


def test_what_is_in_it(study):
    assert study.name == "mine" and study.missing == []
    assert (study.properties, study.models) == (["fur", "noise"], ["one", "two"])
    assert list(study.images["image"]) == ["cat_0000", "dog_0000"]
    assert study.images["fur_lightness"].between(0, 1).all()
    assert study.image("dog_0000").label == "dog"
    assert study.card("one")["classes"] == ["cat", "dog"]
    assert study.output == "dog" and study.repaired == [] and study.outputs == []
    assert "2 properties, 2 models" in repr(study)


def test_tables_are_those_that_the_jobs_wrote(study, results):
    scores = pd.read_csv(results / "scores/scores.csv", keep_default_na=False, na_values=[""])
    assert np.allclose(study.scores()["score"], scores["score"], rtol=1e-5, equal_nan=True)
    tests = study.tests()
    assert list(tests["model"]) == ["one", "one", "two", "two"] * 2 or len(tests) == 8
    assert set(study.headline()["property"]) == {"fur", "noise"}
    assert list(study.ledger("fur")["image"]) == ["cat_0000", "dog_0000"]


def test_frames_and_curves_are_those_on_the_disk(study, results):
    path = study.frames("noise", "dog_0000", draw=1)
    manifest = json.loads((results / "interventions/noise.json").read_text())
    row = next(entry["row"] for entry in manifest["images"] if entry["image"] == "dog_0000")
    stored = PathStore(results / "interventions" / manifest["store"]).read(row, 1)
    assert np.array_equal(path.frames, stored.frames)
    assert not np.array_equal(path.frames, study.frames("noise", "dog_0000").frames)
    found = read_predictions(results / "predictions/fur/two.zarr")
    row = found.images.index("dog_0000")
    curve = study.curve("fur", "dog_0000", "two")
    assert np.allclose(curve, found.probabilities[row, :, 1])
    assert np.allclose(curve.index, found.axis[row]) and curve.index.name == "fur"
    cat = study.curve("fur", "dog_0000", "two", output="cat")
    assert np.allclose(cat + curve, 1, atol=1e-6)
    assert list(study.curves("fur", "dog_0000").columns) == ["one", "two"]


def test_predictions_have_names(study):
    xarray = pytest.importorskip("xarray")
    data = study.predictions("noise", "one")
    assert isinstance(data, xarray.Dataset)
    assert dict(data.sizes) == {"image": 2, "draw": 2, "step": 7, "class": 2}
    picked = data["probability"].sel({"image": "dog_0000", "draw": 1, "class": "dog"})
    assert np.allclose(picked, study.curve("noise", "dog_0000", "one", draw=1))
    frames = study.frames_array("fur", "cat_0000")
    assert frames.dims == ("fur", "y", "x", "channel") and frames.sizes["fur"] == 9


def test_without_xarray_one_line_says_how_to_get_it(study, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    says(lambda: study.predictions("fur", "one"), "pip install xarray")


def test_figures_are_the_reports(study):
    before = dict(matplotlib.rcParams)
    assert {"summary", "fur/response", "noise/paths"} <= set(study.figures)
    assert not {"locate/maps", "editor_{editor}", "comparison", "accuracy"} & set(study.figures)
    figure = study.plot("fur/paths", "dog_0000")
    assert isinstance(figure, StyledFigure) and figure.keeps_style
    assert figure._repr_png_().startswith(b"\x89PNG")
    words = [text.get_text() for part in figure.subfigs for text in part.texts]
    assert any(text.startswith("one: fur moves P(dog)") for text in words), words
    assert set(study.plot("noise/paths")) == {"cat_0000", "dog_0000"}
    assert dict(matplotlib.rcParams) == before


def test_reading_changes_nothing_and_needs_no_run_folder(results, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = everything(results)
    study = Study.load(str(results))
    study.plot("summary"), study.scores(), study.curves("fur", "cat_0000"), study.model("one")
    assert everything(results) == before
    assert not list(tmp_path.iterdir())


def test_what_is_not_there_is_named_with_what_is(study, results, tmp_path):
    says(lambda: Study.load(tmp_path / "nothing"), "is no folder", "snakemake")
    says(lambda: Study.load(tmp_path), "holds no results of a study")
    says(lambda: Study.load(results.parent), "Studies that lie in it", str(results))
    says(lambda: study.frames("furr", "dog_0000"), "no property 'furr'", "Did you mean 'fur'?")
    says(lambda: study.curve("fur", "dog_0000", "three"), "no model 'three'", "one, two")
    says(lambda: study.curve("fur", "dog_1", "one"), "no image 'dog_1'")
    says(lambda: study.curve("fur", "dog_0000", "one", draw=4), "has no draw 4")
    says(lambda: study.frames("fur", "dog_0000", draw=4), "has no frames")
    says(lambda: study.plot("sumary"), "no figure 'sumary'", "Did you mean 'summary'?")
    says(lambda: study.plot("fur/paths", "dog_1"), "no page 'dog_1'")
    says(lambda: study.plot("accuracy"), "is missing, from which")
    says(lambda: study.scores("logit"), "no further output 'logit'")
    says(study.repairs, "lacks repaired models", "snakemake --cores all repair")
    says(study.located, "stage 'locate'", "snakemake --cores all locate")
    says(study.traced, "stage 'trace'", "snakemake --cores all trace")
    says(lambda: study.maps("dog_0000", "one"), "stage 'locate'")
    says(lambda: study.circuit("one", "dog"), "stage 'trace'")


def test_an_unfinished_study_is_read_as_far_as_it_goes(copied):
    shutil.rmtree(copied / "record")
    shutil.rmtree(copied / "scores")
    shutil.rmtree(copied / "predictions/noise")
    note = {"files": [{"absolute": "/x/mine.yaml", "relative": "mine.yaml"}]}
    (copied / "made_from.json").write_text(json.dumps(note))
    study = Study.load(copied)
    assert (study.properties, study.models) == (["fur", "noise"], ["one", "two"])
    assert [part.file for part in study.missing] == [
        *("scores/scores.parquet", "scores/tests.parquet", "scores/summary.csv"),
        "record/record.json",
    ]
    assert "compare_placebos --configfile mine.yaml" in str(study.missing[1])
    assert study.frames("fur", "dog_0000").frames.shape == (9, 32, 32, 3)
    assert study.predicted("fur", "one").probabilities.shape == (2, 9, 2)
    assert len(study.curve("fur", "dog_0000", "one", output="dog")) == 9
    says(lambda: study.curve("fur", "dog_0000", "one"), "what was followed", "write_record")
    says(study.tests, "lacks the table of tests", "compare_placebos --configfile mine.yaml")
    says(lambda: study.predicted("noise", "one"), "results/mine/predictions/one.json")


def test_what_an_earlier_record_does_not_say_has_its_default(copied):
    file = copied / "record/config.json"
    settings = json.loads(file.read_text())
    del settings["figures"]["palette"], settings["scoring"]["alpha"], settings["placebos"]["steps"]
    file.write_text(json.dumps(settings))
    found = drawn_study(open_folder(copied), "dog")
    assert (found.looks["palette"], found.scoring["alpha"], found.compared) == (
        "petroff10",
        0.05,
        5,
    )
    assert (found.looks["dpi"], found.scoring["permutations"], found.seed) == (60, 99, 3)


def test_harmed_results_are_named(copied):
    manifest = json.loads((copied / "interventions/noise.json").read_text())
    store = copied / "interventions" / manifest["store"]
    chunk = next(file for file in sorted((store / "axis").rglob("*")) if "0.0" in file.name)
    chunk.write_bytes(bytes(len(chunk.read_bytes())))
    says(lambda: Study.load(copied).frames("noise", "cat_0000"), "differs from what was written")
    group = copied / "predictions/fur/one.zarr/logits"
    next(file for file in group.rglob("0") if file.is_file()).write_bytes(b"x")
    says(lambda: Study.load(copied).curve("fur", "cat_0000", "one"), "--forcerun infer")
    (copied / "scores/tests.parquet").write_bytes(b"PAR1")
    says(Study.load(copied).tests, "cannot be read")
    (copied / "record/config.json").write_text('{"study": "mine"')
    says(lambda: Study.load(copied), "cannot be read", "write_record")


class Trap:
    """What leaves a file when it is unpickled."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return Path.touch, (self.place,)


def test_a_foreign_study_runs_nothing(copied, tmp_path, monkeypatch):
    trap = pickle.dumps(Trap(tmp_path / "sprung"))
    code = f"from pathlib import Path\nPath({str(tmp_path / 'sprung')!r}).touch()\n"
    (tmp_path / "evil.py").write_text(code)
    config = json.loads((copied / "record/config.json").read_text())
    config["world"]["name"] = "evil"
    config["models"]["one"]["family"] = "evil:build"
    config["properties"]["fur"]["engine"] = "evil"
    (copied / "record/config.json").write_text(json.dumps(config))
    card = json.loads((copied / "models/one.json").read_text())
    (copied / "models/one.json").write_text(json.dumps(card | {"family": "evil:build"}))
    (copied / "models/two.safetensors").write_bytes(trap)
    store = next((copied / "interventions").glob("noise-*.zarr"))
    shutil.rmtree(store)
    for name in ("frames", "axis", "unedited", "change", "done"):
        (store / name).mkdir(parents=True)
        meta = {"zarr_format": 2, "shape": [1, 1], "chunks": [1, 1], "dtype": "|O", "order": "C"}
        meta |= {"compressor": None, "fill_value": None, "filters": [{"id": "pickle"}]}
        (store / name / ".zarray").write_text(json.dumps(meta))
        (store / name / "0.0").write_bytes(trap)
    (store / ".zgroup").write_text('{"zarr_format": 2}')
    monkeypatch.syspath_prepend(tmp_path)
    study = Study.load(copied)
    study.headline(), study.plot("fur/paths", "cat_0000"), study.curves("fur", "cat_0000")
    says(lambda: study.model("one"), "whose models are code that would run", "trusted=True")
    says(lambda: study.model("two"), "differs from what its card speaks of")
    says(lambda: study.frames("noise", "cat_0000"), "is no store of paths")
    says(lambda: study.frames("fur", "../x"), "no image '../x'")
    assert "evil" not in sys.modules
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", ["../fur", "a/b", ""])
def test_names_that_are_paths_are_refused(copied, name):
    config = json.loads((copied / "record/config.json").read_text())
    config["properties"][name] = config["properties"].pop("fur")
    (copied / "record/config.json").write_text(json.dumps(config))
    says(lambda: Study.load(copied), "cannot be read", "the settings of a study")


def test_a_manifest_that_names_another_folder_is_refused(copied):
    file = copied / "interventions/fur.json"
    manifest = json.loads(file.read_text())
    file.write_text(json.dumps(manifest | {"store": "../../elsewhere"}))
    says(lambda: Study.load(copied).frames("fur", "cat_0000"), "names the store", "a folder beside")
