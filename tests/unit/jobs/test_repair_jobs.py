"""The jobs of the stage repair, on a tiny model and tiny pictures."""

import dataclasses
import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.files import read_json
from zollstock.images.geometry import geometry_of
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png, write_table
from zollstock.jobs import test_repairs as testing
from zollstock.jobs.draw_repair import Mapped, RepairData, read_words
from zollstock.jobs.drawing import DrawnStudy
from zollstock.jobs.held_out import Validation, beside_of
from zollstock.jobs.repair_model import _state, repair_model
from zollstock.jobs.repairing import groups_of, material_of, other_pictures, paths_of
from zollstock.jobs.write_maps import write_maps
from zollstock.models.card import load_model, save_model
from zollstock.models.convmixer import convmixer
from zollstock.models.registry import FAMILIES
from zollstock.models.unfinished import keep_state
from zollstock.paths import pixel_change
from zollstock.plan.study import Plan
from zollstock.profiles import mismatch, slack_of
from zollstock.repair.beside import Beside
from zollstock.repair.choosing import by_placebo_test
from zollstock.repair.material import Material, Paths
from zollstock.repair.methods import Repaired
from zollstock.repair.tables import TABLES
from zollstock.repair.wanted import read_map, write_map
from zollstock.settings import parse_study

CONFIG = {
    "study": "s",
    "world": {"size": 16},
    "images": {"source": "renderer"},
    "properties": {
        "fur": {"engine": "rendered", "latent": "fur_lightness"},
        "blur": {"engine": "photometric", "operation": "blur", "steps": 7, "start": 0},
    },
    "models": {"m": {"trained_on": "dark_cats"}},
    "training": {"test_images": 32},
    "repair": {
        "against": ["fur", "blur"],
        "methods": {"difference": {"weight": [0.1, 1]}, "rrr": {}, "dfr": {}},
        "images": 32,
        "paths": 8,
        "held_out": 16,
        "frames": 3,
        "training": {"epochs": 2, "batch_size": 16},
    },
}
PREPROCESSING = {
    "size": 12,
    "mean": [0.5] * 3,
    "std": [0.5] * 3,
    "fit": "stretch",
    "resize": "bilinear",
}
REPAIRING = Plan(parse_study(CONFIG, "file")).repairing
JOB = REPAIRING.job("m.difference.1")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study of one image, which a training would draw too, and a model of two classes."""
    folder = tmp_path_factory.mktemp("study")
    (picture,) = other_pictures(JOB["data"], ("cat", "dog"), 5, [1], set())
    file, pixels = folder / "pixels" / "a.png", picture.read(0)
    save_png(pixels, file)
    record = ImageRecord("a", "cat", pixel_sha256(pixels), "drawn", file)
    write_table([record], folder / "images.csv")
    torch.manual_seed(0)
    settings = {"family": "convmixer", "classes": ["cat", "dog"], "preprocessing": PREPROCESSING}
    settings["arguments"] = {"dim": 4, "depth": 1, "kernel_size": 3, "patch_size": 4}
    module = convmixer(**settings["arguments"], n_classes=2)
    save_model(module, settings, folder / "m.safetensors", folder / "m.json", trained_on="x")
    return folder


def repaired(study, folder, name="m.difference.1", kept=None, **cfg):
    folder.mkdir(exist_ok=True)
    files = {"weights": folder / "r.safetensors", "card": folder / "r.json"}
    repair_model(
        name=name,
        weights=study / "m.safetensors",
        card=study / "m.json",
        images=study / "images.csv",
        pixels=study / "pixels",
        cfg=REPAIRING.job(name) | cfg,
        seed=3,
        files=files | {"table": folder / "r.csv", "agreement": folder / "agreement.csv"},
        kept=kept or folder / "kept",
        threads=1,
    )
    return folder


@pytest.fixture(scope="module")
def first(study):
    return repaired(study, study / "first")


def test_pictures_are_in_one_set_and_none_of_the_studys(study):
    sets = other_pictures(JOB["data"] | {"images": 49}, ("cat", "dog"), 5, [32, 16], set())
    sums = [{pixel_sha256(one.read(k)) for k in range(len(one.labels))} for one in sets]
    assert [len(one) for one in sums] == [32, 16] and not sums[0] & sums[1]
    known = set(list(sums[0])[:2])
    with pytest.raises(ZollstockError, match=r"ask for 48 pictures.*has 47 that are no images"):
        other_pictures(JOB["data"] | {"images": 49}, ("cat", "dog"), 5, [32, 16], known)
    others = other_pictures(JOB["data"], ("cat", "dog"), 6, [32], set())[0]
    assert not sums[0] & {pixel_sha256(others.read(k)) for k in range(32)}


class Own(nn.Module):
    """Of two classes a model with one output, or one that returns more than logits."""

    def __init__(self, outputs=1):
        super().__init__()
        self.network = convmixer(4, 1, 3, 4, n_classes=outputs)
        self.outputs = outputs

    def forward(self, x):
        found = self.network(x)
        return found[:, 0] if self.outputs == 1 else {"logits": found, "hidden": x}


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("method", ["dfr", "difference"])
def test_a_model_is_repaired_whatever_form_its_logits_have(
    study, tmp_path, monkeypatch, method, outputs
):
    monkeypatch.setitem(FAMILIES, "own", Own)
    shutil.copytree(study / "pixels", tmp_path / "pixels")
    shutil.copy(study / "images.csv", tmp_path)
    settings = {"family": "own", "classes": ["cat", "dog"], "preprocessing": PREPROCESSING}
    files = tmp_path / "m.safetensors", tmp_path / "m.json"
    save_model(Own(outputs), settings | {"arguments": {"outputs": outputs}}, *files)
    folder = repaired(tmp_path, tmp_path / "out", f"m.{method}.1")
    found = load_model(folder / "r.safetensors", folder / "r.json").module.state_dict()
    before = load_model(*files).module.state_dict()
    assert list(found) == list(before)
    changed = [name for name in found if not torch.equal(found[name], before[name])]
    assert len(changed) == 2 if method == "dfr" else len(changed) > 2
    assert pd.read_csv(folder / "r.csv")["accuracy"].between(0.3, 1).all()


def test_frames_show_the_property_and_groups_say_what_a_picture_shows(study):
    model = load_model(study / "m.safetensors", study / "m.json")
    (pictures,) = other_pictures(JOB["data"], model.classes, 5, [8], set())
    paths = paths_of(pictures, model, JOB["against"], 3, 5)
    assert set(paths) == {"fur", "blur"}
    labels = [model.classes[label] for label in paths["fur"].labels]
    assert labels == list(pictures.labels)
    assert paths["fur"].frames.shape == (8, 3, 12, 12, 3)
    # From black fur to white fur the picture becomes lighter.
    light = paths["fur"].frames.mean((0, 2, 3, 4))
    assert light[0] < light[1] < light[2]
    groups = groups_of(pictures, ["fur_lightness", "stripes"], "pets")
    fur, stripes = (pictures.latents[key] > 0.5 for key in ("fur_lightness", "stripes"))
    assert list(groups) == list(2 * fur + stripes)
    assert groups_of(pictures, [], "pets") is None
    found = material_of(pictures, model, {"fur": paths["fur"]}, None, {"source": "frames"})
    # Where fur is, nothing may count; the corner shows the background.
    assert found.wanted.shape == (8, 12, 12) and 0 < found.wanted.mean() < 1


def test_pictures_that_were_not_drawn_have_frames_too_and_no_groups(study):
    model = load_model(study / "m.safetensors", study / "m.json")
    data = {"source": "dataset", "layout": "digits", "path": None}
    digits = tuple("0123456789")
    sets = other_pictures(data, digits, 5, [6, 4], set())
    again, other = (other_pictures(data, digits, seed, [6, 4], set()) for seed in (5, 6))
    assert [one.labels for one in sets] == [one.labels for one in again]
    assert sets[0].labels != other[0].labels
    assert groups_of(sets[0], ["fur_lightness"], "pets") is None
    model = dataclasses.replace(model, classes=digits)
    (paths,) = paths_of(sets[0], model, {"blur": JOB["against"]["blur"]}, 3, 5).values()
    assert paths.frames.shape == (6, 3, 12, 12, 3)
    assert [digits[label] for label in paths.labels] == sets[0].labels
    # Blur leaves less and less of the strokes.
    spread = paths.frames.std(axis=(2, 3, 4)).mean(0)
    assert spread[0] > spread[1] > spread[2]


def test_each_placebo_is_as_large_as_its_edit_and_shows_other_nuisances(study):
    model = load_model(study / "m.safetensors", study / "m.json")
    # As the pictures are, so that sizes can be looked at.
    model = dataclasses.replace(model, geometry=geometry_of(PREPROCESSING | {"size": 16}))
    (pictures,) = other_pictures(JOB["data"], model.classes, 5, [10], set())
    given = (pictures, model, JOB["against"], JOB["placebos"], 3, 5)
    found = beside_of(*given, most=8)
    assert set(found) == {"fur", "blur"}
    originals = pictures.fitted(model.classes, model.geometry)[0]
    for one in found.values():
        assert one.edits.frames.shape[:2] == (10, 3) and 0 < len(one.rows) <= 8
        assert (one.placebos.labels == one.edits.labels[one.rows]).all()
        for row, placebo in zip(one.rows, one.placebos.frames, strict=True):
            edit = one.edits.frames[row]
            sizes = [pixel_change(frames, originals[row]) for frames in (edit, placebo)]
            assert (mismatch(sizes[1], sizes[0], slack_of(sizes[0])) <= 1.2 + 1e-6).all()
            assert (placebo != edit).any()
    same = beside_of(*given, most=4)["fur"]
    count = len(same.rows)
    np.testing.assert_array_equal(same.placebos.frames, found["fur"].placebos.frames[:count])
    # Where no placebo can be made there is no test.
    assert beside_of(*given[:3], {}, *given[4:], most=8)["fur"].placebos is None


def test_a_repaired_model_is_a_model_with_a_card(study, first):
    card, before = read_json(first / "r.json"), read_json(study / "m.json")
    told = card["repaired"]
    assert told["base"] == "m" and told["method"] == "difference" and told["seed"] == 1
    assert told["against"] == ["fur", "blur"]
    assert card["trained_on"] == "x" and card["sha256"] != before["sha256"]
    assert card["classes"] == before["classes"] and len(card["history"]["penalty"]) == 2
    load_model(first / "r.safetensors", first / "r.json")
    assert not (first / "kept").exists()
    table = pd.read_csv(first / "r.csv")
    assert tuple(table) == TABLES["candidates"]
    assert list(table["number"]) == [0, 0, 1, 1] and list(table["epoch"]) == [1, 2, 1, 2]
    assert table["chosen"].sum() == 1 and table["by_worst_group"].sum() == 1
    # What is chosen is told in the card, with the test that chose it.
    row = table[table["chosen"]].iloc[0]
    assert told["epoch"] == row["epoch"]
    assert told["settings"]["weight"] == [0.1, 1][row["number"]]
    assert table["p"].between(0, 1).all() and (table["placebo"] > 0).all()
    assert by_placebo_test(table.to_dict("index")) == row.name
    assert card["history"]["valid_p"][row["epoch"] - 1] == pytest.approx(row["p"], rel=1e-5)


def test_the_same_seed_gives_the_same_bytes(study, first, tmp_path):
    again = repaired(study, tmp_path / "again")
    for name in ("r.safetensors", "r.json"):
        assert (again / name).read_bytes() == (first / name).read_bytes()
    tables = [pd.read_csv(folder / "r.csv") for folder in (again, first)]
    # What a step costs is measured, in units of one of cross-entropy alone.
    assert all((table.pop("cost") > 0).all() for table in tables)
    assert tables[0].equals(tables[1])


def test_a_repair_that_was_killed_goes_on_after_its_last_epoch(study, first, tmp_path, monkeypatch):
    calls = []

    def killed(self, module):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(self, module)

    original = Validation.__call__
    monkeypatch.setattr(Validation, "__call__", killed)
    with pytest.raises(KeyboardInterrupt):
        repaired(study, tmp_path / "killed")
    again = repaired(study, tmp_path / "killed")
    # Of four epochs the first was done.
    assert len(calls) == 2 + 3
    assert (again / "r.safetensors").read_bytes() == (first / "r.safetensors").read_bytes()


@pytest.mark.parametrize("name", ["m.rrr.1", "m.dfr.1"])
def test_other_methods_get_what_they_need(study, tmp_path, name):
    found = repaired(study, tmp_path / "other", name)
    told = read_json(found / "r.json")["repaired"]
    assert told["method"] == name.split(".")[1]
    assert (told["epoch"] == 0) == (name == "m.dfr.1")


def test_maps_are_written_painted_and_read_back(study, tmp_path):
    job = REPAIRING.job_of_maps("m.rrr.1")
    told = {"weights": study / "m.safetensors", "card": study / "m.json", "cfg": job}
    told |= {"images": study / "images.csv", "pixels": study / "pixels", "seed": 3, "threads": 1}
    folder, table = tmp_path / "m.rrr.1", tmp_path / "m.rrr.1.csv"
    write_maps(**told, folder=folder, table=table)
    rows = pd.read_csv(table)
    assert len(rows) == 24 and (tmp_path / rows["map"][0]).is_file()
    assert len([*(folder / "pictures").iterdir()]) == 24
    # White where the model looks most, of the size that it sees.
    seen = [read_map(tmp_path / file, 12, 12) for file in rows["map"]]
    assert all(one.min() == 0 and one.max() == 1 for one in seen)
    painted = tmp_path / "painted"
    shutil.copytree(folder / "maps", painted)
    for place, file in enumerate(sorted(painted.iterdir())[:10]):
        write_map(np.arange(144).reshape(12, 12) % (2 + place), file)
    looks = {"source": "painted", "folder": str(painted), "least": 8}
    found = repaired(study, tmp_path / "out", "m.rrr.1", wanted=looks)
    agreement = pd.read_csv(found / "agreement.csv")
    assert tuple(agreement) == TABLES["agreement"]
    (row,) = agreement.to_dict("records")  # no map is of a picture that chooses
    assert row["pictures"] == "trained" and row["n"] == 24 and row["ceiling"] == 1
    # Most maps were left as they were: they are the model's own before its repair.
    assert row["before_spearman"] > 0.5 and row["before_error"] < 1
    assert row["spearman"] != row["before_spearman"]
    with pytest.raises(ZollstockError, match=r"holds maps of 24 of the 32 training pictures"):
        repaired(study, tmp_path / "few", "m.rrr.1", wanted=looks | {"least": 25})
    # Maps of another repair's pictures are not taken for these.
    with pytest.raises(ZollstockError, match="after which no picture"):
        other = {**REPAIRING.facts()["m.rrr.1"], "seed": 2}
        repaired(study, tmp_path / "other", "m.rrr.1", wanted=looks, facts=other)


def test_the_worlds_masks_say_where_to_look(study, tmp_path):
    world = {"name": "pets", "size": 16}
    looks = {"source": "drawn", "only": None, "all_but": ["fur"], "least": 8, "world": world}
    found = repaired(study, tmp_path / "out", "m.rrr.1", wanted=looks)
    # These are no people's: nothing is said of agreement.
    assert pd.read_csv(found / "agreement.csv").empty
    plain = repaired(study, tmp_path / "frames", "m.rrr.1")
    assert (plain / "r.safetensors").read_bytes() != (found / "r.safetensors").read_bytes()


def test_what_was_not_trained_is_measured_where_the_others_are(study, monkeypatch):
    model = load_model(study / "m.safetensors", study / "m.json")
    still = Paths(np.zeros((1, 2, 12, 12, 3), np.uint8), np.zeros(1, int))
    held_out = Material(still.frames[0], np.zeros(2, int))
    beside = {"fur": Beside(still, None, np.zeros(0, int))}
    moved = []
    monkeypatch.setattr(model.module, "to", moved.append)
    found = Validation(model, beside, held_out, "range", "cpu")(model.module)
    assert found["valid_epgm"] == pytest.approx(0, abs=1e-6)
    assert moved == ["cpu"]


def test_a_model_without_logits_is_refused(study, tmp_path):
    card = read_json(study / "m.json") | {"outputs": "probabilities"}
    other = tmp_path / "m"
    other.mkdir()
    from zollstock.files import write_json

    write_json(card, other / "m.json")
    (other / "m.safetensors").write_bytes((study / "m.safetensors").read_bytes())
    write_table([], other / "images.csv")
    with pytest.raises(ZollstockError, match=r"repair\.models: m: returns probabilities"):
        repaired(other, tmp_path / "out")


def test_accuracy_is_measured_beside_the_model_it_was(study, first, tmp_path):
    models = {"m": (study / "m.safetensors", study / "m.json")}
    models["m.difference.1"] = (first / "r.safetensors", first / "r.json")
    testing.test_repairs(
        models=models,
        data=REPAIRING.tested(),
        facts={"m.difference.1": REPAIRING.facts()["m.difference.1"]},
        latents=REPAIRING.latents,
        world="pets",
        seed=3,
        device="cpu",
        table=tmp_path / "accuracy.csv",
    )
    table = read_words(tmp_path / "accuracy.csv")
    assert tuple(table) == TABLES["accuracy"] and set(table["n"]) == {32}
    assert list(table["split"].unique()) == ["unbiased", "dark_cats", "dark_dogs"]
    after = table[table["model"] == "m.difference.1"].set_index("split")["accuracy"]
    before = table[table["model"] == "m"].set_index("split")["accuracy"]
    change = table[table["model"] == "m.difference.1"].set_index("split")["change"]
    assert np.allclose(change, after - before, atol=1e-5)


def test_the_frontier_is_of_one_models_points(tmp_path):
    def row(**told):
        return {"property": "fur", "title": "fur", "against": True, "before": 0.2} | told

    pd.DataFrame(
        [
            row(base="NA", model="NA.a.1", method="a", after=0.1),
            row(base="NA", model="NA.b.1", method="b", after=0.15),
            row(base="NA", model="NA.b.2", method="b", after=0.05) | {"against": False},
        ]
    ).to_csv(tmp_path / "repairs.csv", index=False)
    pd.DataFrame(
        [
            *(("NA", "plain", 0.9), ("NA.a.1", "plain", 0.9), ("NA.b.1", "plain", 0.8)),
            ("NA", "other", 0.1),
        ],
        columns=["model", "split", "accuracy"],
    ).to_csv(tmp_path / "accuracy.csv", index=False)
    study = DrawnStudy(
        ["NA"], {"alpha": 0.05, "statistics": ["epgm"]}, 1, {"max_images": 4, "palette": "x"}, 5
    )
    files = {"repairs": [tmp_path / "repairs.csv"]}
    files["repaired_accuracy"] = [tmp_path / "accuracy.csv"]
    points = RepairData(files, study, ["fur"], {}, Mapped({}, [], [], {})).points
    assert list(points["method"]) == ["", "a", "b"] and list(points["best"]) == [False, True, False]
    assert list(points["score"]) == [0.2, 0.1, 0.15] and set(points["split"]) == {"plain"}


def test_the_weights_are_those_of_the_epoch_that_is_chosen(tmp_path):
    states = [{"w": torch.full((1,), float(number))} for number in range(3)]
    keep_state(states[2], tmp_path / "two")
    found = Repaired(states[0], {}, [states[1], tmp_path / "two"])
    assert [float(_state(found, epoch)["w"]) for epoch in range(3)] == [0, 1, 2]
