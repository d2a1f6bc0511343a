"""The table of grids."""

import json

import numpy as np
import pandas as pd
import pytest

from zollstock.inference.predictions import Predictions, write_predictions
from zollstock.jobs.score_grids import score_grids
from zollstock.scoring.follow import follow
from zollstock.scoring.grids import axes_of, grid_table, surfaces
from zollstock.scoring.outputs import parse_output

FIRST, SECOND = np.linspace(0.2, 0.8, 4), np.array([1.0, 0.5, 0.0])
FACTS = {"first": {"axis": FIRST.tolist()}, "second": {"axis": SECOND.tolist()}}


def predictions(grids):
    """P(dog) on grids (N, 4, 3), flattened row by row as the engine lays frames out."""
    dog = np.asarray(grids, np.float32).reshape(len(grids), -1)
    p = np.stack([1 - dog, dog], axis=2)
    axis = np.where(np.isfinite(dog), np.arange(dog.shape[1], dtype=float), np.nan)
    names = ["a", "b"][: len(grids)]
    return Predictions(names, ("cat", "dog"), axis, np.log(p + 1e-6), p, p[:, 0], p[:, 0])


def along_first():
    """Rises along the first property alone, from 0.1 to 0.7."""
    return np.repeat(np.linspace(0.1, 0.7, 4)[:, None], 3, axis=1)


def table_of(target, facts, names):
    return grid_table(target, facts, names, ("cat", "dog"), parse_output("dog"))


def test_magnitudes_are_those_of_the_property_that_matters():
    target = follow([predictions([along_first(), along_first() * np.nan])], "dog")
    assert surfaces(target, FACTS).shape == (2, 4, 3)
    np.testing.assert_allclose(surfaces(target, FACTS)[0], along_first(), atol=1e-6)
    found = table_of(target, FACTS, ["fur", "ground"]).set_index("image")
    row = found.loc["a"]
    assert (row["first"], row["second"], row["output"]) == ("fur", "ground", "dog")
    assert row["partial_first"] == pytest.approx(0.6, abs=1e-6)
    assert row["partial_second"] == pytest.approx(0, abs=1e-6)
    assert row["interaction"] == pytest.approx(0, abs=1e-6)
    assert found.loc["b", ["partial_first", "partial_second", "interaction"]].isna().all()


def test_the_axes_are_the_properties_own():
    """Uneven axes weigh what stands for a longer stretch more."""
    facts = {"first": {"axis": [0.0, 0.1, 0.2, 1.0]}, "second": {"axis": [0.0, 0.9, 1.0]}}
    p = np.zeros((4, 3))
    p[:, 0] = np.linspace(0, 1, 4)  # matters where the second property is low
    target = follow([predictions([p])], "dog")
    even = table_of(target, FACTS, ["x", "y"])["partial_first"][0]
    uneven = table_of(target, facts, ["x", "y"])["partial_first"][0]
    assert (even, uneven) == (pytest.approx(0.25), pytest.approx(0.45))
    assert [axis.tolist() for axis in axes_of(facts)] == [facts[k]["axis"] for k in facts]


def test_the_job_writes_a_row_per_grid_model_and_image(tmp_path):
    manifest = tmp_path / "both.json"
    manifest.write_text(json.dumps({"store": "both.zarr", "facts": FACTS, "images": []}))
    folders = {}
    for model, grid in (("m", along_first()), ("n", 1 - along_first())):
        folders["both", model] = tmp_path / f"both/{model}.zarr"
        write_predictions([predictions([grid, grid])], folders["both", model], 2)
        write_predictions([predictions([grid, grid])], tmp_path / f"pictures/{model}.zarr", 2)
    images = pd.DataFrame({"id": ["a", "b"], "label": ["dog", "cat"]})
    images.to_csv(tmp_path / "images.csv", index=False)
    files = {
        "images": tmp_path / "images.csv",
        "table": tmp_path / "grids.parquet",
        "csv": tmp_path / "grids.csv",
    }
    score_grids(
        manifests={"both": manifest},
        predictions=folders,
        properties={"both": ["fur", "ground"]},
        output="predicted",
        **files,
    )
    table = pd.read_parquet(files["table"])
    assert table[["property", "model", "image"]].to_numpy().tolist() == [
        ["both", model, image] for model in "mn" for image in "ab"
    ]
    # The class that the unedited image is taken for.
    assert table["output"].tolist() == ["cat", "cat", "dog", "dog"]
    assert np.allclose(table["partial_first"], 0.6)
    assert len(pd.read_csv(files["csv"])) == 4
