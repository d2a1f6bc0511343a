"""Training and testing as jobs: the default study's models are as good as is asked for."""

import copy
import shutil
import time

import pandas as pd
import pytest
import torch
import yaml

from tests.unit.models.test_training_data import photos
from tests.workflow.conftest import ROOT
from zollstock.files import read_json, sha256_of
from zollstock.jobs import test_classifiers as testing
from zollstock.jobs.import_checkpoint import import_checkpoint
from zollstock.jobs.train_classifier import train_classifier
from zollstock.models.card import load_model
from zollstock.models.convmixer import convmixer
from zollstock.models.training import train_classifier as train
from zollstock.models.unfinished import Unfinished
from zollstock.plan.training import Training
from zollstock.seeds import seed_for
from zollstock.settings import parse_study
from zollstock.worlds.datasets import draw_dataset

SMALL = {
    "models": {"small": {"trained_on": "unbiased", "arguments": {"dim": 4, "depth": 1}}},
    "training": {"images": 64, "test_images": 32, "epochs": 1, "batch_size": 16},
    "world": {"size": 16},
}


def trained(folder, study, name, seed, **how):
    """Train a model of a study; return its weights and card."""
    files = folder / f"{name}.safetensors", folder / f"{name}.json"
    train_classifier(
        name=name,
        **Training(study).job(name),
        seed=seed,
        weights=files[0],
        card=files[1],
        threads=1,
        **how,
    )
    return files


def accuracy_of(folder, study, models, seed):
    """Return split × model → accuracy, of a table of the models' accuracy."""
    testing.test_classifiers(
        models=models,
        data=Training(study).tested(),
        seed=seed,
        device="cpu",
        table=folder / "accuracy.csv",
    )
    table = pd.read_csv(folder / "accuracy.csv")
    assert list(table) == ["model", "split", "accuracy", "n"]
    return table.pivot(index="split", columns="model", values="accuracy")


@pytest.fixture
def small():
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    return parse_study(config | SMALL, "config.yaml")


def test_a_trained_model_is_a_card_and_weights_that_load(tmp_path, small):
    files = trained(tmp_path, small, "small", 1)
    card = read_json(files[1])
    assert card["trained_on"] == "unbiased"
    assert len(card["history"]["loss"]) == 1
    assert card["sha256"] == sha256_of(files[0])
    assert load_model(*files).classes == ("cat", "dog")
    found = accuracy_of(tmp_path, small, {"small": files}, 1)
    assert sorted(found.index) == ["dark_cats", "dark_dogs", "unbiased"]


def test_equal_seeds_give_equal_weights_and_others_others(tmp_path, small):
    sums = []
    for number, seed in enumerate([1, 1, 2]):
        torch.manual_seed(number)  # what ran before does not matter
        folder = tmp_path / str(number)
        folder.mkdir()
        sums.append(sha256_of(trained(folder, small, "small", seed)[0]))
    assert sums[0] == sums[1] != sums[2]


def test_an_imported_model_has_the_weights_of_its_file(tmp_path, small):
    files = trained(tmp_path, small, "small", 1)
    settings = small.models["small"].job_settings() | {"weights": str(files[0])}
    kept = tmp_path / "kept.safetensors", tmp_path / "kept.json"
    import_checkpoint(model=settings, weights=kept[0], card=kept[1])
    assert sha256_of(kept[0]) == sha256_of(files[0])
    assert read_json(kept[1])["imported_from"] == str(files[0])


def study_with(models, **sections):
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    return parse_study(config | {"models": models} | sections, "config.yaml")


