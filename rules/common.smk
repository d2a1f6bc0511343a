# Helpers only: the checked study, the paths of results, the library files a script uses.
import glob
import sys
from functools import cache
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT))

from workflow.imports import library_files
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
    """The file of a user's own builder (`module:function`), so that a change of it is noticed."""
    builder = STUDY.models[wildcards.model].family.partition(":")[0]
    file = Path(*builder.split(".")).with_suffix(".py")
    return [str(file)] if file.is_file() else []


def files_of_images():
    """The files an image source reads, so that a changed one selects again."""
    images = STUDY.images
    if images.source == "csv":
        return [images.path]
    if images.source == "folder":
        # The folder's time changes when a file is added or removed.
        return [images.path, *([images.labels] if images.labels else [])]
    return []


def series_of(wildcards):
    """The folders or tables a property's captured series are in, so that a new one is noticed."""
    prop = STUDY.properties[wildcards.property]
    if prop.engine != "frames":
        return []
    return sorted(glob.glob(prop.path.replace("{image}", "*")))


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
