# Helpers only: the checked study, the paths of results, the library files a script uses.
import math
import re
import shutil
import sys
from functools import cache
from pathlib import Path

ROOT = Path(workflow.basedir).resolve()
sys.path.insert(0, str(ROOT))

from zollstock.plan.imports import library_files
from zollstock.plan.files import (
    files_below,
    files_in_table,
    files_matching,
    files_of_command,
    files_of_series,
    parameters_in,
)
from zollstock.plan.placebos import NOT_THE_FRAMES, placebo_sets
from zollstock.engines.diffusion.places import FETCHED, folder_of, is_hub_id
from zollstock.engines.registry import MODULES
from zollstock.errors import ZollstockError
from zollstock.settings import (
    DiffusionProperty,
    MeterSettings,
    check_prerequisites,
    check_writable,
    parse_study,
)

CONFIG_FILE = str((workflow.overwrite_configfiles or ["config/config.yaml"])[-1])
try:
    STUDY = parse_study(config, CONFIG_FILE)
    if not STUDY.archive.unpacked:  # what was packed is all there is
        check_prerequisites(STUDY, CONFIG_FILE)
except ZollstockError as error:
    # One line and exit code 1; an exception would add a traceback.
    sys.exit(f"zollstock: {error}")

SETTINGS = STUDY.model_dump()
# The report's texts quote the configured numbers, defaults included. Scripts take from here what
# changes no result: Snakemake compares params, not the config.
config.update(SETTINGS)
# `alpha` marks scores in tables and figures; no score depends on it.
SCORED = {key: value for key, value in SETTINGS["scoring"].items() if key != "alpha"}
# How an editor is run: frames depend on it in their last digit. What a path takes from an editor
# reaches its settings, and how many failures are too many is decided when paths are gathered.
EDITING = {
    key: value for key, value in SETTINGS["editing"].items() if key not in {"max_failed", "dtype"}
}
config["run_options"] = EDITING
# SageAttention computes in 8 bits, which frames do show.
ATTENTION = {"attention": STUDY.editing.attention} if "sage" in STUDY.editing.attention else {}
PROPERTIES = list(STUDY.properties)
MODELS = list(STUDY.models)
TRAINED = [name for name, model in STUDY.models.items() if model.trained_on]
PARTS = STUDY.jobs.intervention_jobs
FORMATS = ["png", *(kind for kind in STUDY.figures.formats if kind != "png")]
# Checkpoints that come from a hub, by property: where they lie once fetched.
CHECKPOINTS = {
    name: folder_of(prop.checkpoint, prop.revision, Path(STUDY.editing.checkpoints))
    for name, prop in STUDY.properties.items()
    if isinstance(prop, DiffusionProperty) and is_hub_id(prop.checkpoint)
}
# Numbers in the weights of an editor that is not there yet (docs/editors.md), the largest that
# each engine takes.
PARAMETERS = {
    "instruct_pix2pix": 3.5e9,
    "ledits_pp": 3.5e9,
    "flux_kontext": 17e9,
    "qwen_image_edit": 29e9,
    "flowedit": 17e9,
}
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
RESULTS = f"results/{STUDY.study}"
LOGS = f"logs/{STUDY.study}"
BENCHMARKS = f"{RESULTS}/benchmarks"
METERS = list(MeterSettings.model_fields)
EDITED = [name for name, prop in STUDY.properties.items() if isinstance(prop, DiffusionProperty)]
MAY_FAIL = [*EDITED, *(name for name, prop in STUDY.properties.items() if prop.engine == "command")]
PLACEBO_SETS = placebo_sets(STUDY)
# The placebos that a property is compared with; some have none.
PLACEBOS_OF = {prop: name for name, found in PLACEBO_SETS.items() for prop in found["properties"]}
DRAWS = {
    **{
        name: list(range(getattr(prop, "replicates", 1))) for name, prop in STUDY.properties.items()
    },
    **{name: list(range(1, STUDY.placebos.number + 1)) for name in PLACEBO_SETS},
}
# Exact properties beside edited ones that the same meter measures.
PAIRS = [
    (exact, edited)
    for exact, prop in STUDY.properties.items()
    if prop.engine == "rendered" and prop.meter is not None
    for edited in EDITED
    if all(
        getattr(STUDY.properties[edited], key) == getattr(prop, key)
        for key in ("meter", "mask", "clip")
    )
]


