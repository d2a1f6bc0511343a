"""The studies of the paper, one after the other."""

import subprocess
import sys

import pytest
import yaml

from zollstock.plan import paper
from zollstock.plan.study import Plan
from zollstock.settings import check_prerequisites, parse_study

HERE = [name for name, config in paper.STUDIES.items() if (paper.ROOT / config).is_file()]


@pytest.fixture
def called(monkeypatch):
    """Commands that would have been run; those of the study `lesions` fail."""
    commands = []

    def run(command):
        commands.append(command)
        return subprocess.CompletedProcess(command, int("lesions.yaml" in command[-1]))

    monkeypatch.setattr(paper.subprocess, "run", run)
    return commands


@pytest.mark.parametrize("name", HERE)
def test_a_study_can_be_planned_and_needs_nothing(name):
    file = paper.ROOT / paper.STUDIES[name]
    study = parse_study(yaml.safe_load(file.read_text()), str(file))
    check_prerequisites(study, str(file))
    plan = Plan(study)
    assert plan.checkpoints == {}
    assert study.images.source == "renderer"


def test_studies_have_names_of_their_own():
    files = [paper.ROOT / paper.STUDIES[name] for name in HERE]
    names = [yaml.safe_load(file.read_text())["study"] for file in files]
    assert len(set(names)) == len(names)
    assert {"pets", "lesions", "clip-twin"} <= set(HERE)


def test_each_study_is_a_run_and_one_that_fails_stops_no_other(called, capsys, tmp_path):
    (tmp_path / "config/studies").mkdir(parents=True)
    for name in ("pets", "lesions", "clip-twin"):
        (tmp_path / paper.STUDIES[name]).touch()
    found = paper.run_paper((), ["--cores", "2"], tmp_path)
    assert found == {
        "pets": "done", "lesions": "failed", "clip-twin": "done",
        "flips": "missing", "flips-lesions": "missing", "dynamics": "missing",
    }  # fmt: skip
    files = [str(tmp_path / paper.STUDIES[name]) for name in ("pets", "lesions", "clip-twin")]
    start = [sys.executable, "-m", "snakemake", "--snakefile", str(tmp_path / "Snakefile")]
    assert called == [[*start, "--cores", "2", "--configfile", file] for file in files]
    assert "flips.yaml: is missing; expected the config of this study" in capsys.readouterr().err


def test_the_command_says_what_was_not_done(called, capsys):
    assert paper.main(["--only", "pets", "clip-twin", "--", "--dry-run"]) == 0
    assert len(called) == 2 and all("--dry-run" in command for command in called)
    assert paper.main(["--only", "lesions"]) == 1
    assert "1 study of 1 not done: lesions (failed)" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        paper.main(["--only", "nothing"])
