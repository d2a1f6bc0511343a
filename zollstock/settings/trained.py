"""Settings of models that can be trained here."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, PrivateAttr, model_validator

from zollstock.errors import ZollstockError
from zollstock.settings.data_traits import DataTraits
from zollstock.settings.model_traits import ModelTraits
from zollstock.settings.series import SeriesTraits
from zollstock.settings.training import (
    ModelTraining,
    RendererData,
    TrainingSettings,
    recipe_of,
)


class TrainableModel(ModelTraits):
    """What families have that build a module, which can be trained from nothing."""

    ready: ClassVar[bool] = False
    """Whether weights come from the builder or a hub where no file and no training is named."""

    _world: str = PrivateAttr("pets")

    trained_on: str | None = Field(
        None,
        description="Train here on this distribution of the drawn world: short for `training: "
        "{data: {source: renderer, distribution: …}}`.",
    )
    training: ModelTraining | None = Field(
        None, description="Train here: on what, and how where that is not as in `training`."
    )

    checkpoints: str | None = Field(
        None,
        min_length=1,
        description="Makes a series of the checkpoints of one training, which `snakemake dynamics` "
        "follows: `every epoch` or `every N epochs` of a training here, or a pattern of files like "
        "`runs/*/epoch_*.pth`, in natural order. The last one is the model of all other stages.",
    )

    @model_validator(mode="before")
    @classmethod
    def _classes_are_those_of_the_data(cls, value: Any) -> Any:  # noqa: ANN401
        """Leave the names to what a model is trained on, where the user gives none."""
        training = value.get("training") if isinstance(value, Mapping) else None
        given = isinstance(training, Mapping) and training.get("data")
        if (given or _trained_on(value)) and "classes" not in value:
            return {**value, "classes": None}
        return value

    def belongs_to(self, world: str) -> None:
        """Take note of the study's drawn world."""
        self._world = world

    def learns_from(self) -> DataTraits | None:
        """Return what it is trained on here."""
        if self.training is not None and self.training.data is not None:
            return self.training.data
        return RendererData(distribution=self.trained_on) if self.trained_on else None

    def starts_from(self) -> str | None:
        """Return the model whose weights its training begins with."""
        return None if self.training is None else self.training.start_from

    def recipe(self, defaults: TrainingSettings) -> dict[str, Any]:
        """Return how it is trained."""
        data = self.learns_from()
        return {} if data is None else recipe_of(self.training, data, defaults)

    def known_classes(self) -> list[str] | None:
        """Return its class names; without any, the labels of what it is trained on."""
        if getattr(self, "classes", None) is not None:
            return super().known_classes()
        return (self.learns_from() or RendererData()).class_names(self._world) or None

    def series(self) -> SeriesTraits | None:
        """Return of which checkpoints it is the last one; None of a single model."""
        return None if self.checkpoints is None else SeriesTraits(self.checkpoints)

    def user_files(self) -> dict[str, str]:
        """Return the files that it is read from; of a series of the user's the last one."""
        series = self.series()
        last = {} if series is None or series.step is not None else {"checkpoints": series.last()}
        return super().user_files() | last

    def job_settings(self) -> dict[str, Any]:
        """Return what its job reads of it: nothing that says what it is trained on."""
        found = self.model_dump(exclude={"trained_on", "training", "checkpoints"})
        if "checkpoints" in (files := self.user_files()):
            found["weights"] = files["checkpoints"]
        return found | ({"classes": self.known_classes()} if found["classes"] is None else {})

    def check_training(self, where: str) -> None:
        """Check that it says once where its weights come from."""
        words = {
            "trained_on": self.trained_on,
            "training.data": self.training and self.training.data,
            **{key: self.user_files().get(key) for key in ("checkpoints", "weights")},
        }
        given = [key for key, value in words.items() if value]
        if len(given) > 1:
            keep = " and ".join(given[:-1])
            raise ZollstockError(
                where,
                f"has both {given[0]} and {given[1]}",
                "one of them",
                f"Remove {keep} to import the weights, or weights to train."
                if given[-1] in ("checkpoints", "weights")
                else "Remove one.",
            )
        series = self.series()
        if series is not None:
            series.check(f"{where}.checkpoints", self.learns_from() is not None)
        if self.training is not None and given in ([], ["weights"], ["checkpoints"]):
            raise ZollstockError(
                f"{where}.training.data",
                "is missing",
                "what the model is trained on",
                "Set it, or trained_on, or remove training.",
            )
        if not given and not self.ready:
            raise ZollstockError(
                f"{where}.weights",
                "is missing",
                "a file of weights, or what the model is trained on",
                "Set weights, or training.data.",
            )

    def check_files(self, where: str) -> None:
        """Check what it is trained on."""
        data = self.learns_from()
        if data is not None:
            data.check(where, self.known_classes() or [], self._world)


def _trained_on(value: Any) -> bool:  # noqa: ANN401
    """Return whether a model as it stands in the config is trained on the drawn world."""
    return isinstance(value, Mapping) and bool(value.get("trained_on"))
