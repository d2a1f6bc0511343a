"""What runs again after a change: the tables of docs/reruns.md, row by row, as dry runs."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import yaml
from PIL import Image

from tests.workflow.conftest import MINI, PATIENCE, ROOT, Run, Workspace
from tests.workflow.forks import FORKS

pytestmark = pytest.mark.workflow

PAGE = ROOT / "docs" / "reruns.md"
CODE = ("Snakefile", "config", "envs", "profiles", "rules", "workflow", "zollstock")

PHOTOS = {
    "study": "photos",
    "images": {"source": "folder", "path": "images"},
    "properties": {
        "captured": {
            "engine": "frames",
            "path": "series/{image}",
            "meter": "luminance",
            "mask": "masks/{image}.png",
        },
        "edited": {
            "engine": "instruct_pix2pix",
            "checkpoint": "editor",
            "instruction": "make the fur lighter",
        },
        "made": {
            "engine": "command",
            "command": [sys.executable, "edit.py", "{image}", "{axis}", "{output}"],
        },
    },
    "models": {
        "imported": {"weights": "imported.pth", "preprocessing": {"size": 24}},
        "built": {"family": "own:build"},
    },
    "placebos": {"instructions": ["make it night"], "series": "placebos/{image}-{draw}"},
    "inference": {"device": "cpu"},
}


def section_of(title):
    """Return a section of the page as rows of cells, the head left out."""
    text = PAGE.read_text().split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def rules_of(cell):
    """Return the rules a cell names, in backticks or as bold groups of the page's first table."""
    rules = set(re.findall(r"`(\w+)`", cell))
    for group in re.findall(r"\*\*(\w+)\*\*", cell):
        rules |= rules_of(GROUPS[group])
    return rules


def numbers_of(cell):
    """Return rule → number of jobs, as far as a cell says it."""
    return {rule: int(number) for number, rule in re.findall(r"(\d+) × `(\w+)`", cell)}


GROUPS = dict(section_of("Groups of rules"))
ROWS = {
    title: {edit: again for edit, again, *_ in section_of(title)}
    for title in ("Settings", "Settings of photographs and editors", "Files of yours", "Code")
}


def rows(title):
    return pytest.mark.parametrize("edit", ROWS[title], ids=lambda edit: edit.replace("`", ""))


def check(run, again):
    """Compare the jobs of a dry run with a cell of the page."""
    if "Nothing to be done" in run.text:
        jobs = Counter()
    else:
        jobs = Counter(run.jobs())
        assert jobs.pop("total", 0), run.text
        for always in ("all", "write_record"):
            jobs.pop(always, 0)
    assert set(jobs) == rules_of(again)
    expected = numbers_of(again)
    assert {rule: jobs[rule] for rule in expected} == expected


def changed(study, edit):
    """Return the study with a row's setting, written `section.key: value`."""
    study = copy.deepcopy(study)
    [(name, value)] = yaml.safe_load(edit.strip("`")).items()
    *path, last = name.split(".")
    place = study
    for key in path:
        place = place.setdefault(key, {})
    place[last] = value
    return study


@pytest.fixture(scope="module")
def dry_run(tmp_path_factory):
    """Dry runs that write nothing into the folder of the study, which other tests use too."""
    folder = tmp_path_factory.mktemp("dry")
    config, text = folder / "study.yaml", folder / "text"

    def dry_run(study, workspace, *arguments, code=ROOT):
        config.write_text(yaml.safe_dump(study, sort_keys=False))
        command = [
            *("--snakefile", code / "Snakefile", "--directory", workspace.folder),
            *("--cores", "2", "--dry-run", *arguments, "--configfile", config),
        ]
        return Run(FORKS.run(command, workspace.folder, text, PATIENCE), text.read_text())

    return dry_run


