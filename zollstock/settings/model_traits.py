"""What the workflow's plan asks of a model, whatever its family.

Each family's settings class answers these; the rules and the plan never ask which family it is.
"""

import os
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from zollstock.models.names import SHIPPED, class_names, unique
from zollstock.settings.base import Section
from zollstock.settings.captions import CaptionTraining
from zollstock.settings.data_traits import DataTraits
from zollstock.settings.series import SeriesTraits
from zollstock.settings.training import TrainingSettings
from zollstock.settings.traits import Checkpoint


def _two_or_more(value: list[str]) -> list[str]:
    if len(value) < 2:
        raise ValueError(
            "two names or more; of a model of one output first what it denies, then what it "
            "affirms, e.g. [no_dog, dog]"
        )
    if not all(name.strip() for name in value):
        raise ValueError("names, none of them blank")
    return value


ClassNames = Annotated[
    list[str], AfterValidator(_two_or_more), Field(json_schema_extra={"minItems": 2})
]
"""Names in the order of the outputs."""

FileOrList = Annotated[str, Field(min_length=1)]
"""`imagenet`, or a file of names."""

CLASSES = (
    "Class names in the order of the outputs: a list; `imagenet`; or a file, with a name a line, "
    "or JSON with a list or index: name."
)

CLASSES_OR_LABELS = f"{CLASSES} Beside `training.data` by default its labels."


KEY = "Which weights of the file to take, where it holds several that fit, e.g. `model_ema`."

Outputs = Literal["logits", "probabilities", "sigmoid"]
OUTPUTS = (
    "What the model returns; null finds out logits and probabilities. `sigmoid`: several classes "
    "may be true, and each has a probability of its own."
)


class ModelTraits(Section):
    """The answers of a family that needs nothing special."""

    environment: ClassVar[str] = "models"
    """Name of the file in envs/ that its jobs need."""

    gradients: ClassVar[bool] = True
    """Whether torch can differentiate it, as gradient attributions need."""

    family: str

    def modules(self) -> tuple[str, ...]:
        """Return the library's modules that only this family runs."""
        return (f"zollstock.models.families.{self.family}",)

    def own_module(self) -> str | None:
        """Return the user's module that builds it."""
        return None

    def own_files(self) -> list[str]:
        """Return the files that the user's builder is told of, as they are there."""
        return []

    def belongs_to(self, world: str) -> None:
        """Take note of the study's drawn world, where anything depends on it."""

    def learns_from(self) -> DataTraits | None:
        """Return what it is trained on here; None of one that comes with its weights."""
        return None

    def learns_captions(self) -> CaptionTraining | None:
        """Return on what captions its checkpoint is trained here."""
        return None

    def starts_from(self) -> str | None:
        """Return the model of the study whose weights its training begins with."""
        return None

    def series(self) -> SeriesTraits | None:
        """Return of which checkpoints of a training it is the last one."""
        return None

    def recipe(self, defaults: TrainingSettings) -> dict[str, Any]:
        """Return how it is trained here."""
        return {}

    def check_training(self, where: str) -> None:
        """Check that it says once where its weights come from.

        Raises
        ------
        ZollstockError
            Naming what is wrong below `where`.
        """

    def user_files(self) -> dict[str, str]:
        """Return the files that it is read from: key of the settings → path."""
        files = {"weights": getattr(self, "weights", None)}
        classes = getattr(self, "classes", None)
        if isinstance(classes, str) and classes not in SHIPPED:
            files["classes"] = classes
        return {key: file for key, file in files.items() if file}

    def check_files(self, where: str) -> None:
        """Check what is no file of the user's but must be there as well.

        Raises
        ------
        ZollstockError
            Naming what is missing below `where`, and how to get it.
        """

    def checkpoint_source(self) -> Checkpoint | None:
        """Return the folder or hub's id that it is read from; None of single files."""
        return None

    def source(self) -> str | None:
        """Return where it comes from, in a word or two."""
        data = self.learns_from()
        return getattr(self, "weights", None) or (None if data is None else data.name())

    def known_classes(self) -> list[str] | None:
        """Return its class names, each once; None where they are not at hand.

        Raises
        ------
        ZollstockError
            If a file of names holds none.
        """
        given = getattr(self, "classes", None)
        file = self.user_files().get("classes")
        if given is None or (file is not None and not os.path.isfile(file)):  # noqa: PTH113
            return None  # `isfile` says no to what is too long for a name
        return unique(class_names(given))

    def job_settings(self) -> dict[str, Any]:
        """Return what the job that reads it is given."""
        return self.model_dump()
