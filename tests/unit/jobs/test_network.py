"""Jobs are offline before Hugging Face's libraries are imported."""

import os
import subprocess
import sys
import urllib.error

import pytest

from zollstock.jobs.harness import job
from zollstock.jobs.network import wanted_network

NAMES = (
    "HF_HUB_OFFLINE",
    "TRANSFORMERS_VERBOSITY",
    "DIFFUSERS_VERBOSITY",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS",
    "HF_HUB_DISABLE_PROGRESS_BARS",
    "HF_HUB_DISABLE_TELEMETRY",
)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("OMP", "MKL", "OPENBLAS", "NUMBA"):
        monkeypatch.setenv(f"{name}_NUM_THREADS", "1")
    for name in NAMES:
        monkeypatch.setenv(name, "")  # remembered, so that it is put back
        monkeypatch.delenv(name)
    constants = sys.modules.get("huggingface_hub.constants")
    if constants is not None:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


def test_a_job_is_offline_and_the_fetching_one_is_not(snakemake):
    with job(snakemake):
        assert os.environ["HF_HUB_OFFLINE"] == "1"
        assert os.environ["TRANSFORMERS_VERBOSITY"] == "error"
    os.environ.pop("HF_HUB_OFFLINE")
    with job(snakemake, network=True):
        assert "HF_HUB_OFFLINE" not in os.environ


def test_hugging_face_hub_is_offline_and_diffusers_and_transformers_are_silent(tmp_path):
    """In a process of its own, as a job is: the variables are read at import."""
    script = f"""
import types
from zollstock.jobs.harness import job
rule = types.SimpleNamespace(threads=1, log=[{str(tmp_path / "log")!r}])
with job(rule):
    from huggingface_hub import constants
    from diffusers import StableDiffusionInstructPix2PixPipeline
    from transformers import CLIPImageProcessor
    assert constants.HF_HUB_OFFLINE
"""
    clean = {key: value for key, value in os.environ.items() if key not in NAMES}
    done = subprocess.run(
        [sys.executable, "-c", script], env=clean, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def reach_the_hub():
    from huggingface_hub import hf_hub_download

    hf_hub_download("owner/name", "config.json")


def reach_elsewhere():
    try:
        raise urllib.error.URLError("Name or service not known")
    except urllib.error.URLError as error:
        raise RuntimeError("no weights") from error


@pytest.mark.parametrize("reach", [reach_the_hub, reach_elsewhere])
def test_code_that_reaches_for_the_network_gets_one_line(snakemake, capsys, reach):
    with pytest.raises(SystemExit) as stop, job(snakemake):
        reach()
    assert stop.value.code == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "reached for the network" in said and "give its path" in said


def test_another_fault_is_not_taken_for_the_network():
    assert wanted_network(KeyError("URLError")) is None
