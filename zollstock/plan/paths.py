"""What the workflow must know of each set of paths: a property's, or placebos'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zollstock.engines.diffusion.places import FETCHED, SHIPPED, folder_of, is_hub_id
from zollstock.engines.registry import MODULES
from zollstock.folders import files_below
from zollstock.plan.contents import content_of
from zollstock.plan.files import (
    files_of_command,
    files_of_pictures,
    files_of_pretrained,
    files_of_series,
    state,
)
from zollstock.plan.placebos import placebo_sets
from zollstock.settings import Study
from zollstock.settings.masks import SegmentedMask, place_of_masks
from zollstock.settings.traits import Checkpoint, PropertyTraits, UserFiles
from zollstock.worlds import module_of

# What jobs import by name: how an editor is run, what adaptive paths look at, when placebos of an
# image are enough.
_EDITING, _WATCHING, _STOPPING = (
    f"zollstock.jobs.{name}" for name in ("editing", "watching", "stopping")
)

PATH_ENVIRONMENTS = ("interventions", "editors")
"""The environments that jobs of a property may need: without and with an editor."""

MODEL_ENVIRONMENTS = ("models", "editors")
"""The environments that jobs which run models may need: without and with transformers."""


@dataclass(frozen=True)
class PlannedPaths:
    """The paths of one property, or of one set of placebos.

    Attributes
    ----------
    name
        Of the property or set: the wildcard `property`.
    settings
        What changes the frames.
    draws
        Numbers of the paths of an image.
    environment
        Name of the file in envs/ that its jobs need.
    modules
        What the jobs that make its frames import by name.
    edited
        Whether an image editor makes the frames.
    may_fail
        Whether failed paths are counted against `editing.max_failed`.
    user_files
        The user's files that frames are made from.
    weights, checkpoint
        The editor's weights and their folder; None without an editor.
    watched
        Models that adaptive paths look at.
    stands_for
        Of placebos: the properties that are compared with them.
    meter
        How the frames are measured (`MeterSettings`), and whether the property is a placebo.
    mask
        Where its masks lie, if it has any.
    segmented
        Names of the masks that a model draws.
    clip
        Whether measuring runs CLIP.
    """

    name: str
    settings: Mapping[str, Any]
    draws: Sequence[int]
    environment: str
    modules: Sequence[str]
    edited: bool
    may_fail: bool
    user_files: UserFiles
    weights: Checkpoint | None
    checkpoint: Path | None
    watched: Sequence[str] = ()
    stands_for: Sequence[str] = ()
    meter: Mapping[str, Any] = field(default_factory=dict)
    mask: str | None = None
    segmented: Sequence[str] = ()
    clip: bool = False

    @property
    def placebos(self) -> bool:
        """Whether these are placebos, not a property's paths."""
        return bool(self.stands_for)

    def files(self) -> Sequence[str]:
        """Return the user's files that frames are made from, as they are now.

        The plan alone lists them, and notes their state for the rules that follow it: 100,000
        inputs cost Snakemake some seven seconds in each rule that has them.
        """
        if self.user_files.command is not None:
            return files_of_command(self.user_files.command)
        if self.checkpoint is not None and self._is_own(self.checkpoint):
            return files_below(self.checkpoint)
        series = self.user_files.series
        named = self.user_files.pictures.values()
        pictures = tuple(file for each in named for file in files_of_pictures(each))
        if series is None:
            return pictures
        return *files_of_series(series.replace("{draw}", "{image}")), *pictures

    def _is_own(self, checkpoint: Path) -> bool:
        """Return whether a checkpoint is a folder of the user's: neither fetched nor shipped."""
        return self.fetched() is None and SHIPPED not in checkpoint.parents

    def masks(self) -> Sequence[str]:
        """Return the files of the user's masks, as they are now."""
        return files_of_pictures(self.mask) if self.mask and not self.segmented else ()

    def state_of_meter(self) -> str:
        """Return what cannot be an input of measuring: some masks, and the folder of a CLIP."""
        found = state(self.masks())
        clip = self.meter["meter"].get("clip") if self.clip else None
        return found + (content_of(files_of_pretrained(Path(clip["model"]))) if clip else "")

    def shown_mask(self) -> dict[str, Any] | None:
        """Return where the mask lies that figures outline, and how it gets to the frames' size."""
        word = str(self.mask).startswith("middle")
        if not (word or self.segmented or self.masks()):
            return None
        return {"place": self.mask, "fit": self.meter["fit"]}

    def fetched(self) -> str | None:
        """Return the note that the checkpoint was fetched, where it comes from a hub."""
        if self.weights is None or self.checkpoint is None or not is_hub_id(self.weights.name):
            return None
        return str(self.checkpoint / FETCHED)


