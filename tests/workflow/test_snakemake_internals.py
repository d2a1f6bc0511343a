"""What the rules take from Snakemake's inside, held to the installed Snakemake itself."""

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from zollstock.errors import ZollstockError
from zollstock.plan import snakemake_internals
from zollstock.plan.snakemake_internals import KNOWN

ROOT = Path(__file__).parents[2]
VERSION = importlib.metadata.version("snakemake")
NAMES = {"_cores", "needrun_jobs", "deployment_settings", "dependencies", "global_resources"}

SNAKEFILE = f"""
import sys

sys.path.insert(0, {str(ROOT)!r})
from zollstock.plan import snakemake_internals as internals

print("cores:", internals.cores_of(workflow))
print("environments:", internals.makes_environments(workflow))


rule last:
    input:
        "made.txt",
    output:
        "last.txt",
    log:
        "last.log",
    shell:
        "cp {{input}} {{output}}"


rule first:
    input:
        "raw.txt",
    output:
        "first.txt",
    shell:
        "touch {{output}}"


rule tied:
    input:
        rules.first.output,
    output:
        "tied.txt",
    shell:
        "cp {{input}} {{output}}"


if config.get("cut"):
    internals.cut_dependencies(workflow)


onstart:
    print("writes:", sorted(internals.files_to_write(workflow)))


onsuccess:
    print("asked for:", sorted(internals.files_of_run(workflow)))
"""


@pytest.fixture
def call(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "made.txt").touch()

    def call(*arguments):
        command = [sys.executable, "-m", "snakemake", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
        return done.stdout + done.stderr

    return call


@pytest.mark.workflow
def test_cores_environments_and_what_will_be_written(call):
    text = call("--cores", "3", "last.txt")
    assert "cores: 3\n" in text, f"Snakemake {VERSION} broke cores_of:\n{text}"
    broken = f"Snakemake {VERSION} broke makes_environments:\n{text}"
    assert "environments: False\n" in text, broken
    broken = f"Snakemake {VERSION} broke files_to_write:\n{text}"
    assert "writes: ['last.log', 'last.txt']\n" in text, broken
    broken = f"Snakemake {VERSION} broke files_of_run:\n{text}"
    assert "asked for: ['last.txt']\n" in text, broken


@pytest.mark.workflow
def test_environments_of_rules_are_noticed(call):
    text = call("last.txt", "--dry-run", "--sdm", "conda")
    broken = f"Snakemake {VERSION} broke makes_environments:\n{text}"
    assert "environments: True\n" in text, broken


def test_cores_may_not_be_given():
    assert snakemake_internals.cores_of(SimpleNamespace(_cores=None)) is None


@pytest.mark.workflow
def test_what_is_cut_is_taken_as_it_is(call, tmp_path):
    """`first.txt` is older than what it was made from; the tie to its rule would make it again."""
    for name, time in (("first.txt", 1000), ("raw.txt", 2000)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time, time))
    arguments = ["tied.txt", "--cores", "1", "--dry-run", "--forceall", "--allowed-rules", "tied"]
    tied = call(*arguments)
    assert "rule first:" in tied, f"Snakemake {VERSION} needs no cut_dependencies any more:\n{tied}"
    cut = call(*arguments, "--config", "cut=true")
    broken = f"Snakemake {VERSION} broke cut_dependencies:\n{cut}"
    assert "rule tied:" in cut and "rule first:" not in cut, broken


def test_what_is_gone_is_named_with_the_version():
    alone = ["files_to_write", "files_of_run", "cores_of", "makes_environments", "cut_dependencies"]
    for function in alone:
        workflow = SimpleNamespace(rules=[SimpleNamespace()])
        with pytest.raises(ZollstockError, match=f"Snakemake {re.escape(VERSION)}: has no "):
            getattr(snakemake_internals, function)(workflow)
    for function, argument in (("compare_contents", len), ("lacks_resource", "gpu_slots")):
        with pytest.raises(ZollstockError, match=f"Snakemake {re.escape(VERSION)}: has no "):
            getattr(snakemake_internals, function)(workflow, argument)


def test_no_rule_reaches_into_snakemake_itself():
    found = {
        (file.name, name)
        for file in [ROOT / "Snakefile", *(ROOT / "rules").glob("*.smk")]
        for name in NAMES
        if re.search(rf"\.{name}\b", file.read_text())
    }
    assert not found


def test_bounds_agree():
    least = re.search(r'min_version\("([\d.]+)"\)', (ROOT / "Snakefile").read_text()).group(1)
    bound = re.search(r'"snakemake>=([\d.]+)"', (ROOT / "pyproject.toml").read_text()).group(1)
    assert least == bound == KNOWN
    lock = re.search(r"^snakemake==(.*)$", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert [int(part) for part in lock.group(1).split(".")[:2]] >= [
        int(part) for part in bound.split(".")
    ]
