"""What the plan knows of the stage `repair`."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zollstock.engines.registry import MODULES
from zollstock.errors import ZollstockError
from zollstock.plan.training import Training
from zollstock.settings import Study
from zollstock.settings.model_traits import ModelTraits
from zollstock.settings.placebos import OPERATIONS
from zollstock.settings.repair.checks import repaired_models
from zollstock.settings.repair.methods import MethodTraits, modules_of_methods
from zollstock.settings.repair.section import RepairSettings
from zollstock.settings.traits import PropertyTraits
from zollstock.worlds import facts_of, module_of


@dataclass(frozen=True)
class RepairedModel:
    """A repaired model.

    Attributes
    ----------
    base
        The model it was.
    method
        The method's name in the study.
    replicate
        Which repair of these it is, from 1.
    """

    base: str
    method: str
    replicate: int

    @property
    def name(self) -> str:
        """What it is called: no model of a study has a dot in its name."""
        return f"{self.base}.{self.method}.{self.replicate}"


class Repairing:
    """The stage `repair` of a study.

    Parameters
    ----------
    study
        The checked settings.
    training
        What is known of models that are trained here.

    Attributes
    ----------
    asked
        Whether the study has the section; without it the stage does not know against what.
    models
        The models that are repaired.
    repaired
        Name → each repaired model.
    """

    def __init__(self, study: Study, training: Training) -> None:
        self.asked = study.repair is not None and not study.archive.unpacked
        self._study, self._training = study, training
        section = study.repair if self.asked else None
        self.models = repaired_models(section, study.models) if section else []
        made = [
            RepairedModel(base, method, number + 1)
            for base in self.models
            for method in (section.methods if section else ())
            for number in range(section.seeds if section else 0)
        ]
        self.repaired = {one.name: one for one in made}

    def base_of(self, model: str) -> str:
        """Return the model that a repaired one was; any other is its own."""
        return self.repaired[model].base if model in self.repaired else model

    @property
    def mapped(self) -> list[str]:
        """Return the repaired models that `locate` takes maps of: of each method the first."""
        return self._first("maps") if self._study.locate is not None else []

    @property
    def traced(self) -> list[str]:
        """Return the repaired models that `trace` looks into: of each method the first."""
        return self._first("circuits") if self._study.trace is not None else []

    def mapped_along(self, properties: Sequence[str]) -> list[str]:
        """Return the properties along which maps are compared, of those that `locate` looks at."""
        return [name for name in self.against if name in properties]

    def before_and_after(self, repaired: Sequence[str]) -> list[str]:
        """Return repaired models behind those they were, each once."""
        return list(dict.fromkeys([*(self.repaired[name].base for name in repaired), *repaired]))

    @property
    def absent(self) -> set[str]:
        """Names of inputs of figures that the stage does not make with these settings."""
        absent = set() if self.mapped else {"mapped"}
        return absent if self.traced else absent | {"repaired_units", "circuits"}

    def _first(self, wanted: str) -> list[str]:
        if not self.asked or not getattr(self.settings, wanted):
            return []
        return [name for name, one in self.repaired.items() if one.replicate == 1]

    @property
    def settings(self) -> RepairSettings:
        """The section.

        Raises
        ------
        ZollstockError
            If the study has none.
        """
        if self._study.repair is None:
            raise ZollstockError(
                "repair",
                "is no section of this study's config",
                "at least repair.against: the properties that should matter no longer",
                "Add it; docs/repair.md has an example.",
            )
        return self._study.repair

    def model_settings(self) -> dict[str, ModelTraits]:
        """Return what a repaired model is read with: what its own is."""
        return {name: self._study.models[one.base] for name, one in self.repaired.items()}

    def job(self, name: str) -> dict[str, Any]:
        """Return what the job of a repaired model depends on beside its inputs."""
        section, study, one = self.settings, self._study, self.repaired[name]
        data, method = self._training.data[one.base], section.methods[one.method]
        around, world = study.surroundings(), study.world.model_dump()
        properties = {key: study.properties[key] for key in self.penalised[name]}
        training = section.training.model_dump()
        if training["mirror"] is None:
            training["mirror"] = data.mirrors()
        return {
            "facts": self.facts([name])[name],
            "data": data.others(section.images + section.held_out, study.training, world),
            "against": {
                key: prop.with_fewer(section.frames, around) for key, prop in properties.items()
            },
            "placebos": self._placebos(properties),
            "statistic": study.placebos.statistic,
            "latents": self._latents(properties),
            "world": study.world.name,
            "needs": sorted(method.asks_for()),
            "wanted": self._wanted(method),
            "candidates": method.candidates(),
            "training": training,
            **{key: getattr(section, key) for key in ("images", "paths", "frames", "tolerance")},
            "validation": section.held_out,
            "compared": section.placebos,
        }

    def _placebos(self, properties: Mapping[str, PropertyTraits]) -> dict[str, dict[str, Any]]:
        """Return property → the engine of its placebos, where it needs no file of an image's."""
        if not self.settings.placebos:
            return {}
        made, around = {}, self._study.surroundings()
        # What cannot be a nuisance is none: a property of it must not train models again.
        nuisances = {*OPERATIONS, *facts_of(self._study.world.name).nuisances}
        for name, prop in properties.items():
            settings = prop.placebo_settings(around)
            if settings is not None and "path" not in settings:
                tested = [key for key in settings["tested"] if key in nuisances]
                # They have as many frames as the paths they stand beside.
                made[name] = {**settings, "tested": tested, "steps": self.settings.frames}
        return made

    def _wanted(self, method: MethodTraits) -> dict[str, Any] | None:
        """Return where a model may look; a drawn one's masks are those of the study's world."""
        looks = method.looks()
        if looks is None:
            return None
        world = self._study.world
        told = {"world": {"name": world.name, "size": world.size}}
        return looks.model_dump() | (told if looks.source == "drawn" else {})

    def modules(self, name: str) -> list[str]:
        """Return modules that this job finds by name: the method's, engines, and the data's."""
        section, one = self.settings, self.repaired[name]
        properties = {key: self._study.properties[key] for key in self.penalised[name]}
        engines = {str(prop.model_dump()["engine"]) for prop in properties.values()}
        engines |= {settings["engine"] for settings in self._placebos(properties).values()}
        return [
            *modules_of_methods([section.methods[one.method]]),
            *sorted(MODULES[engine] for engine in engines),
            *self._training.modules([one.base]),
            module_of(self._study.world.name),
        ]

    def tested(self) -> dict[str, dict[str, Any]]:
        """Return model → what its accuracy is measured on, of the study's and of repaired ones."""
        defaults = self._study.training
        if self.asked and self.settings.test_images:
            defaults = defaults.model_copy(update={"test_images": self.settings.test_images})
        world = self._study.world.model_dump()
        own = {name: data.tested(defaults, world) for name, data in self._training.data.items()}
        return own | {name: own[one.base] for name, one in self.repaired.items()}

    @property
    def against(self) -> list[str]:
        """Return the properties that should matter no longer; none without the section."""
        return self.settings.against if self.asked else []

    @property
    def penalised(self) -> dict[str, list[str]]:
        """Return repaired model → the properties that it was trained against."""
        methods = self.settings.methods if self.asked else {}
        return {
            name: list(methods[one.method].against or self.against)
            for name, one in self.repaired.items()
        }

    @property
    def latents(self) -> list[str]:
        """Return the latents by which images are grouped: of drawn properties."""
        return self._latents(self.against)

    def _latents(self, names: Iterable[str]) -> list[str]:
        properties = [self._study.properties[name] for name in names]
        return [str(prop.varies()) for prop in properties if prop.exact]

    def files(self, name: str) -> list[str]:
        """Return the user's files that a model was trained on, and that say where it may look."""
        looks = self.settings.methods[self.repaired[name].method].looks()
        return sorted({*self.training_files(name), *(looks.files() if looks else ())})

    def training_files(self, name: str) -> list[str]:
        """Return the user's files that a model was trained on."""
        return self._training.files([self.repaired[name].base])

    @property
    def explained(self) -> list[str]:
        """Return the repaired models whose method explains: their maps can be painted on."""
        methods = self.settings.methods if self.asked else {}
        return [name for name, one in self.repaired.items() if methods[one.method].looks()]

    def job_of_maps(self, name: str) -> dict[str, Any]:
        """Return what the job that writes maps to paint on depends on beside its inputs."""
        return self.job(name) | {"wanted": None, "to_paint": self.settings.to_paint}

    def check_asked(self) -> None:
        """Raise a `ZollstockError` if the stage is asked for without its section."""
        assert self.settings

    def drawn(self) -> list[str]:
        """Return the properties whose scores are drawn: those that are repaired against first."""
        series = [name for name, prop in self._study.properties.items() if not prop.grid]
        keep = (self.settings.keep if self.asked else None) or series
        return list(dict.fromkeys([*self.against, *keep]))

    def facts(self, names: Iterable[str] | None = None) -> Mapping[str, Mapping[str, Any]]:
        """Return repaired model, all or those named → the one it was, its method, which it is."""
        some = self.repaired if names is None else names
        return {
            name: {"base": one.base, "method": one.method, "seed": one.replicate}
            for name, one in ((name, self.repaired[name]) for name in some)
        }

    def memory_of_test(self) -> int:
        """Return megabytes for the job that tests: it holds the pictures of a split."""
        count = (self.settings.test_images if self.asked else None) or 0
        count = max(count, self._study.training.test_images)
        return 2500 + math.ceil(4 * count * max(self._study.world.size, 64) ** 2 * 3 / 1e6)

    def memory(self, name: str) -> int:
        """Return megabytes for the job that repairs: it holds pictures, and frames of some."""
        section, side = self.settings, self._study.world.size
        held = section.images + (section.paths + section.held_out) * section.frames * len(
            self.penalised[name]
        )
        # Frames are made, brought to the model's size and joined.
        found = 2500 + 4 * held * max(side, 64) ** 2 * 3 / 1e6
        return max(math.ceil(found), self._training.memory([self.repaired[name].base]))