def planned_paths(study: Study) -> dict[str, PlannedPaths]:
    """Return all sets of paths of a study: its properties' in their order, then placebos'."""
    around = study.surroundings()
    root = Path(study.editing.checkpoints)
    found = {}
    for name, prop in study.properties.items():
        weights = prop.weights()
        settings = prop.frame_settings(around)
        found[name] = PlannedPaths(
            name=name,
            settings=settings,
            draws=range(prop.draws()),
            environment=prop.environment,
            modules=[
                *_engines(settings),
                *([_EDITING] if prop.edited else []),
                *([_WATCHING] if prop.watched() else []),
            ],
            edited=prop.edited,
            may_fail=prop.may_fail,
            user_files=_user_files(prop, study),
            weights=weights,
            checkpoint=folder_of(weights.name, weights.revision, root) if weights else None,
            watched=prop.watched(),
            meter={
                "meter": prop.meter_settings(around.masks),
                "placebo": prop.placebo,
                "known": prop.known,
                "fit": prop.fits(),
                "outside": prop.outside_mask(),
                "closed": prop.period is not None,
            },
            mask=place_of_masks(prop.mask, around.masks),
            segmented=_segmented(prop, study),
            clip=prop.needs_clip(),
        )
    for name, made in placebo_sets(study).items():
        found[name] = _placebos(name, made["settings"], made["properties"], study, found)
    return found


def _placebos(
    name: str,
    settings: Mapping[str, Any],
    properties: Sequence[str],
    study: Study,
    planned: Mapping[str, PlannedPaths],
) -> PlannedPaths:
    first = planned[properties[0]]
    edited = "editor" in settings
    stopping = study.placebos.stop_after is not None
    return PlannedPaths(
        name=name,
        settings=settings,
        draws=range(1, study.placebos.number + 1),
        # To stop early they look at models.
        environment="editors" if edited or stopping else "interventions",
        modules=[
            *_engines(settings),
            *([_EDITING] if edited else []),
            *([_STOPPING] if stopping else []),
        ],
        edited=edited,
        # One that cannot be made is missing from the test, and no more.
        may_fail=False,
        user_files=UserFiles(series=settings.get("path")),
        weights=first.weights if edited else None,
        checkpoint=first.checkpoint if edited else None,
        stands_for=properties,
        # They are not measured.
        meter={"meter": type(study.properties[properties[0]]).no_meter(), "placebo": True},
    )


def _parts(prop: PropertyTraits, study: Study) -> list[Any]:
    """Return a property, or of a grid its two."""
    return [study.properties[name] for name in prop.along()] or [prop]


def _user_files(prop: PropertyTraits, study: Study) -> UserFiles:
    """Return the user's files that frames are made from, of a grid those of both properties."""
    one, *other = [part.user_files() for part in _parts(prop, study)]
    pictures = {f"second {key}": file for part in other for key, file in part.pictures.items()}
    return one._replace(pictures={**one.pictures, **pictures})


def _segmented(prop: PropertyTraits, study: Study) -> list[str]:
    """Return the names of the masks that a model draws for a property."""
    asked = [part.mask for part in _parts(prop, study)]
    return sorted({mask.name() for mask in asked if isinstance(mask, SegmentedMask)})


def _engines(settings: Mapping[str, Any]) -> list[str]:
    """Return the modules of the engine that settings name, of those inside it, and the world's."""
    inner = [settings[key] for key in ("editor", "first", "second") if key in settings]
    found = [MODULES[settings["engine"]], *(name for part in inner for name in _engines(part))]
    found += [module_of(settings["world"])] if "world" in settings else []
    return list(dict.fromkeys(found))