def examined_editors():
    """The study's small editors that went through the gate: name → folder."""
    folders = {}
    for prop in STUDY.properties.values():
        if isinstance(prop, DiffusionProperty):
            folder = folder_of(prop.checkpoint, prop.revision, Path(STUDY.editing.checkpoints))
            if all((folder / name).is_file() for name in ("gate.json", "editor.json")):
                folders.setdefault(folder.resolve(), (prop.checkpoint, folder))
    # A name is part of a file's name.
    return {re.sub(r"[^\w.-]+", "-", name).strip("-"): at for name, at in folders.values()}


EXAMINED = examined_editors()


def one_of(names):
    """A wildcard constraint that matches these names only, or nothing where there are none."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


wildcard_constraints:
    property=one_of([*PROPERTIES, *PLACEBO_SETS]),
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


def drawn_world(*distributions):
    """The drawn world, for images of these distributions; only biased ones depend on the bias."""
    biased = set(distributions) - {"unbiased"}
    return SETTINGS["world"] | ({} if biased else {"bias": None})


def refuse_unwritable():
    """Stop in one line where results or logs cannot be written; Snakemake would add a traceback."""
    jobs = workflow.dag.needrun_jobs()
    try:
        check_writable(str(file) for job in jobs for file in job.products())
    except ZollstockError as error:
        sys.exit(f"zollstock: {error}")


def gpus(device):
    """How many GPUs a job asks for; profiles/default says how many there are."""
    return int(device == "cuda" or (device == "auto" and shutil.which("nvidia-smi") is not None))


def resized_frames(prop, model):
    """The frames of a property at a model's input size, where that differs from their own."""
    geometry = STUDY.models[model].preprocessing.geometry_key()
    return [] if geometry == "as-is" else f"{RESULTS}/inputs/{prop}.{geometry}.zarr"


@cache
def lib(script, *modules, without=()):
    """The library files a script runs, for `input: lib=`: a change of one reruns the rule.

    Modules that are imported by name at run time (engines, worlds) are named by the caller, and
    so are those that the script imports in other studies only (`without`).
    """
    path = ROOT / "workflow/scripts" / script
    return [str(file) for file in library_files(path, *modules, without=without)]


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


def files_of_paths(wildcards):
    """The user's files that paths are made from, so that a changed one is noticed.

    The plan alone lists them, and notes their state for the rules that follow it: 100,000 inputs
    cost Snakemake some seven seconds in each rule that has them.
    """
    name = wildcards.property
    if name in PLACEBO_SETS:
        pattern = PLACEBO_SETS[name]["settings"].get("path", "")
        return files_of_series(pattern.replace("{draw}", "{image}")) if pattern else []
    prop = STUDY.properties[name]
    if prop.engine == "command":
        return files_of_command(prop.command)
    return files_of_series(prop.path) if prop.engine == "frames" else []


def masks_of(wildcards):
    """The files of a property's masks, so that a changed one is noticed."""
    mask = getattr(STUDY.properties.get(wildcards.property), "mask", None)
    return files_matching(mask) if mask else []


def intervention_cfg(wildcards, **extra):
    """What changes the frames of a property or of a set of placebos; titles and marks do not.

    `edited` says that an editor makes them. How it is run is no part of this.
    """
    name = wildcards.property
    if name in PLACEBO_SETS:
        prop = dict(PLACEBO_SETS[name]["settings"])
        if "editor" in prop:
            prop["editor"] = prop["editor"] | {"dtype": STUDY.editing.dtype}
    else:
        prop = {
            key: value
            for key, value in SETTINGS["properties"][name].items()
            if key not in NOT_THE_FRAMES
        }
    if prop["engine"] == "rendered":
        prop |= {"world": STUDY.world.name, "size": STUDY.world.size}
    if name in EDITED:
        prop["dtype"] = STUDY.editing.dtype
    edited = name in EDITED or "editor" in prop
    extra = {"edited": edited, "inexact": ATTENTION if edited else {}} | extra
    return section(property=prop, draws=DRAWS[name], **extra)


