"""Arrays that are lost, cut off or another's: named, and made again by what the message says."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import zarr

from tests.workflow.conftest import MINI, Workspace

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


@dataclass(frozen=True)
class Harm:
    """Something that happens to a finished study.

    Attributes
    ----------
    do
        It, to the files of a workspace.
    reader
        A rule that reads the file.
    line
        What is said, in part.
    mends
        The rules that the line tells to run again.
    """

    do: Callable[[Workspace], None]
    reader: str
    line: str
    mends: str


def lose(pattern):
    """Delete the first file or folder of a pattern."""

    def do(workspace):
        place = only(workspace, pattern)
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    return do


def put(one, other, places=(0, 0)):
    """Put a file or folder in the place of another of the same form."""

    def do(workspace):
        source, target = only(workspace, one, places[0]), only(workspace, other, places[1])
        if source.is_dir():
            shutil.rmtree(target)
            shutil.copytree(source, target)
        else:
            target.write_bytes(source.read_bytes())

    return do


def cut(pattern):
    """Leave the first 500 bytes of a file."""

    def do(workspace):
        file = only(workspace, pattern)
        file.write_bytes(file.read_bytes()[:500])

    return do


STORES = "plan_interventions intervene make_placebos"
CHANGES, PIXELS = "interventions/placebos*.zarr/change/c.*", "images/pixels/*.png"
HARMS = {
    "a lost chunk of predictions": Harm(
        lose("predictions/fur/biased.zarr/probabilities/c/0/0/0"),
        "score",
        "predictions/fur/biased.zarr: holds no predictions, or others than were written",
        "infer",
    ),
    "another model's predictions": Harm(
        put("predictions/noise/biased.zarr", "predictions/noise/plain.zarr"),
        "write_record",
        "noise/plain.zarr: holds whole predictions, but others than the model's note",
        "infer",
    ),
    "another placebo's change": Harm(
        put(CHANGES, CHANGES, (0, 1)),
        "compare_placebos",
        "differs from what was written",
        STORES,
    ),
    "a lost description": Harm(
        lose("interventions/fur-*.zarr/zarr.json"),
        "measure_edits",
        "is no store of paths",
        STORES,
    ),
    "a lost description of the axis": Harm(
        lose("interventions/noise-*.zarr/axis/zarr.json"),
        "measure_edits",
        "is no store of paths",
        STORES,
    ),
    "lost unedited images": Harm(
        lose("interventions/fur-*.zarr/unedited"),
        "measure_edits",
        "is no store of paths",
        STORES,
    ),
    "another image's pixels": Harm(
        put(PIXELS, PIXELS, (0, 1)),
        "draw_study",
        "differs from the picture that was chosen",
        "select_images",
    ),
    "another model's weights": Harm(
        put("models/plain.safetensors", "models/biased.safetensors"),
        "test_classifiers",
        "biased.safetensors: differs from what its card speaks of",
        "train_classifier import_checkpoint",
    ),
    "a cut off table": Harm(
        cut("scores/models/biased.parquet"),
        "gather_scores",
        "scores/models/biased.parquet: cannot be read",
        "score gather_scores compare_placebos",
    ),
}


@pytest.mark.parametrize("name", HARMS)
def test_harm_is_named_with_what_mends_it(finished_copy, name):
    harm = HARMS[name]
    harm.do(finished_copy)
    run = finished_copy.run(MINI, "--forcerun", harm.reader)
    assert run.code == 1, run.text
    assert "Traceback" not in run.text
    line = next(line for line in run.text.splitlines() if line.startswith("zollstock: "))
    assert harm.line in line
    assert re.search(r"--forcerun ([a-z_ ]*[a-z])", line)[1] == harm.mends


def test_all_harm_is_mended_by_what_the_lines_say(finished_copy):
    """All at once but for one: of two harms to one store the first would hide the other."""
    before, harms = tables(finished_copy), [HARMS[name] for name in HARMS if "unedited" not in name]
    kept = {file: file.stat().st_mtime_ns for file in frames(finished_copy)}
    for harm in harms:
        harm.do(finished_copy)
    rules = sorted({rule for harm in harms for rule in harm.mends.split()})
    run = finished_copy.run(MINI, "--forcerun", *rules)
    assert run.code == 0, run.text
    assert tables(finished_copy) == before
    # No path was lost with a description of its store.
    assert kept == {file: file.stat().st_mtime_ns for file in frames(finished_copy)}


@pytest.mark.slow
@pytest.mark.parametrize("name", HARMS)
def test_each_harm_is_mended_by_what_its_line_says(finished_copy, name):
    before, harm = tables(finished_copy), HARMS[name]
    harm.do(finished_copy)
    finished_copy.run(MINI, "--forcerun", harm.reader)
    run = finished_copy.run(MINI, "--forcerun", *harm.mends.split())
    assert run.code == 0, run.text
    assert tables(finished_copy) == before


def frames(workspace):
    """Return the stored paths of edits."""
    names = ("fur", "noise")
    return [
        file
        for name in names
        for file in workspace.results().glob(f"interventions/{name}-*.zarr/frames/c.*")
    ]


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