def touch(workspace, study, code=ROOT):
    """Let Snakemake record what lies there as the results of this study and this code."""
    command = workspace.command(study, "--touch", "--forceall")
    command[command.index("--snakefile") + 1] = str(code / "Snakefile")
    done = subprocess.run(command, cwd=workspace.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- settings -----------------------------------------------------------------


def test_a_second_run_does_nothing(finished, dry_run):
    assert "Nothing to be done" in dry_run(MINI, finished).text


def test_other_memory_or_time_changes_nothing(finished, dry_run):
    """What a job asks for is no setting of the study, on a cluster or off."""
    text = "".join(file.read_text() for file in (ROOT / "rules").glob("*.smk"))
    rules = re.findall(r"^rule (\w+):", text, re.MULTILINE)
    asked = [f"{rule}:mem_mb=1234" for rule in rules]
    run = dry_run(MINI, finished, "--set-resources", *asked)
    assert "Nothing to be done" in run.text


@rows("Settings")
def test_only_what_a_setting_changes_runs_again(finished, dry_run, edit):
    check(dry_run(changed(MINI, edit), finished), ROWS["Settings"][edit])


def test_every_section_of_the_settings_has_a_row():
    from zollstock.settings import Study

    named = {edit.strip("`").split(":")[0].split(".")[0] for edit in ROWS["Settings"]}
    assert set(Study.model_fields) - {"study"} <= named


# --- code ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def copied(finished, tmp_path_factory):
    """A copy of the code, and the finished mini study as if this copy had made it."""
    folder = tmp_path_factory.mktemp("copied")
    code, results = folder / "code", Workspace(folder / "results")
    code.mkdir()
    for name in CODE:
        copy_of = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy_of(ROOT / name, code / name)
    results.folder.mkdir()
    finished.copy_to(results)
    touch(results, copy.deepcopy(MINI), code)
    return code, results


@rows("Code")
def test_only_what_a_file_of_the_code_changes_runs_again(copied, dry_run, edit):
    check_code(copied, dry_run, edit)


@pytest.mark.parametrize("file", ["workflow/scripts/score.py", "zollstock/scoring/kernels.py"])
def test_code_counts_however_old_it_is(copied, dry_run, file):
    """As after `cp -p` of an earlier version over it."""
    check_code(copied, dry_run, f"`{file}`", older=True)


def check_code(copied, dry_run, edit, older=False):
    code, results = copied
    again = ROWS["Code"][edit]
    file = code / edit.strip("`")
    before, text = file.stat(), file.read_text()
    mark = "<!-- changed -->" if file.suffix in {".html", ".md"} else "# changed"
    try:
        file.write_text(f"{text}\n{mark}\n")
        if older:
            os.utime(file, (1e9, 1e9))
        check(dry_run(MINI, results, code=code), again)
    finally:
        file.write_text(text)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


# --- the user's files ---------------------------------------------------------


def picture(path, value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((16, 16, 3), value, np.uint8)).save(path)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A study of photographs as if it had run: Snakemake looks at names, times and records only."""
    workspace = Workspace(tmp_path_factory.mktemp("photos"))
    for name in ("images/cat/tom.png", "images/dog/rex.png"):
        picture(workspace.folder / name)
    for image in ("cat_tom", "dog_rex"):
        picture(workspace.folder / "masks" / f"{image}.png")
        picture(workspace.folder / "series" / image / "0.png")
        picture(workspace.folder / "placebos" / f"{image}-1" / "0.png")
    # Larger than what Snakemake compares by content.
    (workspace.folder / "imported.pth").write_bytes(b"weights" * 200_000)
    shutil.copytree(ROOT / "resources/editors/pets", workspace.folder / "editor")
    for name in ("own.py", "edit.py"):
        (workspace.folder / name).write_text("def build(): ...\n")
    listed = workspace.run(PHOTOS, "--summary")
    assert listed.code == 0, listed.text
    outputs = [line.split("\t")[0] for line in listed.text.splitlines() if "\t" in line][1:]
    for name in outputs:
        path = workspace.folder / name
        if path.suffix in {"", ".zarr"}:
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    touch(workspace, PHOTOS)
    return workspace


@rows("Settings of photographs and editors")
def test_only_what_a_setting_of_photographs_changes_runs_again(photos, dry_run, edit):
    again = ROWS["Settings of photographs and editors"][edit]
    check(dry_run(changed(PHOTOS, edit), photos), again)


def test_a_limit_that_failures_exceed_is_looked_at_again(photos, dry_run):
    """`max_failed` is no input of the manifest, unless this could not have been made with it."""
    study = copy.deepcopy(PHOTOS)
    manifest = photos.folder / "results/photos/interventions/edited.json"
    failed = {"images": [{"image": "cat_tom", "draw": 0, "failed": "black"}]}
    try:
        manifest.write_text(json.dumps(failed, indent=1))
        study["editing"] = {"max_failed": 1}
        touch(photos, study)
        for most, again in ((1, False), (2, False), (0, True)):
            study["editing"]["max_failed"] = most
            run = dry_run(study, photos)
            if again:
                assert run.jobs()["intervene"] == run.jobs()["make_placebos"] == 1
            elif "Nothing to be done" not in run.text:
                assert set(run.jobs()) <= {"all", "write_record", "total"}, run.text
    finally:
        manifest.write_text("")
        touch(photos, PHOTOS)


def memory_of(run, rule):
    """The MB that jobs of a rule ask for, from a dry run."""
    jobs = run.text.split(f"rule {rule}:")[1:]
    return {int(re.search(r"mem_mb=(\d+)", job.split("\n\n")[0])[1]) for job in jobs}


@pytest.mark.parametrize(
    ("dtype", "numbers", "expected"),
    [
        ("float32", 2_000_000_000, 13_000),
        ("bfloat16", 2_000_000_000, 8_000),
        ("float32", None, 20_500),  # it is not there yet
    ],
)
def test_memory_follows_the_weights_of_an_editor(photos, dry_run, dtype, numbers, expected):
    header = json.dumps({"w": {"dtype": "F16", "shape": [numbers], "data_offsets": [0, 0]}})
    weights = photos.folder / f"large-{numbers}/unet/model.safetensors"
    if numbers:
        weights.parent.mkdir(parents=True, exist_ok=True)
        weights.write_bytes(len(header).to_bytes(8, "little") + header.encode())
    study = copy.deepcopy(PHOTOS)
    study["properties"]["edited"]["checkpoint"] = weights.parts[-3]
    study["editing"] = {"dtype": dtype}
    run = dry_run(study, photos)
    assert memory_of(run, "intervene") == {expected}
    assert memory_of(run, "make_placebos") == {expected}


def test_rules_can_be_read_where_the_number_of_cores_is_not_known(photos):
    """As with an executor that sends jobs elsewhere."""
    command = photos.command(copy.deepcopy(PHOTOS), "--summary")
    place = command.index("--cores")
    command[place : place + 2] = ["--workflow-profile", "none"]
    done = subprocess.run(command, cwd=photos.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


OLDER = [edit for edit in ROWS["Files of yours"] if edit.endswith((" changed", " added"))]


@rows("Files of yours")
def test_only_what_a_file_changes_runs_again(photos, dry_run, edit):
    check_file(photos, dry_run, edit)


@pytest.mark.parametrize("edit", OLDER, ids=lambda edit: edit.replace("`", ""))
def test_a_file_counts_however_old_it_is(photos, dry_run, edit):
    """As after `mv` or `cp -p` of an older one over it."""
    check_file(photos, dry_run, edit, older=True)


def check_file(photos, dry_run, edit, older=False):
    name, what = re.fullmatch(r"`(.+)` (\w+)", edit).groups()
    file, kept = photos.folder / name, photos.folder / "kept"
    if file.exists():
        shutil.copy2(file, kept)
    try:
        if what == "touched":
            os.utime(file)
        elif what == "removed":
            file.unlink()
        elif file.suffix == ".png":
            picture(file, value=255)
        else:
            file.write_bytes(file.read_bytes() + b"\n# changed\n")
        if older:
            os.utime(file, (1e9, 1e9))
        check(dry_run(PHOTOS, photos), ROWS["Files of yours"][edit])
    finally:
        file.unlink(missing_ok=True)
        if kept.exists():
            kept.rename(file)


# --- for real -----------------------------------------------------------------


def paths_of(workspace):
    """Return image id → checksum, and file → (time, inode) of the property's store."""
    interventions = workspace.results() / "interventions"
    entries = json.loads((interventions / "fur.json").read_text())["images"]
    files = sorted(interventions.glob("fur-*.zarr/frames/c.*"))
    return (
        {entry["image"]: entry["checksum"] for entry in entries},
        {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in files},
    )


def test_new_images_make_only_their_own_paths(finished_copy, mini):
    workspace = finished_copy
    checksums, files = paths_of(workspace)
    mini["images"]["n_per_class"] = 3
    run = workspace.run(mini, "results/mini/interventions/fur.json")
    assert run.code == 0, run.text
    checksums_now, files_now = paths_of(workspace)
    assert (len(checksums), len(checksums_now)) == (len(files), len(files_now)) == (4, 6)
    assert checksums.items() <= checksums_now.items()
    assert files.items() <= files_now.items()


def test_a_changed_series_is_not_forgotten_when_the_run_stops_after_the_plan(workspace):
    study = {key: PHOTOS[key] for key in ("study", "images", "models")}
    study["properties"] = {"captured": {"engine": "frames", "path": "series/{image}"}}
    study["jobs"] = {"intervention_jobs": 2}
    for name in ("imported.pth", "own.py"):
        (workspace.folder / name).touch()
    for value, (label, name) in enumerate([("cat", "tom"), ("dog", "rex")]):
        picture(workspace.folder / "images" / label / f"{name}.png", value)
        for step in range(3):
            picture(workspace.folder / "series" / f"{label}-{name}" / f"{step}.png", step)
    manifest = "results/photos/interventions/captured.json"
    plan = "results/photos/interventions/captured.plan.json"
    run = workspace.run(study, manifest)
    assert run.code == 0, run.text
    before = json.loads((workspace.folder / manifest).read_text())["images"]
    picture(workspace.folder / "series" / "cat-tom" / "1.png", value=77)
    assert workspace.run(study, plan).code == 0
    assert "intervene" in workspace.run(study, manifest, "--dry-run").jobs()
    assert workspace.run(study, manifest).code == 0
    after = json.loads((workspace.folder / manifest).read_text())["images"]
    changed = [old["checksum"] != new["checksum"] for old, new in zip(before, after, strict=True)]
    assert changed == [True, False]


def test_a_remade_file_of_equal_content_stops_what_follows(finished_copy, mini):
    """The page's advice on running in two steps."""
    workspace = finished_copy
    before = paths_of(workspace)
    mini["jobs"] = {"intervention_jobs": 2}
    manifest, follows = "results/mini/interventions/fur.json", "results/mini/ledger/fur.csv"
    assert "measure_edits" in workspace.run(mini, follows, "--dry-run").jobs()
    run = workspace.run(mini, manifest)
    assert run.code == 0, run.text
    assert paths_of(workspace) == before
    assert "Nothing to be done" in workspace.run(mini, follows, "--dry-run").text
