"""A grid of methods in a study: from the config to the table and its figure, and grown."""

import json

import pandas as pd
import pytest

pytestmark = pytest.mark.workflow

GRID = {
    "segments": [{"grid": [3, 3]}],
    "samples": [{"random": 0.5, "number": 12}],
    "fill": ["mean"],
    "attribute": ["rise"],
}


def test_a_grid_is_judged_and_a_grown_one_keeps_its_rows(finished_copy, mini):
    mini["locate"] = {
        "images": 2,
        "methods": {"saliency": {}},
        "placebos": 0,
        "evaluate": {"steps": 3, "fills": ["mean", "path"]},
        "grid": GRID,
    }
    run = finished_copy.run(
        mini, "results/mini/figures/locate/grid.png", "results/mini/locate/grid.csv"
    )
    assert run.code == 0, run.text
    results = finished_copy.results()
    table = pd.read_csv(results / "locate" / "grid.csv", keep_default_na=False)
    # Two models and all; the fills are the mean, and the path's last frame.
    assert len(table) == 3 * 2 * 2 and set(table["model"]) == {"all", "plain", "biased"}
    assert set(table["property"]) == {"", "fur"} and (table["n"] > 0).all()
    file = next((results / "locate" / "grid" / "plain").glob("*.jsonl"))
    before = file.read_bytes()
    mini["locate"]["grid"] = GRID | {"attribute": ["rise", "pda"]}
    run = finished_copy.run(mini, "results/mini/locate/grid.csv")
    assert run.code == 0, run.text
    after = file.read_bytes()
    assert after.startswith(before)  # nothing was made again
    new = [json.loads(line) for line in after[len(before) :].splitlines()]
    assert [(row["attribute"], row["per"]) for row in new] == [
        ("pda", "pixels"),
        ("pda", "segments"),
    ]
    table = pd.read_csv(results / "locate" / "grid.csv")
    assert len(table) == 3 * 4 * 2
