# Helpers only: the checked study, the paths of results, the library files a script uses.
import ast
import sys
from functools import cache
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT))

from zollstock.errors import ZollstockError
from zollstock.settings import check_prerequisites, parse_study

CONFIG_FILE = str((workflow.overwrite_configfiles or ["config/config.yaml"])[-1])
try:
    STUDY = parse_study(config, CONFIG_FILE)
    check_prerequisites(STUDY, CONFIG_FILE)
except ZollstockError as error:
    # One line and exit code 1; an exception would add a traceback.
    sys.exit(f"zollstock: {error}")

SETTINGS = STUDY.model_dump()
PROPERTIES = list(STUDY.properties)
MODELS = list(STUDY.models)
TRAINED = [name for name, model in STUDY.models.items() if model.trained_on]
PARTS = STUDY.jobs.intervention_jobs
FORMATS = ["png", *(kind for kind in STUDY.figures.formats if kind != "png")]
RESULTS = f"results/{STUDY.study}"
LOGS = f"logs/{STUDY.study}"
BENCHMARKS = f"{RESULTS}/benchmarks"


def one_of(names):
    """A wildcard constraint that matches these names only, or nothing where there are none."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


wildcard_constraints:
    property=one_of(PROPERTIES),
    model=one_of(MODELS),
    part=r"\d+",


def section(*names, **extra):
    """The named sections of the settings as one dict for `params: cfg=`.

    Snakemake compares params as a set of values, so that two settings that swap their
    values would not be noticed; within one dict they are.
    """
    return {"study": STUDY.study, "seed": STUDY.seed} | {name: SETTINGS[name] for name in names} | extra


def geometry_of(model):
    return STUDY.models[model].preprocessing.geometry_key()


@cache
def _local_imports(file):
    """The project's own modules that a Python file imports, as files."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from a import b` may name the module a.b.
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            found |= _module_files(name)
    return found


def _module_files(name):
    """The files that are run when a module of this project is imported."""
    files = set()
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        path = ROOT.joinpath(*parts[:length])
        files |= {file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()}
    return files


@cache
def lib(script, *modules):
    """The library files a script runs, for `input: lib=`: a change of one reruns the rule.

    Modules that are imported by name at run time (engines, worlds) are named by the caller.
    """
    waiting = {ROOT / "workflow" / "scripts" / script}
    waiting |= {file for module in modules for file in _module_files(module)}
    found = set()
    while waiting:
        file = waiting.pop()
        found.add(file)
        waiting |= _local_imports(file) - found
    found.discard(ROOT / "workflow" / "scripts" / script)
    return sorted(str(file) for file in found)


def files_of_images():
    """The files an image source reads, so that a changed one selects again."""
    images = STUDY.images
    if images.source == "csv":
        return [images.path]
    if images.source == "folder":
        # The folder's time changes when a file is added or removed.
        return [images.path, *([images.labels] if images.labels else [])]
    return []
