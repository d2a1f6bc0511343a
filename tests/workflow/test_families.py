"""Models by name, from a folder or a hub to scores."""

import json

import pytest
import zarr

from tests.tiny_models import save_clip, save_vit

pytestmark = pytest.mark.workflow


def test_models_of_transformers_run_through_and_stay_as_they_are(workspace, mini):
    folders = {name: workspace.folder / name for name in ("vit", "clip")}
    for folder in folders.values():
        folder.mkdir()
    save_vit(folders["vit"], ["cat", "dog"])
    save_clip(folders["clip"])
    mini["models"] = {
        "small": {"family": "transformers", "checkpoint": "vit"},
        "zero": {"family": "clip", "checkpoint": "clip", "classes": ["cat", "dog"]},
    }
    del mini["properties"]["noise"]
    run = workspace.run(mini, "results/mini/scores/scores.parquet")
    assert run.code == 0, run.text
    kinds = {"small": "logits", "zero": "similarity"}
    for name, kind in kinds.items():
        group = zarr.open_group(workspace.results() / "predictions" / "fur" / f"{name}.zarr")
        assert group.attrs["facts"]["outputs"] == kind
        assert group.attrs["classes"] == ["cat", "dog"]
        card = json.loads((workspace.results() / "models" / f"{name}.json").read_text())
        assert card["preprocessing"]["resize_to"] == 36
    # A model that comes later leaves the others alone; a harmed folder reruns its own.
    mini["models"]["plain"] = {"trained_on": "unbiased", "arguments": {"dim": 8, "depth": 1}}
    jobs = workspace.run(mini, "-n").jobs()
    assert (jobs["infer"], jobs.get("import_checkpoint", 0), jobs["train_classifier"]) == (1, 0, 1)
    del mini["models"]["plain"]
    config = folders["vit"] / "config.json"
    config.write_text(config.read_text() + "\n")
    jobs = workspace.run(mini, "-n", "results/mini/scores/scores.parquet").jobs()
    assert jobs["import_checkpoint"] == 1


def test_a_model_of_a_hub_is_fetched_first_and_the_message_says_where_it_belongs(
    workspace, mini, monkeypatch
):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    mini["models"] = {"m": {"family": "transformers", "checkpoint": "owner/name"}}
    jobs = workspace.run(mini, "-n").jobs()
    assert (jobs["fetch_checkpoint"], jobs["import_checkpoint"]) == (1, 1)
    run = workspace.run(mini, "prefetch_editors")
    assert run.code == 1
    line = next(line for line in run.text.splitlines() if line.startswith("zollstock: "))
    assert "checkpoint owner/name: cannot be fetched" in line
    assert "resources/checkpoints/owner--name" in line
