"""The stage trace in the workflow: what it makes, and what makes it run again."""

import copy
import json

import numpy as np
import pandas as pd
import pytest

from zollstock.trace.tables import AS_CSV, TABLES

pytestmark = pytest.mark.workflow

SECTION = {
    "images": 4,
    "frames": 3,
    "conductance": {"cuts": 2, "confirm": 4},
    "mediation": {"sizes": [0.1, 1.0], "random": 3},
    "graph": {"images": 4, "random": 2},
    "stability": {"repeats": 2, "strengths": [0.1]},
    # The second one refuses these networks, whose activations are no ReLU.
    "attribution": {"methods": ["saliency", "deconvnet"], "images": 1},
}
TARGET = "results/mini/trace/models/plain"


def with_section(mini, **changed):
    return copy.deepcopy(mini) | {"trace": copy.deepcopy(SECTION) | changed}


def planned(workspace, study, *targets):
    """Rule → number of jobs that would run."""
    run = workspace.run(study, *targets, "--dry-run")
    assert run.code == 0, run.text
    return run.jobs() if "Job stats" in run.text else {}


def tables_of(workspace):
    folder = workspace.results() / "trace"
    return {
        name: pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""])
        if name in AS_CSV
        else pd.read_parquet(folder / f"{name}.parquet")
        for name in TABLES
    }


def bytes_of(folder):
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_properties_and_classes_are_traced_and_nothing_else_runs(finished_copy, mini):
    space, study = finished_copy, with_section(mini)
    new = {"trace_model", "gather_traces", "draw_trace", "all", "total"}
    jobs = planned(space, study)
    assert jobs["trace_model"] == len(mini["models"])
    assert set(jobs) <= new | {"write_report", "write_record"}
    run = space.run(study)
    assert run.code == 0, run.text
    assert planned(space, study) == {}

    found = tables_of(space)
    for name, columns in TABLES.items():
        assert tuple(found[name].columns) == ("model", *columns), name
        assert set(found[name]["model"]) <= {*mini["models"]}
    assert set(found["layers"]["model"]) == {*mini["models"]}
    # A placebo has no effect to look for.
    for name in ("units", "cuts", "mediation", "accuracy"):
        assert set(found[name]["property"]) == {"fur"}, name
        assert set(found[name]["model"]) == {*mini["models"]}, name
    units, cuts = found["units"], found["cuts"]
    assert (units["n"] == 4).all() and units.groupby("model")["exact"].count().eq(4).all()
    scale = np.maximum(cuts["change"].abs(), cuts["variation"])
    assert (cuts["error"].abs() <= 0.011 * scale + 1e-6)[cuts["complete"]].all()
    assert cuts.groupby("model")["after"].nunique().eq(2).all()
    mediation = found["mediation"]
    assert list(mediation["size"]) == [0.1, 1.0] * 2
    assert (mediation["found_on"] == 2).all() and (mediation["images"] == 2).all()
    assert mediation["held_out"].all()
    # Of all units there is no other set.
    assert mediation.loc[mediation["size"] == 1, ["p_cut", "p_keep"]].isna().all(axis=None)
    accuracy = found["accuracy"]
    assert accuracy[["before", "after", "random"]].stack().between(0, 1).all()
    # Models are tested on pictures of other distributions, too.
    assert (accuracy.groupby("model")["split"].nunique() > 1).all()

    assert set(found["stability"]["kind"]) == {"images", "noise"}
    sizes = found["nodes"].groupby(["model", "class"]).size()
    for row in found["graphs"].to_dict("records"):
        folder = space.results() / "trace" / "models" / row["model"] / "graphs"
        (file,) = folder.glob(f"{row['index']}-*.json")
        assert file.with_suffix(".graphml").exists()
        assert len(json.loads(file.read_text())["nodes"]) == row["nodes"] + 1
        assert sizes[row["model"], row["class"]] == row["nodes"] + 1
    mapped = {"causal graph", "random graph", "saliency"}
    assert set(found["attributions"]["method"]) <= mapped
    figures = space.results() / "figures" / "trace"
    for name in ("mediation/fur.png", "worth.png", "stability.png", "units/fur-plain.png"):
        assert (figures / name).exists(), name

    # Other frames are other numbers, and nothing before the stage hangs on them.
    jobs = planned(space, with_section(mini, frames=2))
    assert jobs["trace_model"] == len(mini["models"])
    assert set(jobs) <= new | {"write_report", "write_record"}
    # Another run gives the same bytes; other numbers of threads round otherwise.
    first = bytes_of(space.folder / TARGET)
    assert {f"{name}.parquet" for name in TABLES} <= set(first)
    run = space.run(study, TARGET, "--forcerun", TARGET)
    assert run.code == 0, run.text
    again = bytes_of(space.folder / TARGET)
    assert [name for name in first if again[name] != first[name]] == []


def test_without_the_section_it_runs_when_it_is_asked_for(finished_copy, mini):
    jobs = planned(finished_copy, mini, "trace")
    assert jobs["trace_model"] == len(mini["models"]) and jobs["draw_trace"] == 1
    assert "trace_model" not in planned(finished_copy, mini)


def test_a_wrong_key_is_said_at_the_start(workspace, mini):
    run = workspace.run(with_section(mini, frmaes=3), "--dry-run")
    assert run.code == 1
    (said,) = [line for line in run.text.splitlines() if "frmaes" in line]
    assert "trace.frmaes" in said and "frames" in said
    assert "Traceback" not in run.text
