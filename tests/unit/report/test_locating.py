"""What the page says of where decisions come from."""

import pandas as pd

from zollstock.report.locating import Where, foretold, located
from zollstock.report.pictures import Album


def row(measure, method, mean, fill="", prop=""):
    return {
        "measure": measure,
        "fill": fill,
        "property": prop,
        "method": method,
        "mean": mean,
        "low": mean - 0.1,
        "high": mean + 0.1,
    }


RANKING = pd.DataFrame(
    [
        row("srg", "ig", 0.3, fill="mean"),
        row("srg", "random", 0.0, fill="mean"),
        row("truth", "property", 0.8, prop="fur"),
        row("truth", "ig", 0.2, prop="fur"),
        row("truth", "random", 0.1, prop="fur"),
        row("lif", "ig", 0.5, fill="mean"),
    ]
)
JUDGED = pd.DataFrame(
    {"image": ["a", "b"], "measure": ["incomplete", "truth"], "value": [0.004, 0.8]}
)


FLIPS = pd.DataFrame(
    {
        "predictor": ["property gradient"] * 2 + ["ig"] * 2,
        "model": ["plain", "within"] * 2,
        "n": [9, 18, 0, 7],
        "flips": [3, 6, 0, 2],
        "majority": [0.67, 0.67, float("nan"), 0.71],
        "auc": [0.9, 0.8, float("nan"), 0.5],
    }
)


def test_who_foretells_has_a_row_a_number_and_a_column_a_model():
    found = foretold(FLIPS)
    heads = [(head["name"], head["flips"], head["n"]) for head in found["heads"]]
    # Of methods that lack maps of some paths there are fewer.
    assert heads == [("plain", 3, 9), ("all, each on its own", 6, 18)]
    assert [row["name"] for row in found["rows"]] == ["property gradient", "ig"]
    assert [cell["auc"] for cell in found["rows"][0]["cells"]] == [0.9, 0.8]


def test_the_table_has_a_row_a_method_the_floor_last(tmp_path):
    found = located(
        Where(JUDGED, RANKING, FLIPS), Album(tmp_path), tmp_path, {"fur": "fur lightness"}
    )
    assert found["images"] == 2
    assert found["incomplete"] == 0.004
    assert found["heads"] == ["agreement with exact parts, fur lightness", "SRG, fill mean"]
    assert [each["method"] for each in found["rows"]] == ["property", "ig", "random"]
    cells = found["rows"][0]["cells"]
    assert cells[0][0] == 0.8
    assert cells[1] is None
    assert not any(found["figures"].values())


def test_a_study_that_did_not_locate_has_no_such_part(tmp_path):
    assert located(None, Album(tmp_path), tmp_path, {}) is None
