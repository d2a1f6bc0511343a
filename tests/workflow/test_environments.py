"""Every rule in an environment of its own, started from a Python that has only Snakemake.

A real `conda` is used where there is one. Elsewhere a stand-in (tests/conda) makes real
environments from the same files, but conda-forge and conda's solver are not exercised.
"""

import copy
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conda.channel import build_channel
from tests.conda.standin import set_up
from tests.workflow.conftest import ROOT, Workspace
from tests.workflow.test_calibration import SMALL
from tests.workflow.test_grid_of_methods import GRID as METHODS_GRID
from tests.workflow.test_repair import SECTION as REPAIRED
from tests.workflow.test_segmenting import segmented
from tests.workflow.test_trace import SECTION as TRACED
from zollstock.generator.environments import (
    ENVIRONMENTS,
    PROGRAMS,
    PYTHON,
    environments_of,
    needs,
    pins,
)
from zollstock.plan.imports import imported_modules, library_files, modules_by_name, packages
from zollstock.scoring.compiled import cache_folder

pytestmark = pytest.mark.workflow

SPY = ROOT / "tests" / "conda" / "spy.py"
# What a Python needs besides Snakemake to read the Snakefile; docs/environments.md says so too.
BESIDES_SNAKEMAKE = ["pydantic"]


# --- what the files say -------------------------------------------------------


def rules():
    """Rule → its text."""
    texts = [file.read_text() for file in sorted((ROOT / "rules").glob("*.smk"))]
    parts = [part for text in texts for part in re.split(r"^rule ", text, flags=re.MULTILINE)[1:]]
    return {part.partition(":")[0]: part for part in parts}


def environments_of_rules():
    """Rule → the environments it names: one, or two of which a job has one."""
    found = {rule: environments_of(text) for rule, text in rules().items()}
    return {rule: names for rule, names in found.items() if names}


def variants():
    """Rule that is another one with other files → the one that it is."""
    texts = "".join(file.read_text() for file in (ROOT / "rules").glob("*.smk"))
    return {new: old for old, new in re.findall(r"^use rule (\w+) as (\w+)", texts, re.MULTILINE)}


def test_every_environment_has_a_rule_and_the_other_way_round():
    named = {name for names in environments_of_rules().values() for name in names} | set(PROGRAMS)
    assert named == set(ENVIRONMENTS) == {file.stem for file in (ROOT / "envs").glob("*.yaml")}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_line_is_pinned_as_in_the_lock(name):
    lines = re.findall(r"^ {6}- (.*)$", (ROOT / "envs" / f"{name}.yaml").read_text(), re.MULTILINE)
    assert lines
    pinned = dict(line.split("==") for line in lines)
    assert pinned == {package: pins()[package] for package in pinned}
    assert needs(name) <= set(pinned)


def test_what_is_large_is_only_where_it_is_used():
    large = {"torch", "diffusers", "transformers"}
    assert {name: needs(name) & large for name in ENVIRONMENTS} == {
        "models": {"torch"},
        "interventions": set(),
        "editors": large,
        "scoring": set(),
        "figures": set(),
        "app": large,
    }


@pytest.mark.parametrize("rule", environments_of_rules())
def test_a_rule_has_what_its_modules_need(rule):
    """The modules that a rule lists in `lib(…)` run in its jobs."""
    lists = re.findall(r"\blib\((.*?)\),?$", rules()[rule], flags=re.MULTILINE | re.DOTALL)
    modules = [name for text in lists for name in re.findall(r'"((?:zollstock)\.[\w.]+)"', text)]
    names = environments_of_rules()[rule]
    without = () if len(names) > 1 else ENVIRONMENTS[names[0]].without
    script = ROOT / "workflow" / "scripts" / f"{rule}.py"
    found = {package.lower() for package in packages(script, *modules, without=without)}
    assert found <= set().union(*map(needs, names))


def test_modules_that_are_imported_by_name_are_found():
    """`import_module("…")` is no import statement; such jobs may have the editors' environment."""
    assert {"zollstock.jobs.editing", "zollstock.jobs.watching"} <= set(modules_by_name())
    assert set(modules_by_name()) <= set(ENVIRONMENTS["editors"].modules)


