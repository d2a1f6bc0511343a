# Helpers only: the checked study, its plan, and answers to wildcards.
import shlex
import sys
from pathlib import Path

ROOT = Path(workflow.basedir).resolve()
sys.path.insert(0, str(ROOT))

import zollstock

IMPORTED = getattr(zollstock, "__file__", None)
if Path(IMPORTED or "").resolve().parent != (ROOT / "zollstock").resolve():
    sys.exit(
        f"zollstock: {IMPORTED}: is imported instead of {ROOT}/zollstock; expected the "
        "checkout that is run. Uninstall it, or remove the .pth file that imports it."
    )

from zollstock.engines.diffusion.places import FETCHED
from zollstock.errors import ZollstockError
from zollstock.plan import snakemake_internals
from zollstock.plan.clean import left_by_snakemake
from zollstock.plan.configs import check_keys, profile_files
from zollstock.plan.console import follow
from zollstock.plan.contents import content_of
from zollstock.plan.ending import say_results
from zollstock.plan.files import check_folders, listed, state
from zollstock.plan.memory import GPU_SLOTS
from zollstock.plan.start import check_results, check_spelt, say_profile, use_checkout
from zollstock.plan.study import Plan, gpus, lib, one_of
from zollstock.settings import check_prerequisites, parse_study

CONFIG_FILE = str((workflow.overwrite_configfiles or ["config/config.yaml"])[-1])
try:
    use_checkout(workflow, ROOT)
    check_keys([*workflow.configfiles, *profile_files(sys.argv[1:], ROOT)])
    STUDY = parse_study(config, CONFIG_FILE)
    if not STUDY.archive.unpacked:  # what was packed is all there is
        check_prerequisites(STUDY, CONFIG_FILE)
    PLAN = Plan(STUDY)
    check_spelt(PLAN.further)
    if snakemake_internals.asks_for("repair"):
        PLAN.repairing.check_asked()
    check_folders(
        {
            "the folder of zollstock": ROOT,
            "the folder you run in": Path.cwd(),
            "editing.checkpoints": STUDY.editing.checkpoints,
        }
        | {f"checkpoint {name}": folder for name, folder in PLAN.examined_editors.items()}
    )
except ZollstockError as error:
    # One line and exit code 1; an exception would add a traceback.
    sys.exit("\n".join(f"zollstock: {each}" for each in (error, *error.others)))

if snakemake_internals.deletes_all_output():
    print(left_by_snakemake(STUDY, shlex.join(map(str, workflow.configfiles))), file=sys.stderr)

SETTINGS = PLAN.settings
# The report's texts quote the configured numbers, defaults included. Scripts take from here what
# changes no result: Snakemake compares params, not the config.
config.update(SETTINGS)
config["run_options"] = PLAN.run_options
config["followed"] = PLAN.followed
PATHS, PROPERTIES, PLACEBO_SETS = PLAN.paths, PLAN.properties, PLAN.placebo_sets
MODELS, TRAINED = PLAN.models, PLAN.trained
DRAWN = PLAN.training.on_source("renderer")  # models that are trained on the drawn world
RESULTS, LOGS, BENCHMARKS = PLAN.results, PLAN.logs, PLAN.benchmarks
PARTS = STUDY.jobs.intervention_jobs
WHOLE = PARTS == 1  # one job plans, makes and gathers the paths of a property
# Stores of no name in this list belong to settings of the past.
config["stores_of"] = list(PATHS)
section, style, title_of, figure_files = (
    PLAN.section,
    PLAN.style,
    PLAN.title_of,
    PLAN.figure_files,
)


wildcard_constraints:
    property=one_of(PATHS),
    model=one_of([*PLAN.read, *PLAN.repairing.repaired]),
    part=r"\d+",


def check_start():
    """Stop in one line where nothing may be written; Snakemake would add a traceback."""
    try:
        check_results(workflow, STUDY, Path(RESULTS))
    except ZollstockError as error:
        sys.exit(f"zollstock: {error}")
    if not STUDY.archive.unpacked:
        say_profile(workflow, ROOT)


def paths_of(wildcards):
    """What is known of the paths of a property or a set of placebos."""
    return PATHS[wildcards.property]


def edits_of(wildcards):
    """The manifests of the edits that a set of placebos is compared with; none for a property."""
    return [f"{RESULTS}/interventions/{name}.json" for name in paths_of(wildcards).stands_for]


def making_cfg(wildcards, **extra):
    """What the outcome of a job that makes paths depends on, of all of them or of a part."""
    if WHOLE:
        return PLAN.gathering(wildcards.property) | extra
    return PLAN.interventions(wildcards.property, part=int(wildcards.part), parts=PARTS, **extra)


def intervention_lib(script):
    """`lib` with the modules that a property's engine brings along."""
    return lambda wildcards: PLAN.lib_of(wildcards.property, script)


def user_files(wildcards):
    """The user's files that paths are made from, as far as Snakemake can name them."""
    return listed(paths_of(wildcards).files())


def drawn_masks(wildcards):
    """The folders of a property's masks that a segmentation model draws."""
    return PLAN.drawn_masks(wildcards.property)


def editor_content(wildcards):
    """What the weights of a property's editor hold."""
    return PLAN.content_of_checkpoint(wildcards.property)


def fetched_checkpoint(wildcards):
    """The note that a property's checkpoint was fetched, where it comes from a hub."""
    return paths_of(wildcards).fetched() or []


def memory_of_editor(wildcards, attempt):
    """Megabytes for a job that may run an editor."""
    return PLAN.memory_of_editor(wildcards.property, attempt)


def memory_of_inference(wildcards, attempt):
    """Megabytes for a job that runs a model."""
    return PLAN.memory_of_inference(wildcards.model, attempt)


def memory_of_import(wildcards, attempt):
    """Megabytes for a job that reads a model and writes it again."""
    return PLAN.memory_of_import(wildcards.model, attempt)


def memory_of_selection(wildcards, attempt):
    """Megabytes for a job that may run models."""
    return PLAN.memory_of_selection(attempt)


def weights_to_begin_with(wildcards):
    """The weights of the model that a training begins from, as a list of none or one."""
    start = PLAN.training.start(wildcards.model)
    return PLAN.model_files([start])[:1] if start else []


def checkpoints_of(wildcards):
    """The folder of checkpoints that a training keeps, as a list of none or one."""
    kept = wildcards.model in PLAN.dynamics.trained
    return [f"{RESULTS}/models/checkpoints/{wildcards.model}"] if kept else []


def own_code(wildcards):
    """The files of a user's own builder, so that a change is noticed."""
    return listed(PLAN.own_code(wildcards.model))


def own_code_state(wildcards):
    """The state of those of them that Snakemake cannot name."""
    return state(PLAN.own_code(wildcards.model))


def base_of(wildcards):
    """The model that a repaired one was: what it is asked hangs on that. Any other is its own."""
    return PLAN.repairing.base_of(wildcards.model)


def placebos_of(wildcards):
    """The placebos that a property is compared with, as a list of none or one."""
    name = PLAN.placebos_of.get(wildcards.property)
    return [name] if name else []
