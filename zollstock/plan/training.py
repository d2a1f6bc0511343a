"""What the plan knows of models that are trained here."""

import math
from collections.abc import Iterable
from typing import Any

from zollstock.settings import Study
from zollstock.settings.data_traits import DataTraits
from zollstock.settings.model_traits import ModelTraits

_BASE_MB = 3000
_SIDE = 64
"""Of frames whose size the settings leave open."""


class Training:
    """The models of a study that are trained here.

    Parameters
    ----------
    study
        The checked settings.

    Attributes
    ----------
    every
        The study's models, and those of the section `pretraining`, which others begin from.
    data
        Model → what it is trained on; of both.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._world = study.world.model_dump()
        self.every: dict[str, ModelTraits] = {**study.models, **study.pretraining}
        found = {name: model.learns_from() for name, model in self.every.items()}
        self.data: dict[str, DataTraits] = {
            name: data for name, data in found.items() if data is not None
        }

    def _model(self, name: str) -> ModelTraits:
        return self.every[name]

    def on_source(self, source: str) -> list[str]:
        """Return the study's models that are trained on pictures of a source."""
        of_study = [name for name in self.data if name in self._study.models]
        return [name for name in of_study if self.data[name].source == source]

    def start(self, name: str) -> str | None:
        """Return the model that a model's training begins from."""
        return self._model(name).starts_from()

    def distributions(self) -> list[str]:
        """Return the distribution of each model that is trained on the drawn world."""
        return [self.data[name].name() for name in self.on_source("renderer")]

    def recipe(self, name: str) -> dict[str, Any]:
        """Return how a model is trained."""
        return self._model(name).recipe(self._study.training)

    def job(self, name: str) -> dict[str, Any]:
        """Return what the job that trains a model is given: all that its weights depend on."""
        series = self._model(name).series()
        return {
            "model": self._model(name).job_settings(),
            "data": self.data[name].read(self._study.training, self._world),
            "training": self.recipe(name),
        } | ({"every": series.step} if series is not None else {})

    def tested(self) -> dict[str, dict[str, Any]]:
        """Return model → what its accuracy is measured on."""
        defaults, world = self._study.training, self._world
        return {name: data.tested(defaults, world) for name, data in self.data.items()}

    def files(self, names: Iterable[str]) -> list[str]:
        """Return the user's files that models are trained on."""
        return sorted({file for name in names for file in self.data[name].files()})

    def modules(self, names: Iterable[str]) -> list[str]:
        """Return the modules that only these models' data need."""
        world = self._study.world.name
        return sorted({module for name in names for module in self.data[name].modules(world)})

    def memory(self, names: Iterable[str]) -> int:
        """Return megabytes for a job that holds the pictures of one of these models."""
        return max((self._memory(name) for name in names), default=_BASE_MB)

    def _memory(self, name: str) -> int:
        size = self._model(name).model_dump().get("preprocessing", {}).get("size")
        drawn = self._study.world.size if self.data[name].source == "renderer" else _SIDE
        height, width = size if isinstance(size, list) else [size or drawn] * 2
        pictures = self.data[name].count(self._study.training) * height * width * 3 / 1e6
        # They are listed and then joined: twice.
        return max(_BASE_MB, math.ceil(2000 + 2 * pictures))
