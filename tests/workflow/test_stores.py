"""Paths are found by what made them: nothing that was made once is made again."""

import copy

import pytest
import yaml

from zollstock.plan.clean import main as clean

pytestmark = pytest.mark.workflow


def frames_in(workspace):
    """File of frames, without the name of the property it belongs to → (time, inode)."""
    files = (workspace.results() / "interventions").glob("*.zarr/frames/c.*")
    return {
        (file.parts[-3].rpartition("-")[2], file.name): (
            file.stat().st_mtime_ns,
            file.stat().st_ino,
        )
        for file in files
    }


def manifests(study, workspace):
    """Make all paths of a study."""
    run = workspace.run(study, "--until", "make_placebos")
    assert run.code == 0, run.text
    return frames_in(workspace)


def test_what_was_made_is_found_again(workspace, mini):
    before = manifests(mini, workspace)
    assert len(before) == 2 * (4 + 4 * 19)

    tried = copy.deepcopy(mini)
    tried["properties"]["fur"]["steps"] = 9
    tried["properties"]["noise"]["stop"] = 0.5  # placebos are then smaller
    tried["images"]["n_per_class"] = 1
    after = manifests(tried, workspace)
    # Of fur and noise two paths each, and placebos as large as the edits now are.
    assert len(after) - len(before) >= 4
    assert before.items() <= after.items()

    # As it was, but for the order and the names of the properties, one of which was the other's.
    mini["properties"] = {"grain": mini["properties"]["noise"], "noise": mini["properties"]["fur"]}
    assert manifests(mini, workspace) == after

    config = workspace.folder / "study.yaml"
    config.write_text(yaml.safe_dump(mini, sort_keys=False))
    results = workspace.folder / "results"
    assert clean([str(config), "--results", str(results), "--yes"]) == 0
    assert frames_in(workspace) == before
    assert manifests(mini, workspace) == before


def test_a_store_of_an_earlier_version_stops_the_run_in_a_line(workspace, mini):
    interventions = workspace.results() / "interventions"
    (interventions / "fur.zarr").mkdir(parents=True)
    run = workspace.run(mini, "results/mini/interventions/fur.json")
    assert run.code == 1
    line = next(line for line in run.text.splitlines() if line.startswith("zollstock: "))
    assert "interventions/fur.zarr: is a store of an earlier version" in line
    assert "Traceback" not in run.text


def told(run):
    return next(line for line in run.text.splitlines() if line.startswith("zollstock: "))


def all_files(workspace):
    return {file: file.stat().st_mtime_ns for file in workspace.results().rglob("*")}


def test_another_config_of_the_same_name_overwrites_nothing(finished_copy, mini):
    workspace, other = finished_copy, finished_copy.folder / "other.yaml"
    mini["seed"] = 5
    other.write_text(yaml.safe_dump(mini, sort_keys=False))
    before = all_files(workspace)
    run = workspace.run(other)
    assert run.code == 1
    assert "other.yaml: is another study 'mini' than study.yaml" in told(run)
    assert "Traceback" not in run.text
    assert all_files(workspace) == before
    assert "intervene" in workspace.run(other, "--dry-run").jobs()
    # The same file may change, and so may what the command line says.
    target = "results/mini/models/plain.safetensors"
    mini["training"]["epochs"] = 1
    assert workspace.run(mini, target, "--config", "seed=4").code == 0


def test_what_snakemake_deletes_is_found_again_or_cleaned(finished_copy, mini):
    workspace = finished_copy
    before = frames_in(workspace)
    run = workspace.run(mini, "--delete-all-output")
    assert run.code == 0, run.text
    assert "--delete-all-output leaves paths and predictions of 'mini'" in told(run)
    config = workspace.folder / "study.yaml"
    assert f"python -m zollstock.plan.clean --all {config}" in told(run)
    assert manifests(mini, workspace) == before
    workspace.run(mini, "--delete-all-output")
    results = workspace.folder / "results"
    assert clean([str(config), "--results", str(results), "--yes"]) == 0
    assert frames_in(workspace) == before
    assert clean([str(config), "--results", str(results), "--yes", "--all"]) == 0
    assert not frames_in(workspace)
    assert not list(workspace.results().rglob("*.zarr"))
