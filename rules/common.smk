# Helpers only: the checked study, the paths of results, the library files a script uses.
import shutil
import sys
from functools import cache
from pathlib import Path

ROOT = Path(workflow.basedir).resolve()
sys.path.insert(0, str(ROOT))

from workflow.imports import library_files
from workflow.inputs import files_below, files_in_table, files_of_series
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
# The report's texts quote the configured numbers, defaults included.
config.update(SETTINGS)
# `alpha` marks scores in tables and figures; no score depends on it.
SCORED = {key: value for key, value in SETTINGS["scoring"].items() if key != "alpha"}
PROPERTIES = list(STUDY.properties)
MODELS = list(STUDY.models)
TRAINED = [name for name, model in STUDY.models.items() if model.trained_on]
PARTS = STUDY.jobs.intervention_jobs
FORMATS = ["png", *(kind for kind in STUDY.figures.formats if kind != "png")]
RESULTS = f"results/{STUDY.study}"
LOGS = f"logs/{STUDY.study}"
BENCHMARKS = f"{RESULTS}/benchmarks"
# Jobs that use a GPU ask for one; profiles/default says how many there are.
GPUS = int(
    STUDY.inference.device == "cuda"
    or (STUDY.inference.device == "auto" and shutil.which("nvidia-smi") is not None)
)


def one_of(names):
    """A wildcard constraint that matches these names only, or nothing where there are none."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


wildcard_constraints:
    property=one_of(PROPERTIES),
    model=one_of(MODELS),
    part=r"\d+",
    geometry=r"\d+x\d+-[a-z]+-[a-z]+",


def section(*names, **extra):
    """The named sections of the settings as one dict for `params: cfg=`.

    Snakemake compares params as a set of values, so that two settings that swap their
    values would not be noticed; within one dict they are.
    """
    return (
        {"study": STUDY.study, "seed": STUDY.seed}
        | {name: SETTINGS[name] for name in names}
        | extra
    )


def resized_frames(prop, model):
    """The frames of a property at a model's input size, where that differs from their own."""
    geometry = STUDY.models[model].preprocessing.geometry_key()
    return [] if geometry == "as-is" else f"{RESULTS}/inputs/{prop}.{geometry}.zarr"


@cache
def lib(script, *modules):
    """The library files a script runs, for `input: lib=`: a change of one reruns the rule.

    Modules that are imported by name at run time (engines, worlds) are named by the caller.
    """
    return [str(file) for file in library_files(ROOT / "workflow/scripts" / script, *modules)]


def own_code(wildcards):
    """The files of a user's own builder (`module:function`), so that a change is noticed."""
    builder = STUDY.models[wildcards.model].family.partition(":")[0]
    return [str(file) for file in library_files(None, builder, root=Path.cwd())]


def files_of_images():
    """The files an image source reads, so that a changed one selects again."""
    images = STUDY.images
    if images.source == "renderer":
        return []
    root = Path(images.path)
    if images.source == "folder" and not images.labels:
        return files_below(root)
    if images.source == "folder":
        return files_in_table(Path(images.labels), root)
    return files_in_table(root, Path(images.root) if images.root else None)


def series_of(wildcards):
    """The files of a property's captured series, so that a changed one is noticed."""
    prop = STUDY.properties[wildcards.property]
    return files_of_series(prop.path) if prop.engine == "frames" else []


def intervention_cfg(wildcards, **extra):
    """What changes a property's frames; titles and marks do not."""
    prop = {
        key: value
        for key, value in SETTINGS["properties"][wildcards.property].items()
        if key not in {"title", "placebo"}
    }
    if prop["engine"] == "rendered":
        prop |= {"world": STUDY.world.name, "size": STUDY.world.size}
    return section(property=prop, **extra)


def intervention_lib(script):
    """`lib` with the module of the property's engine."""
    return lambda wildcards: lib(
        script, f"zollstock.engines.{STUDY.properties[wildcards.property].engine}"
    )


def figure_files(name):
    """A figure in every format; the PNG comes first and goes into the report."""
    return [f"{RESULTS}/figures/{name}.{kind}" for kind in FORMATS]


def style(**extra):
    """The figure settings, for `params: cfg=`."""
    return section("figures", **extra) | {"figures": SETTINGS["figures"] | {"formats": FORMATS}}


def title_of(name):
    """A property's name in figures."""
    return STUDY.properties[name].title or name
