"""envs/*.yaml, from what the scripts import and the lock."""

import importlib.metadata
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement

from zollstock.engines.registry import EDITORS, MODULES
from zollstock.entries import known_entries
from zollstock.figures.registry import FIGURES, modules
from zollstock.images.layouts.registry import LAYOUTS
from zollstock.locate import attributers, fills, gradients, samples, segments
from zollstock.plan.imports import ROOT, modules_by_name, packages
from zollstock.plan.paths import MODEL_ENVIRONMENTS, PATH_ENVIRONMENTS
from zollstock.recipes import MAKERS
from zollstock.settings.models import MODEL_FORMS, OWN
from zollstock.settings.repair.methods import METHODS, modules_of_methods
from zollstock.settings.training import DATA_FORMS
from zollstock.worlds import known_worlds, module_of

PYTHON = "3.11"


@dataclass(frozen=True)
class Environment:
    """What one environment is for, and what its scripts import by name at run time."""

    purpose: str
    modules: tuple[str, ...] = ()
    """Modules that no import statement names: engines, worlds."""
    without: tuple[str, ...] = ()
    """Modules that are imported only in jobs that have another environment."""


_CLIP = "zollstock.ledger.clip"
_WORLDS = tuple(module_of(name) for name in known_worlds())
_FAMILIES = {
    form: f"zollstock.models.families.{name}" for name, form in MODEL_FORMS.items() if name != OWN
}
_LIGHT_FAMILIES = tuple(
    module for form, module in _FAMILIES.items() if form.environment == "models"
)
# Pictures to choose from and to train on.
_PICTURES = (
    *sorted({layout.module for layout in LAYOUTS.values()}),
    *(f"zollstock.models.data.{name}" for name in DATA_FORMS),
)
# What readers of frames import by name.
_MAKERS = tuple(MAKERS.values())
_METHODS = tuple(
    f"{room.__name__}.{name}"
    for room in (segments, samples, fills, attributers, gradients)
    for name in known_entries(room)
)
_REPAIRS = tuple(modules_of_methods(one() for one in METHODS.values()))
_LIGHT = tuple(module for name, module in MODULES.items() if name not in EDITORS)
_EVERY = (
    *MODULES.values(),
    *_FAMILIES.values(),
    *_PICTURES,
    *_METHODS,
    *_REPAIRS,
    *_WORLDS,
    _CLIP,
    *modules_by_name(),
)
ENVIRONMENTS = {
    "models": Environment(
        "train, import and run models, to locate, trace and repair",
        (*_LIGHT_FAMILIES, *_PICTURES, *_MAKERS, *_METHODS, *_REPAIRS, *_LIGHT, *_WORLDS),
        without=(_CLIP,),
    ),
    "interventions": Environment(
        "make frames without an editor, and measure them without CLIP",
        (*_LIGHT, *_WORLDS),
        without=(_CLIP,),
    ),
    "editors": Environment(
        "make frames with an editor, to train one, to measure frames with CLIP, and to run models "
        "of transformers",
        _EVERY,
    ),
    "scoring": Environment("score and test", without=(_CLIP,)),
    "figures": Environment("draw", (*modules(FIGURES), *_MAKERS)),
    "app": Environment("serve the page", (*_EVERY, *modules(FIGURES))),
}
PROGRAMS = {"app": ROOT / "zollstock" / "app" / "__main__.py"}
"""Environment → what runs in it and is no rule."""

# The machine that conditional requirements are read for; elsewhere pip adds what is missing.
MACHINE = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": f"{PYTHON}.0",
    "python_version": PYTHON,
    "sys_platform": "linux",
}

CUDA = """\
# On Linux (x86-64) pip takes torch's build for CUDA from PyPI. For the much smaller one without
# CUDA, or for another CUDA, name PyTorch's index when the environments are made, e.g.
#   PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu snakemake --sdm conda
# with cpu or cu126 … at its end; https://pytorch.org/get-started/locally lists them."""


def environment(name: str) -> str:
    """Return an environment file: what the scripts of its rules import, pinned as in the lock.

    There are no `.pin.txt` files beside them: from one of these Snakemake installs what it lists
    and nothing else, without the part for pip.
    """
    needed = needs(name)
    lines = [
        f"# To {ENVIRONMENTS[name].purpose}.",
        "# Written by `make docs` from what the scripts import; pins as in requirements.lock.",
        *([CUDA] if "torch" in needed else []),
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python ={PYTHON}",
        "  - pip",
        "  - pip:",
        *_pinned(needed),
        "      # What these need in turn.",
        *_pinned(in_turn(needed)),
    ]
    return "\n".join(lines) + "\n"


def _pinned(names: set[str]) -> list[str]:
    return [f"      - {name}=={pins()[name]}" for name in sorted(names)]


def needs(name: str) -> set[str]:
    """Return the distributions that the scripts of an environment's rules import."""
    of = ENVIRONMENTS[name]
    found: set[str] = set()
    for script in scripts_of(name):
        found |= packages(script, *of.modules, without=of.without)
    return {package.lower() for package in found}


def in_turn(names: set[str]) -> set[str]:
    """Return the other distributions of the lock that these need, as the installed ones say.

    What the lock does not name (CUDA's libraries) is left to pip.
    """
    waiting = [Requirement(name) for name in names]
    seen: set[str] = set()
    found: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        if str(wanted) in seen:
            continue
        seen.add(str(wanted))
        name = wanted.name.lower().replace("_", "-")
        if name not in pins():
            continue
        found.add(name)
        for line in importlib.metadata.requires(name) or []:
            need = Requirement(line)
            if need.marker is None or any(
                need.marker.evaluate(MACHINE | {"extra": extra}) for extra in ("", *wanted.extras)
            ):
                waiting.append(need)
    return found - names


def environments_of(rule: str) -> list[str]:
    """Return the environments that a rule's text names, or one of which the plan chooses."""
    chosen = {
        name
        for asked in re.findall(r"PLAN\.(\w*environment)\(", rule)
        for name in (MODEL_ENVIRONMENTS if asked == "model_environment" else PATH_ENVIRONMENTS)
    }
    return [*re.findall(r"envs/(\w+)\.yaml", rule), *sorted(chosen)]


def scripts_of(environment_name: str) -> list[Path]:
    """Return the scripts of the rules that name this environment, be it as one of two.

    Of an environment without a rule it is its program.
    """
    scripts = [PROGRAMS[environment_name]] if environment_name in PROGRAMS else []
    for rules in sorted((ROOT / "rules").glob("*.smk")):
        for rule in re.split(r"^rule ", rules.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            script = re.search(r"workflow/scripts/(\w+\.py)", rule)
            if script and environment_name in environments_of(rule):
                scripts.append(ROOT / "workflow" / "scripts" / script.group(1))
    return scripts


@cache
def pins() -> dict[str, str]:
    """Return distribution (lower case, with hyphens) → version in the lock."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if "==" in line]
    return {name.lower().replace("_", "-"): version for name, version in pairs}