def test_the_long_form_trains_the_model_of_the_short_one_and_of_plain_functions(tmp_path):
    small = {"arguments": {"dim": 4, "depth": 1}}
    data = {"source": "renderer", "distribution": "dark_cats"}
    study = study_with(
        {
            "short": small | {"trained_on": "dark_cats"},
            "long": small | {"training": {"data": data}},
            "own": small | {"training": {"data": data | {"images": 96}, "epochs": 2}},
        },
        training=SMALL["training"],
        world={"size": 16},
    )
    sums = {name: sha256_of(trained(tmp_path, study, name, 1)[0]) for name in study.models}
    assert sums["short"] == sums["long"] != sums["own"]
    world = study.world.model_dump()
    images, labels = draw_dataset(world, "dark_cats", 64, (1, "train"))
    torch.manual_seed(seed_for(1, "training"))
    module = convmixer(4, 1)
    how = {"batch_size": 16, "learning_rate": 0.01, "weight_decay": 0.01}
    train(module, images, labels, epochs=1, seed=seed_for(1, "training"), **how)
    kept = load_model(tmp_path / "short.safetensors", tmp_path / "short.json").module.state_dict()
    assert all(torch.equal(kept[name], value) for name, value in module.state_dict().items())


def test_one_that_was_killed_goes_on_and_leaves_nothing(tmp_path, small, monkeypatch, capsys):
    small = small.model_copy(update={"training": small.training.model_copy(update={"epochs": 3})})
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    whole = trained(tmp_path / "whole", small, "small", 1)

    def die(*_, **__):
        raise KeyboardInterrupt

    keep = Unfinished.keep
    monkeypatch.setattr(Unfinished, "keep", lambda *given: (keep(*given), die()))
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "killed", small, "small", 1)
    assert [file.name for file in (tmp_path / "killed").rglob("*.*")] == ["small.safetensors"]
    monkeypatch.setattr(Unfinished, "keep", keep)
    seen = []
    monkeypatch.setattr(Unfinished, "restore", spied(Unfinished.restore, seen))
    files = trained(tmp_path / "killed", small, "small", 1)
    assert [len(history["loss"]) for history in seen] == [1]
    assert "goes on after epoch 1 of 3" in capsys.readouterr().err
    assert [sha256_of(file) for file in files] == [sha256_of(file) for file in whole]
    assert sorted(file.name for file in (tmp_path / "killed").iterdir()) == [
        "small.json", "small.safetensors",
    ]  # fmt: skip


def test_a_killed_training_keeps_the_checkpoints_of_one_that_was_not(tmp_path, small, monkeypatch):
    small = small.model_copy(update={"training": small.training.model_copy(update={"epochs": 3})})
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()

    def kept(name, **how):
        folder = tmp_path / name
        files = trained(folder, small, "small", 1, every=1, checkpoints=folder / "kept", **how)
        return files, {file.name: sha256_of(file) for file in (folder / "kept").iterdir()}

    plain = trained(tmp_path, small, "small", 1)
    whole, checkpoints = kept("whole")
    assert sha256_of(whole[0]) == sha256_of(plain[0])  # to keep them changes nothing
    assert sorted(checkpoints) == [f"epoch-000{n}.safetensors" for n in (1, 2, 3)]
    assert checkpoints["epoch-0003.safetensors"] == sha256_of(whole[0])
    assert read_json(whole[1])["checkpoints"] == checkpoints

    def die(*_, **__):
        raise KeyboardInterrupt

    keep = Unfinished.keep
    monkeypatch.setattr(Unfinished, "keep", lambda *given: (keep(*given), die()))
    with pytest.raises(KeyboardInterrupt):
        kept("killed")
    monkeypatch.setattr(Unfinished, "keep", keep)
    seen = []
    monkeypatch.setattr(Unfinished, "restore", spied(Unfinished.restore, seen))
    assert kept("killed")[1] == checkpoints
    assert [len(history["loss"]) for history in seen] == [1]
    left = sorted(file.name for file in (tmp_path / "killed").iterdir())
    assert left == ["kept", "small.json", "small.safetensors"]
    # Where the checkpoints of what was finished are lost, it begins anew.
    monkeypatch.setattr(Unfinished, "keep", lambda *given: (keep(*given), die()))
    with pytest.raises(KeyboardInterrupt):
        kept("killed")
    monkeypatch.setattr(Unfinished, "keep", keep)
    for folder in (tmp_path / "killed/unfinished").iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    assert kept("killed")[1] == checkpoints
    assert seen[-1] is None


def spied(function, seen):
    """Return a function that keeps what it returns."""

    def spy(*given):
        found = function(*given)
        seen.append(copy.deepcopy(found))
        return found

    return spy


