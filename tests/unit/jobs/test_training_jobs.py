"""Training and testing as jobs: the default study's models are as good as is asked for."""

import time

import pandas as pd
import pytest
import torch
import yaml

from tests.workflow.conftest import ROOT
from zollstock.files import read_json, sha256_of
from zollstock.jobs import test_classifiers as testing
from zollstock.jobs.import_checkpoint import import_checkpoint
from zollstock.jobs.train_classifier import train_classifier
from zollstock.models.card import load_model
from zollstock.plan.training import Training
from zollstock.settings import parse_study

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
    settings = small.model_dump()["models"]["small"] | {"weights": str(files[0])}
    kept = tmp_path / "kept.safetensors", tmp_path / "kept.json"
    import_checkpoint(model=settings, weights=kept[0], card=kept[1])
    assert sha256_of(kept[0]) == sha256_of(files[0])
    assert read_json(kept[1])["imported_from"] == str(files[0])


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
