"""The jobs of scoring, called as a notebook would."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from zollstock.inference import predictions as on_disk
from zollstock.inference.predictions import Predictions, write_predictions
from zollstock.jobs.gather_scores import gather_scores
from zollstock.jobs.score import score

CLASSES = ("cat", "dog", "cow")


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Predictions of two models for five images, two to a block."""
    monkeypatch.setattr(on_disk, "BLOCK_PATHS", 2)
    rng = np.random.default_rng(0)
    images = [f"i{n}" for n in range(5)]
    for model in "mn":
        values = rng.random((5, 8, 3)).astype(np.float32)
        values /= values.sum(axis=2, keepdims=True)
        whole = Predictions(
            images,
            CLASSES,
            np.tile(np.arange(8.0), (5, 1)),
            np.log(values),
            values,
            np.log(values[:, 0]),
            values[:, 0],
        )
        parts = [
            replace(
                whole,
                images=[name],
                draws=[0],
                **{
                    key: getattr(whole, key)[n : n + 1]
                    for key in ("axis", "logits", "probabilities", "unedited_logits")
                },
                unedited_probabilities=whole.unedited_probabilities[n : n + 1],
            )
            for n, name in enumerate(images)
        ]
        for place in ("fur", "pictures"):
            write_predictions(parts, tmp_path / place / f"{model}.zarr", 5)
    pd.DataFrame({"id": images, "label": "cat"}).to_csv(tmp_path / "images.csv", index=False)
    ledger = pd.DataFrame({"image": images, "replicate": 0, "flags": ["", "flat", "", "", ""]})
    ledger.to_csv(tmp_path / "ledger.csv", index=False)
    return tmp_path


def score_model(folder, model, output):
    score(
        predictions={"fur": folder / f"fur/{model}.zarr"},
        images=folder / "images.csv",
        table=folder / f"{model}.parquet",
        classes=folder / f"{model}.classes.parquet" if output == "vector" else None,
        model=model,
        statistics=["epgm"],
        output=output,
        permutations=19,
        seed=1,
    )
    return pd.read_parquet(folder / f"{model}.parquet")


def test_classes_are_written_by_blocks_and_gathered(study):
    tables = [score_model(study, model, "vector") for model in "mn"]
    classes = [study / f"{model}.classes.parquet" for model in "mn"]
    assert pq.ParquetFile(classes[0]).num_row_groups == 3
    gather_scores(
        tables=[study / "m.parquet", study / "n.parquet"],
        ledgers={"fur": study / "ledger.csv"},
        table=study / "scores.parquet",
        csv=study / "scores.csv",
        classes=classes,
        all_classes=study / "classes.parquet",
        classes_csv=study / "classes.csv",
    )
    rows = pd.read_parquet(study / "classes.parquet")
    assert len(rows) == 2 * 5 * 3 and set(rows["class"]) == set(CLASSES)
    half = rows.groupby(["model", "image"], sort=False)["gradient"].sum() / 2
    np.testing.assert_allclose(half, pd.concat(tables)["score"], rtol=1e-6)
    means = pd.read_csv(study / "classes.csv").set_index(["model", "class"])["gradient"]
    expected = rows.groupby(["model", "class"])["gradient"].mean()
    np.testing.assert_allclose(means.loc[expected.index], expected, rtol=1e-5)
    flags = pd.read_parquet(study / "scores.parquet").set_index(["model", "image"])["flags"]
    assert flags["m", "i1"] == "flat" and (flags != "").sum() == 2


def test_one_class_has_no_table_of_classes_and_a_strange_label_stops_nothing(study):
    pd.DataFrame({"id": [f"i{n}" for n in range(5)], "label": "cattle"}).to_csv(
        study / "images.csv", index=False
    )
    table = score_model(study, "m", "dog")
    assert list(table.columns[:3]) == ["property", "model", "image"]
    assert not list(study.glob("*.classes.parquet"))
