"""The example that trains a model of its own on pictures of a dataset."""

import re
import subprocess
import time

import pandas as pd
import psutil
import pytest
import yaml

from tests.workflow.conftest import PATIENCE, ROOT

pytestmark = pytest.mark.workflow


@pytest.fixture
def digits():
    """The example, smaller, and without what takes it longest."""
    config = yaml.safe_load((ROOT / "config/studies/digits.yaml").read_text())
    assert {"graph", "stability", "attribution"} <= set(config.pop("trace"))
    config["properties"] = {"rotation": config["properties"]["rotation"] | {"steps": 7}}
    config["inference"] |= {"device": "cpu"}
    config["placebos"] |= {"number": 0}
    config["figures"] |= {"dpi": 60}
    return config


def test_the_digits_from_training_to_the_report(workspace, digits):
    run = workspace.run(digits)
    assert run.code == 0, run.text
    results = workspace.results("digits")
    accuracy = pd.read_csv(results / "models/accuracy.csv").set_index("split")["accuracy"]
    assert accuracy["digits, test"] >= 0.95
    assert not (results / "models/unfinished").exists()
    images = pd.read_csv(results / "images/images.csv", dtype=str)
    assert sorted(images["label"]) == list("0123456789")
    assert "digits, test" in (results / "report.html").read_text()
    assert "Nothing to be done" in workspace.run(digits, "-n").text
    # The drawn world is none of its business; how it is trained is.
    digits["world"] = {"size": 40}
    assert set(workspace.run(digits, "-n").jobs()) == {"write_record", "all", "total"}
    digits["models"]["lenet"]["training"]["epochs"] = 3
    jobs = workspace.run(digits, "-n").jobs()
    assert (jobs["train_classifier"], jobs["infer"], jobs.get("intervene", 0)) == (1, 1, 0)
    digits["models"]["more"] = {"trained_on": "unbiased", "classes": ["cat", "dog"]}
    assert workspace.run(digits, "-n").jobs()["train_classifier"] == 2


def test_a_training_that_is_killed_goes_on_and_ends_with_the_same_weights(workspace, digits):
    digits["models"]["lenet"]["training"]["epochs"] = 40
    target = "results/digits/models/lenet.safetensors"
    kept = workspace.results("digits") / "models/unfinished/lenet.safetensors"
    running = subprocess.Popen(
        workspace.command(digits, target),
        cwd=workspace.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + PATIENCE
    while not kept.is_file() and running.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    for child in psutil.Process(running.pid).children(recursive=True):
        if any("train_classifier.py" in part for part in child.cmdline()):
            child.kill()
    assert running.wait(PATIENCE) == 1
    assert kept.is_file()
    assert not (workspace.folder / target).exists()
    run = workspace.run(digits, target)
    assert run.code == 0, run.text
    log = (workspace.folder / "logs/digits/train_classifier/lenet.log").read_text()
    assert re.search(r"goes on after epoch \d+ of 40", log)
    assert not kept.parent.exists()
    weights = (workspace.folder / target).read_bytes()
    assert workspace.run(digits, target, "--forcerun", "train_classifier").code == 0
    log = (workspace.folder / "logs/digits/train_classifier/lenet.log").read_text()
    assert "goes on" not in log
    assert (workspace.folder / target).read_bytes() == weights


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            {"family": "lenet", "classes": ["cat", "dog"]},
            ["models.lenet.training.data", "label '0'", "cat, dog"],
        ),
        ({"family": "onnx", "weights": "w", "classes": ["a", "b"]}, ["onnx", "not trained here"]),
        ({"data": {"source": "folder", "path": "empty"}}, ["has no subfolder with pictures"]),
    ],
)
def test_what_cannot_be_trained_is_said_at_the_dry_run(workspace, digits, model, words):
    (workspace.folder / "empty").mkdir()
    lenet = digits["models"]["lenet"]
    lenet["training"] |= {key: model.pop(key) for key in ("data",) if key in model}
    digits["models"]["lenet"] = lenet | model
    run = workspace.run(digits, "-n")
    assert run.code == 1
    line = next(line for line in run.text.splitlines() if line.startswith("zollstock: "))
    assert "Traceback" not in run.text
    for word in words:
        assert word in line, line
