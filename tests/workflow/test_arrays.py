"""Arrays that are lost, cut off or another's: named, and made again by what the message says."""

import re
import shutil

import pytest
import zarr

from tests.workflow.conftest import MINI

pytestmark = pytest.mark.workflow


def only(workspace, pattern, place=0):
    return sorted(workspace.results().glob(pattern))[place]


def tables(workspace):
    """Name → bytes of all tables, manifests and notes."""
    # Whose results these are is told by where the config lies.
    files = [path for path in workspace.results().rglob("*") if path.name != "made_from.json"]
    files = [path for path in files if path.is_file()]
    return {
        path.relative_to(workspace.folder): path.read_bytes()
        for path in files
        if path.suffix in {".csv", ".parquet", ".json"}
        and not {"record", "benchmarks"} & set(path.parts)
        and not any(part.endswith(".zarr") for part in path.parts)
        and path.name != "ro-crate-metadata.json"
    }


def told(workspace, reader):
    """Let a rule read again, and return the line that names the harm."""
    run = workspace.run(MINI, "--forcerun", reader)
    assert run.code == 1, run.text
    assert "Traceback" not in run.text
    return next(line for line in run.text.splitlines() if line.startswith("zollstock: "))


def mended(workspace, before, line):
    """Do what the line says."""
    rules = re.search(r"--forcerun ([a-z_ ]*[a-z])", line)[1].split()
    run = workspace.run(MINI, "--forcerun", *rules)
    assert run.code == 0, run.text
    assert tables(workspace) == before


def test_a_lost_chunk_of_predictions(finished_copy):
    before = tables(finished_copy)
    only(finished_copy, "predictions/fur/biased.zarr/probabilities/c/0/0/0").unlink()
    line = told(finished_copy, "score")
    assert "predictions/fur/biased.zarr: holds no predictions, or others than were written" in line
    assert "--forcerun infer" in line
    mended(finished_copy, before, line)


def test_another_models_predictions(finished_copy):
    before = tables(finished_copy)
    group = only(finished_copy, "predictions/noise/plain.zarr")
    shutil.rmtree(group)
    shutil.copytree(only(finished_copy, "predictions/noise/biased.zarr"), group)
    line = told(finished_copy, "write_record")
    assert "noise/plain.zarr: holds whole predictions, but others than the model's note" in line
    mended(finished_copy, before, line)


def test_another_placebos_change(finished_copy):
    before = tables(finished_copy)
    one, other = (
        only(finished_copy, "interventions/placebos*.zarr/change/c.*", place) for place in (0, 1)
    )
    other.write_bytes(one.read_bytes())
    line = told(finished_copy, "compare_placebos")
    assert "differs from what was written" in line
    mended(finished_copy, before, line)


@pytest.mark.parametrize("what", ["zarr.json", "axis/zarr.json", "unedited"])
def test_a_lost_part_of_a_store(finished_copy, what):
    before = tables(finished_copy)
    store = only(finished_copy, "interventions/fur-*.zarr")
    kept = {file.name: file.stat().st_mtime_ns for file in store.glob("frames/c.*")}
    place = store / what
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    line = told(finished_copy, "measure_edits")
    assert f"{store.name}: is no store of paths" in line
    mended(finished_copy, before, line)
    if what != "unedited":  # no path was lost
        assert kept == {file.name: file.stat().st_mtime_ns for file in store.glob("frames/c.*")}


def test_another_images_pixels(finished_copy):
    before = tables(finished_copy)
    one, other = (only(finished_copy, "images/pixels/*.png", place) for place in (0, 1))
    other.write_bytes(one.read_bytes())
    line = told(finished_copy, "draw_study")
    assert f"{other.name}: differs from the picture that was chosen" in line
    mended(finished_copy, before, line)


def test_another_models_weights(finished_copy):
    before = tables(finished_copy)
    shutil.copy(
        only(finished_copy, "models/plain.safetensors"),
        finished_copy.results() / "models/biased.safetensors",
    )
    line = told(finished_copy, "test_classifiers")
    assert "biased.safetensors: differs from what its card speaks of" in line
    mended(finished_copy, before, line)


def test_a_cut_off_table(finished_copy):
    before = tables(finished_copy)
    file = only(finished_copy, "scores/models/biased.parquet")
    file.write_bytes(file.read_bytes()[:500])
    line = told(finished_copy, "gather_scores")
    assert "scores/models/biased.parquet: cannot be read" in line
    mended(finished_copy, before, line)


def test_what_a_failed_job_leaves_undone_is_not_forgotten(finished_copy):
    """Nor are files that were deleted, although what was made from them is there."""
    before = tables(finished_copy)
    for name in ("interventions/fur.json", "ledger/noise.csv", "images/images.csv"):
        (finished_copy.results() / name).unlink()
    run = finished_copy.run(MINI)
    assert run.code == 0, run.text
    assert tables(finished_copy) == before


def test_every_named_dimension_has_one_size_in_its_group(finished):
    """What xarray asks of a group, of all groups of a study."""
    groups = sorted(finished.results().glob("*/**/*.zarr"))
    # Two properties and a set of placebos for each; of each model one more, of the pictures.
    assert len(groups) == 4 + 5 * 2
    for root in groups:
        sizes = {}
        for name, array in zarr.open_group(root, mode="r").arrays():
            names = array.metadata.dimension_names
            assert names and None not in names, f"{root}, {name}"
            for dimension, size in zip(names, array.shape, strict=True):
                assert sizes.setdefault(dimension, size) == size, f"{root}, {name}: {dimension}"