def test_a_lenet_learns_the_digits(tmp_path):
    config = yaml.safe_load((ROOT / "config/studies/digits.yaml").read_text())
    study = parse_study(config, "digits.yaml")
    files = trained(tmp_path, study, "lenet", study.seed)
    card = read_json(files[1])
    assert (card["channels"], card["trained_on"]) == (1, "digits")
    assert card["classes"] == list("0123456789")
    found = accuracy_of(tmp_path, study, {"lenet": files}, study.seed)["lenet"]
    assert list(found.index) == ["digits, test", "digits, train"]
    assert found["digits, test"] >= 0.95


def test_models_of_a_folder_and_of_drawn_pictures_are_tested_each_on_its_own(tmp_path):
    photos(tmp_path / "photos")
    study = study_with(
        {
            "drawn": SMALL["models"]["small"],
            "read": {
                "family": "lenet",
                "arguments": {"in_channels": 3},
                "training": {
                    "data": {"source": "folder", "path": str(tmp_path / "photos")},
                    "epochs": 4,
                    "batch_size": 8,
                },
            },
        },
        training=SMALL["training"],
        world={"size": 16},
    )
    models = {name: trained(tmp_path, study, name, 1) for name in study.models}
    assert read_json(models["read"][1])["channels"] == 3
    found = accuracy_of(tmp_path, study, models, 1)
    assert found["read"].dropna().to_dict() == {"photos, test": 1.0, "photos, train": 1.0}
    assert sorted(found["drawn"].dropna().index) == ["dark_cats", "dark_dogs", "unbiased"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_the_default_models_are_as_good_and_as_biased_as_is_asked_for(tmp_path, seed):
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    study = parse_study(config, "config.yaml")
    start = time.process_time()
    models = {name: trained(tmp_path, study, name, seed) for name in study.models}
    spent = time.process_time() - start
    found = accuracy_of(tmp_path, study, models, seed)
    print(f"\nseed {seed}, {spent:.1f} s of processor time for training\n{found.round(3)}")
    assert found.loc["unbiased", "unbiased"] >= 0.88
    for own, opposite in (("dark_cats", "dark_dogs"), ("dark_dogs", "dark_cats")):
        assert found.loc[own, own] >= 0.92
        assert found.loc[opposite, own] <= 0.60


def test_a_training_begins_from_another_task_and_keeps_what_that_was(tmp_path):
    task = {"source": "renderer", "label_by": ["background_brightness"]}
    begun = {"data": {"source": "renderer"}, "start_from": "first"}
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text()) | copy.deepcopy(SMALL)
    small = SMALL["models"]["small"]["arguments"]
    config["models"] = {
        "only": {"arguments": small, "training": begun | {"epochs": 0}},
        "on": {"arguments": small, "training": begun},
        "plain": {"arguments": small, "trained_on": "unbiased"},
    }
    config["pretraining"] = {"first": {"arguments": small, "training": {"data": task}}}
    study = parse_study(config, "config.yaml")
    first = trained(tmp_path, study, "first", 1)
    assert read_json(first[1])["classes"] == study.pretraining["first"].known_classes()
    files = {
        name: trained(tmp_path, study, name, 1, **({} if name == "plain" else {"start": first[0]}))
        for name in config["models"]
    }
    weights = {name: load_model(*two).module.state_dict() for name, two in files.items()}
    began, last = load_model(*first).module.state_dict(), max(weights["only"])
    same = {key for key in began if torch.equal(began[key], weights["only"][key])}
    heads = {key for key in began if key not in same}
    assert heads and len({key.rpartition(".")[0] for key in heads}) == 1, last
    assert sha256_of(files["on"][0]) != sha256_of(files["plain"][0])
    cards = {name: read_json(two[1]) for name, two in files.items()}
    assert cards["only"]["history"]["loss"] == [] and "start" not in cards["plain"]
    assert cards["on"]["start"] == sha256_of(first[0])
    found = accuracy_of(tmp_path, study, files | {"first": first}, 1)
    assert {"unbiased", "unbiased by background_brightness"} <= set(found.index)
    assert found["first"].dropna().index.str.endswith("by background_brightness").all()
