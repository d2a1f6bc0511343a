"""Settings of training: of what pictures, and for how long."""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from zollstock.errors import ZollstockError
from zollstock.images.layouts.registry import LAYOUTS, files_of_dataset
from zollstock.images.splits import TEST_SHARE, in_test, labelled_files
from zollstock.settings.base import Name, Section
from zollstock.settings.clickme import ClickmeData
from zollstock.settings.data_traits import DataTraits
from zollstock.settings.images import check_dataset
from zollstock.worlds import check_choice, facts_of, module_of
from zollstock.worlds.facts import PLAIN, label_of, split_of

Device = Literal["auto", "cpu", "cuda", "mps"]
_SPARE = 8
"""Times as many are drawn where only those of subjects that were not drawn before count."""
_NULL = "Null takes that of the section `training`."


class TrainingSettings(Section):
    """Training of models, where they do not say otherwise."""

    images: int = Field(8192, ge=64, description="Drawn training images per model.")
    test_images: int = Field(1500, ge=32, description="Drawn test images per distribution.")
    epochs: int = Field(3, ge=1, description="Passes over the training images.")
    batch_size: int = Field(32, ge=2, description="Images per optimiser step.")
    learning_rate: float = Field(0.01, gt=0, description="Peak learning rate of AdamW.")
    weight_decay: float = Field(0.01, ge=0, description="Weight decay of AdamW.")
    device: Device = Field(
        "cpu",
        description="Where models are trained; their weights depend on it. Small ones gain nothing "
        "on a GPU.",
    )


