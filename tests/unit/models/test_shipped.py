"""The small classifiers that come with the project."""

import csv

import numpy as np
import pytest

from zollstock import accuracy, drawn_images
from zollstock.files import read_json, sha256_of, write_json
from zollstock.models.card import load_model
from zollstock.models.shipped import SHIPPED, ship, shipped_models

NAMES = ["pets_dark_cats", "pets_dark_dogs", "pets_unbiased"]


def test_they_are_small_and_what_their_cards_speak_of():
    assert shipped_models() == NAMES
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 1_000_000
    for name in NAMES:
        card = read_json(SHIPPED / f"{name}.json")
        assert sha256_of(SHIPPED / f"{name}.safetensors") == card["sha256"]
        model = load_model(SHIPPED / f"{name}.safetensors", SHIPPED / f"{name}.json")
        assert model.classes == ("cat", "dog") and card["parameters"] == 11682


@pytest.fixture(scope="module")
def pictures():
    """Of each kind 200 pictures that are none of those that models were trained or tested with."""
    kinds = ("unbiased", "dark_cats", "dark_dogs")
    return {kind: drawn_images("pets", 100, seed=2**40, distribution=kind) for kind in kinds}


@pytest.mark.parametrize("name", NAMES)
def test_they_are_as_often_right_as_their_cards_say(name, pictures):
    tested = read_json(SHIPPED / f"{name}.json")["tested"]
    assert set(tested) == set(pictures)
    for kind, several in pictures.items():
        told = tested[kind]["accuracy"]
        # Four standard deviations of a share of so many pictures, and of the card's own.
        spread = np.sqrt(max(told * (1 - told), 0.01) * (1 / len(several) + 1 / tested[kind]["n"]))
        assert abs(accuracy(name, several) - told) < 4 * spread, kind


def test_the_rule_that_makes_them(tmp_path):
    results = tmp_path / "results" / "mine"
    for model in ("one", "two"):
        write_json({"family": "convmixer", "sha256": model}, results / f"models/{model}.json")
        (results / f"models/{model}.safetensors").write_bytes(model.encode())
    with (results / "models/accuracy.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["model", "split", "accuracy", "n"])
        rows.writerows([["one", "a", 0.25, 8], ["two", "a", 0.5, 8], ["one", "b", 1 / 3, 9]])
    assert ship(results, tmp_path / "out") == ["mine_one", "mine_two"]
    card = read_json(tmp_path / "out/mine_one.json")
    assert card["tested"] == {
        "a": {"accuracy": 0.25, "n": 8},
        "b": {"accuracy": 0.3333, "n": 9},
    }
    assert (tmp_path / "out/mine_two.safetensors").read_bytes() == b"two"
