"""What the plan asks of what a model is trained on, whatever its source."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from zollstock.errors import ZollstockError
from zollstock.settings.base import Section

if TYPE_CHECKING:
    from zollstock.settings.training import TrainingSettings


class DataTraits(Section):
    """What the plan asks of what a model is trained on, whatever its source."""

    drawn: ClassVar[bool] = False
    """Whether its pictures have latents, so that properties can be set in them."""

    source: str

    def modules(self, world: str) -> tuple[str, ...]:
        """Return the library's modules that only this source runs, in a study of this world."""
        return (f"zollstock.models.data.{self.source}",)

    def name(self) -> str:
        """Return what it is, in a word or two."""
        return self.source

    def mirrors(self) -> bool:
        """Return whether a picture's mirror image is of the same class."""
        return True

    def class_names(self, world: str) -> list[str]:
        """Return the labels in their usual order; none where they are not at hand.

        `world` is the study's drawn one.
        """
        return []

    def count(self, defaults: "TrainingSettings") -> int:
        """Return how many pictures there are to train on, about."""
        return defaults.images

    def place(self) -> str | None:
        """Return the user's folder, if it is read from one."""
        return None

    def files(self) -> list[str]:
        """Return the user's files that are watched."""
        return []

    def read(self, defaults: "TrainingSettings", world: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the job that trains is given, and nothing that changes no weight."""
        return self.model_dump()

    def tested(self, defaults: "TrainingSettings", world: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the job that measures accuracy is given."""
        return self.model_dump()

    def others(
        self, count: int, defaults: "TrainingSettings", world: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what is read for so many pictures more, or for those that there are."""
        return self.read(defaults, world)

    def check(self, where: str, classes: Sequence[str], world: str) -> None:
        """Check what is there against a model's classes, as far as a look at names tells.

        Raises
        ------
        ZollstockError
            Naming what is wrong below `where`.
        """
        labels = self.class_names(world)
        if strange := [label for label in labels if label not in classes]:
            raise ZollstockError(
                f"{where}.training.data",
                f"has the label '{strange[0]}', which is no class of the model",
                f"labels out of {_few(classes)}",
                "Correct the model's classes, or leave them out: they are the labels then.",
            )
        if lacking := [name for name in classes if labels and name not in labels]:
            raise ZollstockError(
                f"{where}.classes",
                f"has '{lacking[0]}', which is no label of what it is trained on",
                f"classes out of {_few(labels)}",
                "Correct the classes, or leave them out.",
            )


def _few(names: Sequence[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