class RendererData(DataTraits):
    """Pictures of the drawn world."""

    drawn: ClassVar[bool] = True

    source: Literal["renderer"] = "renderer"
    distribution: str = Field(
        PLAIN, description="Distribution the images are drawn from; tests are on each."
    )
    label_by: list[str] | None = Field(
        None,
        min_length=1,
        max_length=6,
        description="Latents of the world that make the classes instead, for another task of the "
        "same world: above and below the median of each, e.g. `[glasses]` for `low glasses` and "
        "`high glasses`.",
    )
    images: int | None = Field(None, ge=64, description=f"How many are drawn. {_NULL}")
    test_images: int | None = Field(
        None, ge=32, description=f"Test images per distribution. {_NULL}"
    )

    def modules(self, world: str) -> tuple[str, ...]:
        """Return its module and the world's."""
        return (*super().modules(world), module_of(world))

    def name(self) -> str:
        """Return the distribution, and what the labels are told by."""
        return split_of(self.distribution, self.label_by or ())

    def class_names(self, world: str) -> list[str]:
        """Return the world's, or those of the latents."""
        if self.label_by:
            sides = product((False, True), repeat=len(self.label_by))
            return [label_of(self.label_by, high) for high in sides]
        return list(facts_of(world).classes)

    def check(self, where: str, classes: Sequence[str], world: str) -> None:
        """Check distribution and latents; the job compares the classes."""
        facts = facts_of(world)
        known = facts.distributions
        check_choice(f"{where}: distribution of the world '{world}'", self.distribution, known)
        for name in self.label_by or ():
            check_choice(f"{where}.training.data.label_by", name, list(facts.latents))

    def count(self, defaults: TrainingSettings) -> int:
        """Return how many are drawn."""
        return self.images or defaults.images

    def read(self, defaults: TrainingSettings, world: Mapping[str, Any]) -> dict[str, Any]:
        """Return world, distribution and number; only biased distributions have a bias."""
        unbiased = {"bias": None} if self.distribution == PLAIN else {}
        return {
            "source": self.source,
            "distribution": self.distribution,
            "images": self.count(defaults),
            "world": {**world, **unbiased},
        } | self._labels()

    def _labels(self) -> dict[str, Any]:
        return {"label_by": self.label_by} if self.label_by else {}

    def others(
        self, count: int, defaults: TrainingSettings, world: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the same with another number: as many are drawn as are asked for."""
        more = _SPARE if facts_of(world["name"]).subject else 1
        return self.read(defaults, world) | {"images": more * count}

    def tested(self, defaults: TrainingSettings, world: Mapping[str, Any]) -> dict[str, Any]:
        """Return world and number: models of all distributions are tested with the same."""
        number = self.test_images or defaults.test_images
        found = {"source": self.source, "test_images": number, "world": dict(world)}
        return found | self._labels()


class FolderData(DataTraits):
    """Pictures of a folder with one subfolder a label."""

    source: Literal["folder"] = "folder"
    path: str = Field(description="The folder. `{data_dir}` is replaced.")
    test_share: float = Field(
        TEST_SHARE,
        gt=0,
        lt=1,
        description="Share of the pictures that is kept for tests, by a hash of each one's name.",
    )

    def name(self) -> str:
        """Return the folder's name."""
        return Path(self.path).name

    def place(self) -> str:
        """Return the folder."""
        return self.path

    def files(self) -> list[str]:
        """Return the pictures."""
        return [file for _, _, file in self._listed()]

    def count(self, defaults: TrainingSettings) -> int:
        """Return how many files there are."""
        return len(self._listed())

    def class_names(self, world: str) -> list[str]:
        """Return the names of the subfolders."""
        return list(dict.fromkeys(label for label, _, _ in self._listed()))

    def _listed(self) -> list[tuple[str, str, str]]:
        try:
            return list(labelled_files(Path(self.path)))
        except OSError:
            return []  # what is missing is said elsewhere

    def check(self, where: str, classes: Sequence[str], world: str) -> None:
        """Check that each class has pictures to train on and to test with."""
        listed = self._listed()
        if not listed:
            raise ZollstockError(
                f"{where}.training.data.path",
                f"is '{self.path}', which has no subfolder with pictures",
                "a folder with one subfolder of pictures a label",
                "Correct it.",
            )
        super().check(where, classes, world)
        tested = [(label, in_test(name, self.test_share)) for label, name, _ in listed]
        for label in classes:
            for test, part in ((False, "train on"), (True, "test with")):
                if (label, test) not in tested:
                    raise ZollstockError(
                        f"{where}.training.data",
                        f"has no picture of '{label}' to {part}",
                        f"some of each class; {self.test_share:g} of all are for tests, by a hash "
                        "of their names",
                        "Add pictures, or change test_share.",
                    )


class DatasetData(DataTraits):
    """A well-known dataset with a part to train on and one to test with."""

    source: Literal["dataset"] = "dataset"
    layout: Literal["digits", "mnist", "cifar10", "svhn", "stl10"] = Field(
        description="Which, as it unpacks; docs/images.md shows each. `digits` are scikit-learn's."
    )
    path: str | None = Field(
        None, description="The dataset's folder; `digits` needs none. `{data_dir}` is replaced."
    )

    def name(self) -> str:
        """Return the layout's."""
        return self.layout

    def mirrors(self) -> bool:
        """Return no of digits."""
        return LAYOUTS[self.layout].mirrored

    def class_names(self, world: str) -> list[str]:
        """Return the dataset's."""
        return list(LAYOUTS[self.layout].classes)

    def count(self, defaults: TrainingSettings) -> int:
        """Return how many the dataset has."""
        return LAYOUTS[self.layout].pictures

    def place(self) -> str | None:
        """Return the folder."""
        return self.path

    def files(self) -> list[str]:
        """Return the files that hold pixels and labels."""
        return [] if self.path is None else files_of_dataset(self.layout, Path(self.path))

    def check(self, where: str, classes: Sequence[str], world: str) -> None:
        """Check that there is a folder if one is needed."""
        check_dataset(self.layout, self.path, f"{where}.training.data")
        super().check(where, classes, world)


DATA_FORMS: dict[str, type[DataTraits]] = {
    "renderer": RendererData,
    "folder": FolderData,
    "dataset": DatasetData,
    "clickme": ClickmeData,
}
"""Source → what is told of such pictures."""

TrainingData = Annotated[
    RendererData | FolderData | DatasetData | ClickmeData,
    Field(discriminator="source", description="What it is trained on."),
]


class ModelTraining(Section):
    """How a model is trained here."""

    data: TrainingData | None = Field(
        None, description="What it is trained on; null where `trained_on` says it."
    )
    start_from: Name | None = Field(
        None,
        description="A model of this study, or of its section `pretraining`, whose weights this "
        "one begins with; the last layer is drawn anew.",
    )
    epochs: int | None = Field(
        None,
        ge=0,
        description=f"Passes over the images. {_NULL} 0 beside `start_from` leaves the model as "
        "it begins: pretrained only.",
    )
    batch_size: int | None = Field(None, ge=2, description=f"Images per optimiser step. {_NULL}")
    learning_rate: float | None = Field(
        None, gt=0, description=f"Peak learning rate of AdamW. {_NULL}"
    )
    weight_decay: float | None = Field(None, ge=0, description=f"Weight decay of AdamW. {_NULL}")
    device: Device | None = Field(None, description=f"Where it is trained. {_NULL}")
    mirror: bool | None = Field(
        None,
        description="Show half of the images mirrored. Null does but for datasets of digits.",
    )


def recipe_of(
    given: ModelTraining | None, data: DataTraits, defaults: TrainingSettings
) -> dict[str, Any]:
    """Return how a model is trained: what it says itself, and else what the study says."""
    own = (
        {} if given is None else given.model_dump(exclude={"data", "start_from"}, exclude_none=True)
    )
    keys = ("epochs", "batch_size", "learning_rate", "weight_decay", "device")
    return {"mirror": data.mirrors()} | {key: getattr(defaults, key) for key in keys} | own
