"""The plan of a study: what the rules ask before a job runs."""

import math
import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from snakemake.io import ancient

from zollstock.engines.diffusion.places import FETCHED, folder_of, is_hub_id
from zollstock.errors import ZollstockError
from zollstock.figures.registry import Figure
from zollstock.images.layouts.registry import LAYOUTS, files_of_dataset
from zollstock.manifests import PICTURES, store_of
from zollstock.models.shards import INDEX, shards_of
from zollstock.plan.captioned import Captioned
from zollstock.plan.contents import content_of
from zollstock.plan.dynamics import Dynamics
from zollstock.plan.files import (
    files_in_folder,
    files_in_table,
    files_of_checkpoint,
    files_of_pretrained,
    listed,
    parameters_in,
)
from zollstock.plan.imports import ROOT, files_of_own, library_files
from zollstock.plan.locating import Locating
from zollstock.plan.memory import (
    GPU_SLOTS,
    IMPORT,
    RUN,
    memory_of_models,
    slots_of_model,
    weights_of,
)
from zollstock.plan.outputs import further_outputs
from zollstock.plan.paths import planned_paths
from zollstock.plan.repairing import Repairing
from zollstock.plan.segmenters import Segmenters
from zollstock.plan.tracing import Tracing
from zollstock.plan.training import Training
from zollstock.scoring.outputs import Spelled, parse_output
from zollstock.settings import Study
from zollstock.worlds import facts_of, module_of
from zollstock.worlds.facts import PLAIN

_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}

Files = list[str]
"""Paths as Snakemake takes them."""


