"""What a repair did, as tables: scores before and after, and accuracy that is paired."""

import numpy as np
import pandas as pd
import pytest

from zollstock.repair.accuracy import of_split, paired, wilson
from zollstock.repair.before_after import before_and_after
from zollstock.repair.tables import TABLES

FACTS = {"m.dfr.1": {"base": "m", "method": "dfr", "seed": 1}}


def logits_of(said):
    return np.eye(2)[np.array(said)]


def test_the_interval_of_a_share_is_wilsons():
    # Of 10 of 10: from n/(n + z²) to 1, Wilson's closed form at a share of 1.
    low, high = wilson(np.ones(10, bool))
    assert low == pytest.approx(10 / (10 + 1.959964**2)) and high == pytest.approx(1)
    assert wilson(np.arange(4) < 2) == pytest.approx((0.150036, 0.849964), abs=1e-5)


def test_a_difference_is_paired():
    right = np.arange(1000) < 900
    mean, low, high = paired(right, right)
    # That no picture tells them apart does not say that none would: 3 of 1000 might.
    assert mean == 0 and high == -low and 0.001 < high < 0.003
    better = right | (np.arange(1000) < 910)
    mean, low, high = paired(better, right)
    # Ten pictures more, none less: told apart, though intervals of both shares overlap.
    assert mean == pytest.approx(0.01) and 0 < low < mean < high
    assert wilson(better)[0] < wilson(right)[1]


@pytest.mark.parametrize(
    ("count", "more", "less"), [(50, 0.0, 0.0), (32, 0.0, 0.05), (100, 0.01, 0.03), (400, 0.1, 0.1)]
)
def test_its_interval_covers_the_true_difference(count, more, less):
    rng, covered = np.random.default_rng(1), 0
    for _ in range(1000):
        place = rng.random(count)
        better, worse = place < more, (place >= more) & (place < more + less)
        both = place > 0.5
        _, low, high = paired(better | both, worse | both)
        covered += low <= more - less <= high
    assert covered >= 930  # of 950 asked


def test_accuracies_are_beside_the_model_it_was_and_the_best_of_the_study():
    labels = np.array([0, 0, 1, 1])
    said = {"m": [0, 0, 0, 0], "n": [0, 0, 1, 0], "m.dfr.1": [0, 1, 1, 1]}
    logits = {name: logits_of(one) for name, one in said.items()}
    every = dict.fromkeys(said, labels)
    found = of_split("plain", logits, every, np.array([0, 1, 0, 1]), FACTS).set_index("model")
    assert tuple(found.reset_index()[list(TABLES["accuracy"])]) == TABLES["accuracy"]
    repaired = found.loc["m.dfr.1"]
    assert repaired["accuracy"] == 0.75 and repaired["worst_group"] == 0
    assert repaired["groups"] == 4 and repaired["mean_of_groups"] == 0.75
    assert repaired["best"] == "n" and repaired["to_best"] == 0
    assert repaired["change"] == 0.25 and repaired["base"] == "m"
    assert np.isnan(found.loc["m", "change"]) and found.loc["m", "to_best"] == -0.25
    without = of_split("plain", logits, every, None, FACTS)
    assert without[["groups", "worst_group"]].isna().all(axis=None)


def summary(**rows):
    columns = ("model", "property", "title", "placebo", "images", "failed", "score", "q_bh")
    found = pd.DataFrame([[*key.split("__"), *values] for key, values in rows.items()])
    found.columns = pd.Index(columns)
    return found.assign(low=found["score"] / 2, high=found["score"] * 2)


def test_scores_of_every_property_before_and_after():
    table = summary(
        m__fur=("fur", False, 8, 0, 0.2, 0.01),
        m__light=("light", False, 8, 0, 0.0, 0.5),
        n__fur=("fur", False, 8, 0, 0.1, 0.01),
        r__fur=("fur", False, 8, 1, 0.05, 0.2),
        r__light=("light", False, 8, 0, 0.1, 0.05),
    )
    facts = {"r": {"base": "m", "method": "dfr", "seed": 1}}
    found = before_and_after(table, facts, ["fur", "light"], {"r": ["fur"]}, 0.05)
    assert tuple(found) == TABLES["repairs"] and list(found["property"]) == ["fur", "light"]
    fur, light = found.to_dict("records")
    assert fur["against"] and light["against"]
    assert fur["penalised"] and not light["penalised"]
    assert fur["lowered"] == pytest.approx(0.75) and fur["images"] == 7
    assert fur["before_low"] == 0.1 and fur["high"] == 0.1
    # The reliance that the repair brought is told, and not as a share of nothing.
    assert light["newly"] and not fur["newly"] and np.isnan(light["lowered"])
