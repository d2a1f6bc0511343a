"""What a run says where it is started."""

import os
import subprocess

import numpy as np
import pytest
import yaml
from PIL import Image

pytestmark = pytest.mark.workflow

IMAGES = "results/mini/images/images.csv"


def test_a_run_is_short_and_its_details_are_in_the_log(workspace, mini):
    run = workspace.run(mini, IMAGES)
    assert run.code == 0, run.text
    lines = run.text.splitlines()
    assert "  0:00  0 of 1 | now select_images" in lines
    assert any("1 of 1 | done select_images" in line for line in lines)
    assert len(lines) <= 10
    assert "\x1b" not in run.text and "\r" not in run.text
    assert "rule select_images:" in workspace.details()
    assert "Finished jobid" in workspace.details()


def test_a_failure_says_why_once_and_where_its_log_is(workspace, mini):
    (workspace.folder / "empty").mkdir()
    mini["images"] = {"source": "folder", "path": "empty"}
    mini["properties"] = {"other": {"engine": "frames", "path": "x/{image}"}}
    mini["models"]["plain"]["classes"] = ["cat", "dog"]
    run = workspace.run(mini, "select_images")
    assert run.code == 1
    said = [line for line in run.text.splitlines() if line.startswith("zollstock: ")]
    assert len(said) == 1, run.text
    assert run.text.count(said[0]) == 1
    assert "select_images failed; log: logs/mini/select_images/images.log" in run.text
    assert "1 job failed, 0 of 1 done." in run.text
    assert "CalledProcessError" not in run.text
    assert "CalledProcessError" in workspace.details()
    assert len(run.text.splitlines()) <= 12


def test_a_dry_run_shows_jobs_reasons_and_the_table(workspace, mini):
    run = workspace.run(mini, IMAGES, "--dry-run")
    assert "rule select_images:\n    reason: Missing output files: " in run.text
    assert run.jobs() == {"select_images": 1, "total": 1}


def test_quiet_and_verbose_are_heard(workspace, mini):
    verbose = workspace.run(mini, IMAGES, "--verbose")
    assert "rule select_images:" in verbose.text
    again = workspace.run(mini, IMAGES, "--forceall", "--quiet", "all")
    assert again.code == 0
    assert "select_images" not in again.text


def test_another_profile_in_the_place_of_ours_is_named_in_a_line(workspace, mini):
    """Snakemake prefers `profiles/default` in the folder of the call."""

    def said(run):
        assert run.code == 0, run.text
        return [line for line in run.text.splitlines() if line.startswith("zollstock: ")]

    assert not said(workspace.run(mini, IMAGES))
    own = workspace.folder / "profiles/default/config.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("scheduler: greedy\n")
    [line] = said(workspace.run(mini, IMAGES, "--forceall"))
    assert "profiles/default is not in use: another profile" in line
    own.write_text("resources: {gpu_slots: 4}\n")
    assert not said(workspace.run(mini, IMAGES, "--forceall"))
    [line] = said(workspace.run(mini, IMAGES, "--forceall", "--resources", "mem_mb=8000"))
    assert "or --resources takes its place" in line


def test_texts_are_utf_8_whatever_the_locale_is(workspace, mini):
    mini["properties"] = {"other": {"engine": "frames", "path": "x/{image}", "title": "Länge – ½"}}
    mini["images"] = {"source": "csv", "path": "bilder.csv"}
    mini["models"]["plain"]["classes"] = mini["models"]["biased"]["classes"] = [
        "Kätzchen",
        "Hündin",
    ]
    mini["scoring"]["output"] = "Hündin"
    for value, name in enumerate(("one", "two")):
        Image.fromarray(np.full((16, 16, 3), value, np.uint8)).save(
            workspace.folder / f"{name}.png"
        )
    # Ids are names of files.
    text = "path,label,id\none.png,Kätzchen,Bild ü\ntwo.png,Hündin,杯\n"
    (workspace.folder / "bilder.csv").write_text(text, encoding="utf-8")
    config = workspace.folder / "größe.yaml"
    config.write_text(yaml.safe_dump(mini, allow_unicode=True), encoding="utf-8")
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        workspace.command(config, IMAGES),
        cwd=workspace.folder,
        env=os.environ | locale,
        capture_output=True,
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == 0, said
    assert "Error" not in said
    table = (workspace.folder / IMAGES).read_text(encoding="utf-8")
    assert "Kätzchen" in table and "Hündin" in table and "Bild-ü" in table