def gathering_cfg(wildcards):
    """What the manifest of a property depends on.

    How many paths may fail decides whether there is one and changes nothing in it. So the limit
    is here only if the manifest that is there has more failures than it allows now.
    """
    manifest = Path(f"{RESULTS}/interventions/{wildcards.property}.json")
    limits = {}
    if wildcards.property in MAY_FAIL and manifest.is_file():
        if manifest.read_bytes().count(b'"failed":') > STUDY.editing.max_failed:
            limits = {"max_failed": STUDY.editing.max_failed}
    # A placebo that cannot be made is missing from the test, and no more.
    return intervention_cfg(wildcards, placebos=wildcards.property in PLACEBO_SETS, **limits)


def stopping_cfg():
    """What decides how many placebos are made, where models do."""
    if not STUDY.placebos.stop_after:
        return {}
    keys = ("statistic", "minimum_effect")
    return {"output": STUDY.scoring.output} | {key: SETTINGS["placebos"][key] for key in keys}


def placebos_of(wildcards):
    """The placebos that a property is compared with, as a list of none or one."""
    name = PLACEBOS_OF.get(wildcards.property)
    return [name] if name else []


def meter_cfg(wildcards):
    """How the frames of a property are measured; those of placebos are not."""
    if wildcards.property in PLACEBO_SETS:
        return {"meter": MeterSettings().model_dump(), "placebo": True}
    prop = SETTINGS["properties"][wildcards.property]
    return {"meter": {key: prop[key] for key in METERS}, "placebo": prop["placebo"]}


def intervention_lib(script):
    """`lib` with the modules that a property's engine brings along."""

    def files(wildcards):
        name = wildcards.property
        if name in PLACEBO_SETS:
            found = PLACEBO_SETS[name]["settings"]
            engines = [found["engine"]]
            if "editor" in found:
                engines.append(found["editor"]["engine"])
            watching = STUDY.placebos.stop_after
        else:
            engines = [STUDY.properties[name].engine]
            watching = getattr(STUDY.properties[name], "watch", [])
        modules = [MODULES[engine] for engine in engines]
        if name in EDITED or len(engines) > 1:
            modules.append("zollstock.jobs.editing")
        if watching:
            modules.append(
                "zollstock.jobs.stopping" if name in PLACEBO_SETS else "zollstock.jobs.watching"
            )
        return lib(script, *modules)

    return files


def fetched_checkpoint(wildcards):
    """The note that a property's checkpoint was fetched, where it comes from a hub."""
    name = CHECKPOINTS.get(editing_property(wildcards))
    return str(name / FETCHED) if name else []


def editing_property(wildcards):
    """The property whose editor a job runs, its own or that of the placebos' property."""
    name = wildcards.property
    return PLACEBO_SETS[name]["properties"][0] if name in PLACEBO_SETS else name


def memory_of_editor(wildcards, attempt):
    """Megabytes for a job that may run an editor; docs/hpc.md has the formula."""
    name = editing_property(wildcards)
    loaded = 0.0
    if name in EDITED:
        prop = STUDY.properties[name]
        folder = folder_of(prop.checkpoint, prop.revision, Path(STUDY.editing.checkpoints))
        numbers = parameters_in(folder) or PARAMETERS[prop.engine]
        loaded = numbers * BYTES[STUDY.editing.dtype] / 1e6
    return math.ceil((3000 + 1.25 * loaded) * attempt)


def gpu_of_editor(wildcards):
    """GPUs for a job that may run an editor."""
    return gpus(STUDY.editing.device) if editing_property(wildcards) in EDITED else 0


def checkpoint_source(folder):
    """The id and revision of the checkpoint that lies in a folder."""
    prop = next(STUDY.properties[name] for name, at in CHECKPOINTS.items() if at.name == folder)
    return {"checkpoint": prop.checkpoint, "revision": prop.revision}


def watched_models(wildcards):
    """The models that an adaptive path looks at."""
    return [
        f"{RESULTS}/models/{model}.{kind}"
        for model in getattr(STUDY.properties[wildcards.property], "watch", [])
        for kind in ("safetensors", "json")
    ]


def figure_files(name):
    """A figure in every format; the PNG comes first and goes into the report."""
    return [f"{RESULTS}/figures/{name}.{kind}" for kind in FORMATS]


def style(**extra):
    """The figure settings, for `params: cfg=`."""
    return section("figures", **extra) | {"figures": SETTINGS["figures"] | {"formats": FORMATS}}


def title_of(name):
    """A property's name in figures."""
    return STUDY.properties[name].title or name
