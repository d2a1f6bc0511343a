"""The stage repair in the workflow: repaired models are models; the study stays as it is."""

import copy

import pandas as pd
import pytest

from zollstock.files import read_json
from zollstock.models.card import load_model
from zollstock.repair.tables import TABLES

pytestmark = pytest.mark.workflow

SECTION = {
    "models": ["biased"],
    "against": ["fur"],
    "methods": {"difference": {}, "dfr": {}},
    "images": 32,
    "paths": 8,
    "held_out": 16,
    "frames": 2,
    "training": {"epochs": 1},
}
NEW = {"repair_model", "infer", "test_repairs", "score_repairs", "draw_repair", "all", "total"}
NAMES = ["biased.difference.1", "biased.dfr.1"]


def with_section(mini, **changed):
    return copy.deepcopy(mini) | {"repair": copy.deepcopy(SECTION) | changed}


def planned(workspace, study, *targets):
    """Rule → number of jobs that would run."""
    run = workspace.run(study, *targets, "--dry-run")
    assert run.code == 0, run.text
    return run.jobs() if "Job stats" in run.text else {}


def test_models_are_repaired_and_measured_beside_those_they_were(finished_copy, mini):
    space, study = finished_copy, with_section(mini)
    summary = (space.results() / "scores" / "summary.csv").read_bytes()
    jobs = planned(space, study)
    assert jobs["repair_model"] == jobs["infer"] == 2
    assert set(jobs) <= NEW | {"write_report", "write_record"}
    run = space.run(study)
    assert run.code == 0, run.text
    assert planned(space, study) == {}

    folder = space.results() / "repair"
    assert {one.name for one in folder.iterdir() if one.is_dir()} == {"models"}
    found = {name: pd.read_csv(folder / f"{name}.csv") for name in TABLES}
    for name, columns in TABLES.items():
        assert tuple(found[name]) == columns, name
    repairs, accuracy = found["repairs"], found["accuracy"]
    assert set(repairs["model"]) == {*NAMES} and set(repairs["property"]) == {"fur", "noise"}
    # What it was has the score that stands in the study's own table.
    own = pd.read_csv(space.results() / "scores" / "summary.csv").set_index(["property", "model"])
    for row in repairs.itertuples():
        assert row.before == own.loc[(row.property, "biased"), "score"]
        assert row.after != row.before
    assert set(accuracy["model"]) == {"plain", "biased", *NAMES}
    assert set(accuracy["split"]) == {"unbiased", "dark_cats", "dark_dogs"}
    assert set(found["candidates"].loc[found["candidates"]["chosen"], "model"]) == {*NAMES}
    for name in NAMES:
        files = [space.results() / "models" / f"{name}.{kind}" for kind in ("safetensors", "json")]
        load_model(*files)
    for name in ("scores/biased.png", "frontier/biased.png"):
        assert (space.results() / "figures" / "repair" / name).exists()
    # The study's own tables know nothing of repaired models; the page does.
    assert (space.results() / "scores" / "summary.csv").read_bytes() == summary
    assert "Repaired models" in (space.results() / "report.html").read_text()

    record = read_json(space.results() / "record" / "record.json")
    assert record["models"]["biased.dfr.1"]["repaired"]["base"] == "biased"
    assert "repair/repairs.csv" in record["files"]

    # A method's setting repairs again with this method alone.
    changed = with_section(mini, methods={"difference": {"weight": 3}, "dfr": {}})
    jobs = planned(space, changed)
    assert jobs["repair_model"] == jobs["infer"] == 1
    assert set(jobs) <= NEW | {"write_report", "write_record"}


def test_first_repairs_are_located_and_traced_where_the_study_is(finished_copy, mini):
    looked = mini | {"locate": {"images": 2}, "trace": {"images": 2}}
    alone = planned(finished_copy, looked)
    jobs = planned(finished_copy, with_section(looked, seeds=2))
    assert jobs["repair_model"] == jobs["infer"] == 4
    # One more of each rule for the first repair of each method, none for the second.
    for rule in ("locate_maps", "trace_model"):
        assert jobs[rule] == alone[rule] + 2, rule
    assert jobs["compare_circuits"] == jobs["draw_repair"] == 1
    off = planned(finished_copy, with_section(looked, maps=False, circuits=False))
    assert off["locate_maps"] == alone["locate_maps"] and "compare_circuits" not in off


def test_what_is_wrong_is_said_at_the_start(finished_copy, mini):
    run = finished_copy.run(mini, "repair", "--dry-run")
    assert run.code == 1
    assert "is no section of this study's config" in run.text and "repair.against" in run.text
    assert "Traceback" not in run.text
    run = finished_copy.run(with_section(mini, against=["fru"]), "--dry-run")
    assert run.code == 1 and "Did you mean 'fur'?" in run.text
    assert "Traceback" not in run.text
