"""The record of a study, its archive, and its figures drawn again somewhere else."""

import json
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
import yaml

from tests.unit.provenance.test_crate import check_crate
from tests.workflow.conftest import MINI, ROOT
from zollstock.provenance.verify import verify

pytestmark = pytest.mark.workflow

REDRAW = ["--workflow-profile", "redraw"]


@pytest.fixture(scope="session")
def archives(finished, once):
    """The mini study's folder after it was archived twice, without frames and with them."""

    def fill(workspace):
        finished.copy_to(workspace)
        for name, settings in (("small", "{}"), ("full", "{frames: true}")):
            run = workspace.run(MINI, "archive", "--config", f"archive={settings}")
            assert run.code == 0, run.text
            shutil.copyfile(workspace.results() / "mini.zip", workspace.folder / f"{name}.zip")

    return once("archived", fill)


def unpack(archives, name, workspace):
    with zipfile.ZipFile(archives.folder / f"{name}.zip") as file:
        file.extractall(workspace.results())
    return workspace.results()


def test_every_study_has_a_record(finished):
    results = finished.results()
    record = json.loads((results / "record/record.json").read_text())
    assert record["study"] == "mini"
    assert {"snakemake", "torch", "zarr", "matplotlib"} <= set(record["software"]["packages"])
    assert "diffusers" not in record["software"]["packages"]
    assert set(record["models"]) == {"plain", "biased"}
    config = json.loads((results / "record/config.json").read_text())
    assert config["scoring"]["permutations"] == 99
    assert config["figures"]["palette"] == "petroff10"
    for file in (results / "record").glob("*.json"):
        assert str(finished.folder) not in file.read_text()
        assert str(ROOT) not in file.read_text()
    check_crate(results)
    assert verify(results).ok


def test_a_tampered_table_is_found_by_the_command(archives, workspace):
    results = unpack(archives, "small", workspace)
    command = [sys.executable, "-m", "zollstock.provenance", str(results)]

    def check():
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert check().returncode == 0
    table = results / "scores/summary.csv"
    table.write_text(table.read_text().replace("0", "1", 1))
    assert f"changed: {table}\n" in check().stdout


def test_figures_of_a_full_archive_are_drawn_again_to_the_byte(archives, workspace):
    """With the program of the archive itself, and from nothing but it."""
    results = unpack(archives, "full", workspace)
    recorded = {
        file.relative_to(results): file.read_bytes() for file in (results / "figures").rglob("*.*")
    }
    for file in recorded:
        (results / file).unlink()
    arguments = ["redraw", *REDRAW, "--snakefile", str(results / "record/code/Snakefile")]
    run = workspace.run(results / "record/config.json", *arguments)
    assert run.code == 0, run.text
    assert "as recorded, 0 different\n" in run.text
    code = (results / "record/code").resolve()
    assert f"the code that ran came with the archive ({code})" in run.text
    ran = set(re.findall(r"^localrule (\w+)", workspace.details(), re.MULTILINE))
    assert ran and ran <= drawing_rules()
    assert recorded
    for file, content in recorded.items():
        assert (results / file).read_bytes() == content, file
    assert verify(results).ok


def test_without_frames_the_others_are_drawn_and_one_line_says_so(archives, workspace):
    results = unpack(archives, "small", workspace)
    assert not (results / "interventions/fur.zarr").exists()
    summary = results / "figures/summary.png"
    before = summary.read_bytes()
    summary.unlink()
    frames = (results / "figures/fur/frames.png").stat().st_mtime_ns
    poisoned = [results / "record/code" / name for name in ("Snakefile", "zollstock/__init__.py")]
    for file in poisoned:  # nothing of the archive's program may run
        file.write_text(f"open({str(workspace.folder / 'it ran')!r}, 'w')\n" + file.read_text())
    run = workspace.run(results / "record/config.json", "redraw", *REDRAW)
    assert run.code == 0, run.text
    assert summary.read_bytes() == before
    assert (results / "figures/fur/frames.png").stat().st_mtime_ns == frames
    lines = [line for line in run.text.splitlines() if line.startswith("zollstock:")]
    assert len(lines) == 2
    assert "not drawn, since the archive holds no images, frames or predictions" in lines[0]
    assert f"that of this checkout ({ROOT}), none from the archive" in lines[1]
    assert not (workspace.folder / "it ran").exists()
    states = dict(line.split(",") for line in (results / "redrawn.csv").read_text().splitlines())
    assert states["figures/fur/frames.png"] == "left out"
    assert states["figures/summary.png"] == "same"


def test_redraw_without_its_profile_computes_nothing(archives, workspace):
    results = unpack(archives, "small", workspace)
    run = workspace.run(results / "record/config.json", "redraw")
    assert run.code != 0
    assert "zollstock: redraw: was called without its profile" in run.text
    assert not (results / "models/plain.safetensors").exists()


def test_the_studys_own_files_need_not_travel(archives, workspace):
    """Images, series and weights of the user are where the study was made."""
    results = unpack(archives, "small", workspace)
    config = json.loads((results / "record/config.json").read_text())
    config["models"]["plain"] |= {"trained_on": None, "weights": ".../gone.pth"}
    config["images"] = {"source": "csv", "path": ".../gone.csv"}
    for prop in config["properties"]:
        config["properties"][prop] = {"engine": "frames", "path": ".../{image}"}
    run = workspace.run(config, "redraw", *REDRAW, "--dry-run")
    assert run.code == 0, run.text
    jobs = set(run.jobs()) - {"total"}
    assert "draw_study" in jobs
    assert jobs <= drawing_rules()


def drawing_rules():
    """The rules that an unpacked archive may run."""
    rules = re.findall(
        r"^rule (\w+):",
        (ROOT / "rules/figures.smk").read_text(),
        re.MULTILINE,
    )
    return {*rules, "redraw"}


def test_profile_allows_the_rules_that_draw_and_no_others():
    profile = yaml.safe_load((ROOT / "profiles/redraw/config.yaml").read_text())
    assert set(profile["allowed-rules"]) == drawing_rules()