class Plan:
    """What a study's settings mean for its rules.

    Parameters
    ----------
    study
        The checked settings.

    Attributes
    ----------
    paths
        Property or set of placebos → what is known of its paths.
    training, captioned
        What is known of the models that are trained here, and of those trained on captions.
    locating
        What is known of the stage `locate`.
    tracing
        What is known of the stage `trace`.
    repairing
        What is known of the stage `repair`.
    dynamics
        What is known of the stage `dynamics`.
    properties, grids, placebo_sets, models, read, trained
        Names, in the order of the config; a grid of two properties is none of `properties`. Models
        that others begin from are none of `models`, but are read or trained as well.
    results, logs, benchmarks
        Folders of the study.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.settings: dict[str, Any] = study.model_dump()
        self.paths = planned_paths(study)
        self.properties = [name for name, prop in study.properties.items() if not prop.grid]
        self.grids = [name for name, prop in study.properties.items() if prop.grid]
        self.placebo_sets = [name for name in self.paths if self.paths[name].placebos]
        self.models = list(study.models)
        self.locating = Locating(study, self.paths, self.placebos_of)
        self.training = Training(study)
        self.tracing = Tracing(study, self.training)
        self.repairing = Repairing(study, self.training)
        self.dynamics = Dynamics(study, self.training, self.placebos_of)
        self._models = {**self.training.every, **self.repairing.model_settings()}
        self.segmenters = Segmenters(study)
        self.captioned = Captioned(study)
        self.read, self.trained = list(self.training.every), list(self.training.data)
        self.results = f"results/{study.study}"
        self.logs = f"logs/{study.study}"
        self.benchmarks = f"{self.results}/benchmarks"
        formats = study.figures.formats
        # The PNG comes first and goes into the report.
        self.formats = ["png", *(kind for kind in formats if kind != "png")]

    # --- dicts for `params: cfg=` -------------------------------------------------

    def section(self, *names: str, **extra: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the named sections of the settings as one dict.

        Snakemake compares params as a set of values, so that two settings that swap their values
        would not be noticed; within one dict they are.
        """
        known = {"study": self.study.study, "seed": self.study.seed}
        return known | {name: self.settings[name] for name in names} | extra

    def style(self, **extra: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the figure settings."""
        figures = self.settings["figures"] | {"formats": self.formats}
        return self.section(**extra) | {"figures": figures}

    def drawing(self, figures: Sequence[Figure], **extra: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return what figures depend on beside their inputs, and where they go."""
        study = {
            "models": self.models,
            "scoring": self.headline_scoring,
            "seed": self.study.seed,
            "looks": self.settings["figures"] | {"formats": self.formats},
            "compared": self.study.placebos.steps,
        }
        names = [figure.name for figure in figures]
        return {"figures": names, "folder": f"{self.results}/figures", "study": study} | extra

    def drawn_world(self, distribution: str) -> dict[str, Any]:
        """Return the drawn world for images of a distribution; only biased ones have a bias."""
        unbiased = {"bias": None} if distribution == PLAIN else {}
        return self.settings["world"] | unbiased

    @property
    def has_formulas(self) -> bool:
        """Whether images are drawn by a world that the calibration has formulas of."""
        study = self.study
        return study.images.source == "renderer" and facts_of(study.world.name).formulas

    @property
    def world(self) -> str:
        """The module that draws the study's world."""
        return module_of(self.study.world.name)

    @property
    def scored(self) -> dict[str, Any]:
        """The settings that scores depend on; `alpha` and `interest` mark them in tables."""
        marks = ("alpha", "interest")
        return {k: value for k, value in self.headline_scoring.items() if k not in marks}

    @property
    def headline_scoring(self) -> dict[str, Any]:
        """The section `scoring`, with the first output alone: that of the headline."""
        return self.settings["scoring"] | {"output": self.headline}

    @property
    def headline(self) -> Spelled:
        """The output of the study's headline, as it stands in the config."""
        return self.study.scoring.spelled()[0]

    @property
    def followed(self) -> list[str]:
        """What is followed, in words, the headline's output first."""
        return [parse_output(output).words for output in self.study.scoring.spelled()]

    @property
    def headlines(self) -> list[tuple[str, str]]:
        """What is followed, in words, each with the file of its headline table."""
        folders = ["scores", *(f"outputs/{name}" for name in self.further)]
        files = [f"{self.results}/{folder}/summary.csv" for folder in folders]
        return list(zip(self.followed, files, strict=True))

    @property
    def further(self) -> dict[str, Spelled]:
        """Folder → each further output, as it stands in the config."""
        return further_outputs(self.study.scoring.spelled())

    @property
    def reported(self) -> dict[str, Any]:
        """The settings that the report tells of."""
        study = self.study.model_dump(mode="json")
        told = {
            "properties": ("engine",),
            "models": ("family", "trained_on", "weights"),
        }
        sources = {name: model.source() for name, model in self.study.models.items()}
        for name, source in sources.items():
            study["models"][name]["weights"] = source
        return self.section() | {
            "scoring": study["scoring"],
            "placebos": study["placebos"],
            **{
                section: {
                    name: {key: settings.get(key) for key in keys}
                    for name, settings in study[section].items()
                }
                for section, keys in told.items()
            },
        }

    @property
    def run_options(self) -> dict[str, Any]:
        """How an editor is run, which nothing tracks."""
        return self.study.editing.run_options()

    @property
    def inexact(self) -> dict[str, Any]:
        """What of that frames do show."""
        return self.study.editing.inexact()

    def interventions(self, name: str, **extra: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return what changes the frames of a property or a set of placebos."""
        paths = self.paths[name]
        return self.section(
            property=dict(paths.settings),
            draws=list(paths.draws),
            edited=paths.edited,
            inexact=self.inexact if paths.edited else {},
            **extra,
        )

    def gathering(self, name: str) -> dict[str, Any]:
        """Return what the manifest of a property depends on.

        How many paths may fail decides whether there is one and changes nothing in it. So the
        limit is here only if the manifest that is there has more failures than it allows now.
        """
        limits = {}
        manifest = Path(f"{self.results}/interventions/{name}.json")
        most = self.study.editing.max_failed
        made = manifest.read_bytes() if manifest.is_file() else b""
        if self.paths[name].may_fail and made.count(b'"failed":') > most:
            limits = {"max_failed": most}
        return self.interventions(name, placebos=self.paths[name].placebos, **limits)

    def stopping(self) -> dict[str, Any]:
        """Return what decides how many placebos are made, where models do."""
        if not self.study.placebos.stop_after:
            return {}
        placebos = self.settings["placebos"]
        keys = ("statistic", "steps")
        return {"output": self.headline} | {key: placebos[key] for key in keys}

    # --- files ----------------------------------------------------------------------

    def files_of_images(self) -> Files:
        """Return the files an image source reads, so that a changed one selects again."""
        images = self.study.images
        if images.source == "renderer" or images.path is None:
            return []
        root = Path(images.path)
        if images.source == "folder":
            labels = images.labels
            return files_in_table(Path(labels), root) if labels else files_in_folder(root)
        if images.source == "dataset":
            return files_of_dataset(images.layout, root)
        return files_in_table(root, Path(images.root) if images.root else None)

    @property
    def modules_of_images(self) -> list[str]:
        """The modules that selection imports by name: a dataset's reader, those of models."""
        images = self.study.images
        found = [LAYOUTS[images.layout].module] if images.source == "dataset" else []
        if models := images.correctly_classified_by:
            found += ["zollstock.inference.classify", "zollstock.models.card"]
            found += self.modules_of_models(models)
        return found

    def content_of_checkpoint(self, name: str) -> str:
        """Return what the weights and configs of a property's editor hold, of a folder on disk.

        They are no inputs, since a rule may make the whole folder; one from a hub has a revision.
        """
        paths = self.paths[name]
        if paths.checkpoint is None or paths.fetched():
            return ""
        return content_of(files_of_checkpoint(paths.checkpoint))

    def model_files(self, names: Iterable[str]) -> Files:
        """Return weights and card of models, in turn."""
        return [
            f"{self.results}/models/{name}.{kind}"
            for name in names
            for kind in ("safetensors", "json")
        ]

    def files_of_model(self, model: str) -> Files:
        """Return the user's files that a model is imported from: weights, names of classes."""
        folder = self.folder_of_model(model)
        files = list(self._models[model].user_files().values())
        indices = [Path(file) for file in files if file.endswith(INDEX)]
        with suppress(ZollstockError):  # the job that reads it says what is wrong
            files += [str(shard) for index in indices for shard in shards_of(index)]
        if folder is None or self.fetched_model(model) or self.captioned.folder_of(model):
            return files
        return [*files, *files_of_pretrained(folder)]

    def folder_of_model(self, model: str) -> Path | None:
        """Return the folder of a model that is read from one."""
        source = self._models[model].checkpoint_source()
        if source is None:
            return self.captioned.folder_of(model)
        return folder_of(source.name, source.revision, Path(self.study.editing.checkpoints))

    def fetched_model(self, model: str) -> Files:
        """Return the note that a model's folder was fetched, where it comes from a hub."""
        source, folder = self._models[model].checkpoint_source(), self.folder_of_model(model)
        if source is None or folder is None or not is_hub_id(source.name):
            return []
        return [str(folder / FETCHED)]

    def read_model(self, model: str) -> dict[str, Any]:
        """Return what the job that reads a model is given."""
        folder = self.folder_of_model(model)
        found = {} if folder is None else {"folder": str(folder)}
        return self._models[model].job_settings() | found

    def model_environment(self, names: Iterable[str]) -> str:
        """Return the environment of jobs that read or run models."""
        found = {self._models[name].environment for name in names}
        return f"../envs/{'editors' if 'editors' in found else 'models'}.yaml"

    def modules_of_models(self, names: Iterable[str]) -> list[str]:
        """Return the modules that only the families of these models run."""
        return sorted({module for name in names for module in self._models[name].modules()})

    def own_code(self, model: str) -> Files:
        """Return the files of a user's own builder, and those it is told of, which are watched."""
        settings = self._models[model]
        builder = settings.own_module()
        if builder is None:
            return []
        code = map(str, files_of_own(builder, Path.cwd()))
        return list(dict.fromkeys([*code, *settings.own_files()]))

    @property
    def later(self) -> str:
        """What the note of placebos is marked by that are predicted after the edits, or "".

        Placebos that stop early depend on what models say of the edits; all others are predicted
        together with them.
        """
        return ".placebos" if self.placebo_sets and self.study.placebos.stop_after else ""

    def predicted_along(self, kind: str) -> list[str]:
        """Return the properties and sets of placebos that one job predicts."""
        if not self.later:
            return list(self.paths)
        return [name for name in self.paths if self.paths[name].placebos == bool(kind)]

    def predictions(self, names: Iterable[str], models: Iterable[str] | None = None) -> Files:
        """Return the Zarr groups of predictions, property by property."""
        models = self.models if models is None else list(models)
        return [
            f"{self.results}/predictions/{name}/{model}.zarr" for name in names for model in models
        ]

    def pictures(self, models: Iterable[str] | None = None, kind: str = "") -> Files:
        """Return the Zarr groups of what models say of the pictures themselves.

        They are predicted together with the edits.
        """
        return [] if kind else self.predictions([PICTURES], models)

    def predicted(self, *kinds: str, models: Iterable[str] | None = None) -> Files:
        """Return the notes that predictions are there: of edits, and of placebos with `later`."""
        models = self.models if models is None else models
        marks = sorted({"", *kinds})
        return [f"{self.results}/predictions/{m}{mark}.json" for m in models for mark in marks]

    def stores(self, names: Iterable[str]) -> Files:
        """Return the stores that manifests name, in results that were unpacked."""
        found = [Path(f"{self.results}/interventions/{name}.json") for name in names]
        unpacked = self.study.archive.unpacked
        return [str(store_of(file)) for file in found if unpacked and file.is_file()]

    def figure_files(self, name: str) -> Files:
        """Return a figure in every format, the PNG first."""
        return [f"{self.results}/figures/{name}.{kind}" for kind in self.formats]

    @cached_property
    def checkpoints(self) -> dict[str, Path]:
        """Name of a fetched checkpoint's folder → the folder."""
        folders = [paths.checkpoint for paths in self.paths.values() if paths.fetched()]
        folders += [self.folder_of_model(name) for name in self.read if self.fetched_model(name)]
        drawing = self.segmenters
        folders += [drawing.folder(name) for name in drawing.masks if drawing.fetched(name)]
        return {folder.name: folder for folder in folders if folder is not None}

    def checkpoint_source(self, folder: str) -> dict[str, str | None]:
        """Return the id, revision and kind of the checkpoint that belongs into a folder."""
        at = self.checkpoints[folder]
        editors = [paths.weights for paths in self.paths.values() if paths.checkpoint == at]
        models = [
            self._models[name].checkpoint_source()
            for name in self.read
            if self.folder_of_model(name) == at
        ]
        models += [
            one.checkpoint()
            for name, one in self.segmenters.masks.items()
            if self.segmenters.folder(name) == at
        ]
        weights = next(found for found in [*editors, *models] if found is not None)
        kind = "editor" if editors else "model"
        return {"checkpoint": weights.name, "revision": weights.revision, "kind": kind}

    @cached_property
    def examined_editors(self) -> dict[str, Path]:
        """The study's small editors that went through the gate: name → folder."""
        folders: dict[Path, tuple[str, Path]] = {}
        for paths in self.paths.values():
            folder = paths.checkpoint
            if folder is None or paths.weights is None:
                continue
            if all((folder / name).is_file() for name in ("gate.json", "editor.json")):
                folders.setdefault(folder.resolve(), (paths.weights.name, folder))
        # A name is part of a file's name.
        return {re.sub(r"[^\w.-]+", "-", name).strip("-"): at for name, at in folders.values()}

    # --- which is compared with which --------------------------------------------

    @property
    def placebos_of(self) -> dict[str, str]:
        """The set of placebos that a property is compared with; some have none."""
        return {prop: name for name in self.placebo_sets for prop in self.paths[name].stands_for}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Exact properties beside edited ones that the same meter measures."""
        props = self.study.properties
        return [
            (exact, edited)
            for exact in self.properties
            if props[exact].exact and props[exact].meter is not None
            for edited in self.properties
            if props[edited].edited
            and all(
                getattr(props[edited], key) == getattr(props[exact], key)
                for key in ("meter", "mask", "clip")
            )
        ]

    def axes_of_grid(self, name: str) -> list[str]:
        """Return the two properties of a grid, the first one first."""
        return list(self.study.properties[name].along())

    def title_of(self, name: str) -> str:
        """Return a property's name in figures."""
        return self.study.properties[name].title or name

    def drawn_axis(self, name: str) -> dict[str, Any]:
        """Return what figures say of a property's axis beside its name."""
        return self.turned_axis(name) | {
            "mask": None if self.study.archive.unpacked else self.paths[name].shown_mask(),
        }

    def turned_axis(self, name: str) -> dict[str, Any]:
        """Return its title, unit and period."""
        prop = self.study.properties[name]
        return {"title": self.title_of(name), "unit": prop.unit, "period": prop.period}

    def drawn_masks(self, name: str) -> Files:
        """Return the folders of a property's masks that a model draws."""
        return [f"{self.results}/masks/{drawn}" for drawn in self.paths[name].segmented]

    def shown_masks(self, name: str) -> Files:
        """Return the masks that figures outline, as inputs, and the pictures they belong to."""
        if self.study.archive.unpacked or not self.paths[name].shown_mask():
            return []
        drawn = self.drawn_masks(name)
        return [*listed(self.paths[name].masks()), *drawn, f"{self.results}/images/pixels"]

    @property
    def periods(self) -> dict[str, float]:
        """Property whose axis closes on itself → its period."""
        props = self.study.properties.items()
        return {name: prop.period for name, prop in props if prop.period is not None}

    # --- what a job needs ------------------------------------------------------------

    def environment(self, name: str) -> str:
        """Return the environment of jobs that make the frames of a property."""
        return f"../envs/{self.paths[name].environment}.yaml"

    def metering_environment(self, name: str) -> str:
        """Return the environment of the job that measures them."""
        return f"../envs/{'editors' if self.paths[name].clip else 'interventions'}.yaml"

    def memory_of_editor(self, name: str, attempt: int) -> int:
        """Return megabytes for a job that may run an editor; docs/hpc.md has the formula."""
        paths, loaded = self.paths[name], 0.0
        if paths.weights is not None and paths.checkpoint is not None:
            numbers = parameters_in(paths.checkpoint) or paths.weights.parameters
            loaded = numbers * _BYTES[self.study.editing.dtype] / 1e6
        return math.ceil((3000 + 1.25 * loaded) * attempt)

    def gpu_of_editor(self, name: str) -> int:
        """Return GPUs for a job that may run an editor."""
        return gpus(self.study.editing.device) if self.paths[name].edited else 0

    def slots_of_editor(self, name: str) -> int:
        """Return slots of this machine's GPUs: an editor has one for itself."""
        return GPU_SLOTS * self.gpu_of_editor(name)

    def weights(self, model: str) -> float:
        """Return megabytes of a model's weights, as far as they are there."""
        kept = f"{self.results}/models/{model}.safetensors"
        folder = self.folder_of_model(model)
        parts = files_of_checkpoint(folder) if folder and folder.is_dir() else []
        # What lies in several files is loaded whole.
        given = sum(map(weights_of, {*self.files_of_model(model), *parts}))
        return max(given, weights_of(kept))

    def memory_of_inference(self, model: str, attempt: int) -> int:
        """Return megabytes for a job that runs a model."""
        return memory_of_models([self.weights(model)], RUN, attempt)

    def memory_of_import(self, model: str, attempt: int) -> int:
        """Return megabytes for a job that reads a model and writes it again."""
        return memory_of_models([self.weights(model)], IMPORT, attempt)

    def memory_of_selection(self, attempt: int) -> int:
        """Return megabytes for a job that runs the models that have a say in what is selected."""
        models = self.study.images.correctly_classified_by
        return memory_of_models(map(self.weights, models), RUN, attempt)

    @property
    def gpu_of_selection(self) -> int:
        """GPUs for that job, and slots of one."""
        return gpus(self.study.inference.device) if self.study.images.correctly_classified_by else 0

    def memory_of_trial(self, attempt: int) -> int:
        """Return megabytes for a job that runs every model, one after the other."""
        largest = max(map(self.weights, self.models), default=0.0)
        return memory_of_models([largest], RUN, attempt)

    @property
    def slots_of_trial(self) -> int:
        """Slots of this machine's GPUs for that job."""
        slots = (slots_of_model(self.weights(name)) for name in self.models)
        return gpus(self.study.inference.device) * max(slots, default=1)

    @property
    def frame_sizes(self) -> list[Any]:
        """Sizes of frames that are known before there are any, each once.

        Height and width, one number for both, or None for the size that the images have in common.
        """
        found: list[Any] = []
        for name, prop in self.study.properties.items():
            size = self.paths[name].settings.get("size") if prop.frames_like_images else ()
            if size != () and size not in found:
                found.append(size)
        return found

    def slots_of_inference(self, model: str) -> int:
        """Return slots of this machine's GPUs for a job that runs a model."""
        return gpus(self.study.inference.device) * slots_of_model(self.weights(model))

    def lib_of(self, name: str, script: str) -> Files:
        """Return the library files of a script that makes the frames of a property."""
        paths = self.paths[name]
        stops = paths.placebos and self.study.placebos.stop_after is not None
        models = self.modules_of_models(self.models if stops else paths.watched)
        return lib(script, *paths.modules, *models)


@cache
def lib(script: str, *modules: str, without: tuple[str, ...] = ()) -> Files:
    """Return a script and the library files it runs, for `input: lib=`.

    A change of one's content reruns the rule (see `compare_contents`); their times say nothing.
    Modules that are imported by name at run time (engines, worlds) are named by the caller, and
    so are those that the script imports in other studies only (`without`).
    """
    path = ROOT / "workflow/scripts" / script
    files = [path, *library_files(path, *modules, without=without)]
    return [ancient(str(file)) for file in files]


def gpus(device: str) -> int:
    """Return how many GPUs a job asks a scheduler for; profiles/default counts slots of them."""
    return int(device == "cuda" or (device == "auto" and shutil.which("nvidia-smi") is not None))


def one_of(names: Iterable[str]) -> str:
    """Return a wildcard constraint that matches these names only, or nothing without any."""
    return "|".join(re.escape(name) for name in names) or "(?!)"