# --- what a run does ----------------------------------------------------------


@dataclass
class Bare:
    """A Python that has only what reads the Snakefile, a conda, and a folder of environments."""

    python: Path
    conda: Path
    prefix: Path

    def run(self, workspace, config, *arguments, spy=None):
        """Run Snakemake with --sdm conda, away from the Python that runs the tests."""
        command = workspace.command(
            config, *arguments, "--sdm", "conda", "--conda-prefix", str(self.prefix)
        )
        beside = {str(Path(sys.executable).parent), str(Path(sys.prefix) / "bin")}
        path = [part for part in os.environ["PATH"].split(os.pathsep) if part not in beside]
        hidden = {"PYTHONPATH", "VIRTUAL_ENV"}
        env = {name: value for name, value in os.environ.items() if name not in hidden} | {
            "PATH": os.pathsep.join([str(self.conda), *path]),
            "PIP_NO_COMPILE": "1",
            "PYTHONNOUSERSITE": "1",
            "ZOLLSTOCK_SPY": str(spy or ""),
        }
        done = subprocess.run(
            [str(self.python), *command[1:]],
            cwd=workspace.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=1800,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def made(self):
        """Folder of an environment → the environment's name, by the file it was made from."""
        texts = {(ROOT / "envs" / f"{name}.yaml").read_text(): name for name in ENVIRONMENTS}
        return {
            str(copy.with_suffix("")): texts[copy.read_text()]
            for copy in self.prefix.glob("*.yaml")
        }


@pytest.fixture(scope="session")
def conda(tmp_path_factory):
    """The folder that `conda` lies in."""
    real = shutil.which("conda")
    if real:
        text = subprocess.run([real, "--version"], capture_output=True, text=True).stdout
        version = [int(number) for number in re.findall(r"\d+", text)]
        if version >= [24, 7, 1]:
            return Path(real).parent
    pytest.importorskip("rattler", reason="neither conda ≥ 24.7.1 nor py-rattler")
    if "{}.{}".format(*sys.version_info) != PYTHON:
        pytest.skip(f"the stand-in for conda offers the tests' Python; envs/ ask for {PYTHON}")
    warnings.warn(
        "no conda ≥ 24.7.1 on PATH: a stand-in made the environments; conda-forge and conda's "
        "solver were not exercised",
        stacklevel=1,
    )
    folder = tmp_path_factory.mktemp("conda")
    build_channel(folder / "channel")
    return set_up(folder / "base", folder / "channel")


@pytest.fixture(scope="session")
def bare(conda, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bare")
    python = folder / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    install = [python, "-m", "pip", "install", "--quiet", "--no-compile"]
    done = subprocess.run(
        [*install, "-c", ROOT / "requirements.lock", "snakemake", *BESIDES_SNAKEMAKE],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip(f"pip cannot install Snakemake here: {done.stderr.strip().splitlines()[-1]}")
    yield Bare(python, conda, folder / "environments")
    shutil.rmtree(folder)


def run_and_spy(bare, workspace, config, *arguments):
    """Make the environments, run in them, and return what the spy noted of every script."""
    bare.run(workspace, config, *arguments, "--conda-create-envs-only")
    for environment in bare.made():
        shutil.copy(SPY, _site(environment) / "sitecustomize.py")
    notes = workspace.folder / "notes"
    notes.mkdir()
    bare.run(workspace, config, *arguments, spy=notes)
    found = [json.loads(note.read_text()) for note in notes.glob("*.json")]
    originals = variants()
    return [note | {"rule": originals.get(note["rule"], note["rule"])} for note in found]


def leave_empty(bare, workspace, config, *arguments, but):
    """Let Snakemake take all environments for made but one; nothing may run in the others.

    It makes the environments of all jobs in its graph, of those that need not run as well.
    """
    listed = bare.run(workspace, config, *arguments, "--list-conda-envs")
    for name, place in re.findall(r"envs/(\w+)\.yaml\t\S*\t(\S+)$", listed, flags=re.MULTILINE):
        if name != but:
            folder = workspace.folder / place
            folder.mkdir(parents=True)
            folder.with_name(f"{folder.name}.env_setup_done").touch()


def check_pins(bare):
    """What lies in an environment is what its file names, in these versions."""
    left_to_pip = re.compile(r"pip|setuptools|wheel|nvidia-.*|triton|cuda-.*")
    for folder, name in bare.made().items():
        text = (ROOT / "envs" / f"{name}.yaml").read_text()
        pinned = dict(line.split("==") for line in re.findall(r"- (\S+==\S+)", text))
        found = {
            re.sub(r"[-_.]+", "-", package.name).lower(): package.version.partition("+")[0]
            for package in importlib.metadata.distributions(path=[str(_site(folder))])
        }
        rest = {package for package in found if not left_to_pip.fullmatch(package)}
        assert {package: found[package] for package in rest} == pinned, name


def check_isolation(bare, notes):
    """Every script ran in its rule's environment and took its packages from nowhere else."""
    named, made = environments_of_rules(), bare.made()
    for note in notes:
        rule, prefix = note["rule"], note["prefix"]
        assert made[prefix] in named[rule], rule
        own = {entry.name.partition(".")[0] for entry in Path(_site(prefix)).iterdir()}
        wanted = imported_by(rule)
        lent = set()
        for name, file in note["modules"].items():
            top = name.partition(".")[0]
            if Path(file).is_relative_to(bare.python.parents[1]):
                lent.add(top)
            elif top in {"zollstock", "workflow"}:
                assert Path(file).is_relative_to(ROOT / top), (rule, file)
            elif Path(file).parent.parent == cache_folder() / "kernels":
                pass  # a copy of our own module, named by what it holds
            elif not Path(file).is_relative_to(prefix):
                # The stand-in's Python shares the standard library of the tests' Python.
                assert "site-packages" not in file, (rule, file)
                assert Path(file).is_relative_to(note["base"]), (rule, file)
        # Snakemake appends its own search path, to unpickle what it hands to a script.
        assert "snakemake" in lent, rule
        assert not lent & wanted, (
            f"{rule}: from Snakemake's Python, not the rule's: {lent & wanted}"
        )
        assert not lent & own, f"{rule}: from Snakemake's Python though its own: {lent & own}"


def _site(prefix):
    return next(Path(prefix).glob("lib/python3*/site-packages"))


def imported_by(rule):
    """The packages that a rule's script and the library under it may import."""
    script = ROOT / "workflow" / "scripts" / f"{rule}.py"
    modules = {module for env in ENVIRONMENTS.values() for module in env.modules}
    files = [script, *library_files(script, *modules)]
    tops = {module.partition(".")[0] for file in files for module in imported_modules(file)}
    return tops - sys.stdlib_module_names - {"zollstock", "workflow", "snakemake"}


def equal_tables(one, other):
    for name in ("scores.csv", "summary.csv"):
        tables = [(space.results() / "scores" / name).read_text() for space in (one, other)]
        assert tables[0] == tables[1], name


def planned(bare, workspace, config, *arguments):
    """The environments that a dry run would make."""
    text = bare.run(workspace, config, "--dry-run", *arguments)
    return set(re.findall(r"Conda environment .*envs/(\w+)\.yaml will be created", text))


def test_a_study_gets_the_environments_of_its_engines_and_meters(bare, workspace, mini):
    light = {"models", "interventions", "scoring", "figures"}
    assert planned(bare, workspace, mini) == light
    mini["properties"]["fur"] |= {
        "meter": "clip_direction",
        "clip": {"model": "m", "source_text": "a", "target_text": "b"},
    }
    assert planned(bare, workspace, mini) == light | {"editors"}


@pytest.mark.slow
def test_scores_in_their_own_environment(bare, finished, workspace, mini):
    """The quick one of two: one small environment, made for real."""
    shutil.copytree(finished.results(), workspace.results())
    shutil.rmtree(workspace.results() / "scores")
    asked = ("summarise_scores", "--rerun-triggers", "mtime")
    jobs = set(workspace.run(mini, "--dry-run", *asked).jobs()) - {"total"}
    assert "score" in jobs
    bare = replace(bare, prefix=bare.prefix.with_name("one"))
    leave_empty(bare, workspace, mini, *asked, but="scoring")
    notes = run_and_spy(bare, workspace, mini, *asked)
    assert {note["rule"] for note in notes} == jobs
    check_pins(bare)
    check_isolation(bare, notes)
    equal_tables(workspace, finished)


BUILDER = """
import torch

def build():
    torch.manual_seed(1)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
        torch.nn.Linear(4, 2),
    )
"""


def of_every_stage(mini):
    """The mini study with what each stage asks for."""
    mini["images"]["n_per_class"] = 1
    mini["calibration"] = SMALL
    mini["properties"]["fur"] |= {"meter": "fur_lightness"}
    mini["properties"]["edited"] = {
        "engine": "instruct_pix2pix",
        "checkpoint": "pets",
        "instruction": "make the fur lighter",
        "stop": 2,
        "steps": 6,
        "denoising_steps": 2,
        "image_guidance": 1,
        "meter": "fur_lightness",
    }
    mini["properties"]["both"] = {
        "engine": "grid", "first": "fur", "second": "noise", "steps": [3, 3],
    }  # fmt: skip
    mini["models"]["own"] = {"family": "own:build", "classes": ["cat", "dog"]}
    mini["models"]["plain"]["checkpoints"] = "every epoch"
    located = {"images": 2, "properties": ["fur"], "methods": {"saliency": {}, "gradcam": {}}}
    mini["locate"] = located | {"placebos": 0, "evaluate": {"steps": 3, "fills": ["mean"]}}
    mini["locate"]["grid"] = METHODS_GRID
    mini["trace"] = copy.deepcopy(TRACED) | {"images": 2}
    mini["repair"] = copy.deepcopy(REPAIRED)
    mini["repair"]["methods"]["rrr"] = {}
    return mini


def of_captions(mini):
    """A study of a CLIP that is trained on captions, along a full turn."""
    names = {name: [f"an {name}"] for name in ("elephant", "giraffe", "stegosaurus")}
    captions = {
        "pictures": [{"world": "turntable", "images": 64, "names": names}],
        "size": 16, "test_images": 9, "epochs": 1, "width": 8, "depth": 1, "shared_width": 4,
    }  # fmt: skip
    turn = {"latent": "yaw", "start": -180, "stop": 180, "steps": 7, "unit": "deg", "period": 360}
    mini["images"]["n_per_class"] = 1
    mini["models"] = {"one": {"family": "clip", "captions": captions, "classes": list(names)}}
    mini["world"]["name"] = "turntable"
    mini["properties"] = {"yaw": {"engine": "rendered", **turn}}
    mini["scoring"]["output"] = ["similarity:label", "similarity:elephant"]
    mini["jobs"] = {"intervention_jobs": 2}  # as a cluster has it
    return mini


@pytest.mark.slow
def test_every_rule_in_its_own_environment(bare, workspace, tmp_path, mini):
    """Studies that have something for every rule, and what is asked for beside them."""
    local = Workspace(tmp_path / "local")
    local.folder.mkdir()
    turned = Workspace(tmp_path / "turned")
    turned.folder.mkdir()
    photos = Workspace(tmp_path / "photos")
    photos.folder.mkdir()
    captions = of_captions(copy.deepcopy(mini))
    study = of_every_stage(mini)
    for space in (workspace, local):
        (space.folder / "own.py").write_text(BUILDER)
    asked = ["all", "to_paint", "calibration", "archive"]
    notes = run_and_spy(bare, workspace, study, *asked)
    notes += run_and_spy(bare, turned, captions, "all")
    notes += run_and_spy(bare, photos, segmented(photos.folder), "all")
    for note in notes:
        for module in ("own", "ownphoto"):
            note["modules"].pop(module, None)  # the study's own file
    # The first asks the network, the second is part of no study, the third needs an archive, the
    # fourth runs whole studies.
    apart = {"fetch_checkpoint", "train_editor", "redraw", "paper"}
    assert {note["rule"] for note in notes} == set(environments_of_rules()) - apart
    check_pins(bare)
    check_isolation(bare, notes)
    run = local.run(study, "summarise_scores")
    assert run.code == 0, run.text
    equal_tables(workspace, local)
