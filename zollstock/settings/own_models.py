"""Settings of models that are trained here, or built by the user's own function."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from zollstock.files import files_named
from zollstock.settings.model_traits import (
    CLASSES,
    KEY,
    OUTPUTS,
    ClassNames,
    FileOrList,
    Outputs,
)
from zollstock.settings.preprocessing import PreprocessingSettings, Size
from zollstock.settings.trained import TrainableModel


class BuiltModel(TrainableModel):
    """What models of a builder, its arguments and a file of weights have."""

    ready: ClassVar[bool] = True

    arguments: dict[str, Any] = Field(
        default_factory=dict, description="Keyword arguments of the builder."
    )
    weights: str | None = Field(
        None,
        description="A `.pth` or `.safetensors` file to import, or the `.index.json` of several. "
        "`{data_dir}` is replaced. Neither this nor training: the builder returns a ready model.",
    )
    key: str | None = Field(
        None,
        min_length=1,
        description=KEY,
    )
    outputs: Outputs | None = Field(None, description=OUTPUTS)
    classes: ClassNames | FileOrList | None = Field(
        default=["cat", "dog"],
        description=f"{CLASSES} A model of one output has two: what it denies, then what it "
        "affirms. Beside `training.data` by default its labels.",
    )
    preprocessing: PreprocessingSettings = Field(
        default=PreprocessingSettings(), description="From an image to the model's input."
    )


class ConvMixerModel(BuiltModel):
    """A ConvMixer, trained by the workflow or imported; the family where none is named."""

    family: Literal["convmixer"] = "convmixer"


class ArchitectureModel(BuiltModel):
    """An architecture of transformers, built from a config and trained here."""

    environment: ClassVar[str] = "editors"
    ready: ClassVar[bool] = False

    family: Literal["architecture"] = "architecture"
    arguments: dict[str, Any] = Field(
        description="`model_type`, e.g. `resnet`, `convnext`, `efficientnet` or `vit`, and keys of "
        "its config in transformers that differ from the defaults."
    )


class LenetPreprocessing(PreprocessingSettings):
    """From an RGB image to the input of a LeNet."""

    size: Size | None = Field(32, description="Height and width of the input.")


class LenetModel(BuiltModel):
    """LeNet-5, trained by the workflow or imported: small, for small grey pictures."""

    family: Literal["lenet"] = "lenet"
    preprocessing: LenetPreprocessing = Field(
        default=LenetPreprocessing(), description="From an image to the model's input."
    )


class DensenetModel(BuiltModel):
    """A small DenseNet, trained by the workflow or imported."""

    ready: ClassVar[bool] = False

    family: Literal["densenet"] = "densenet"


class OwnModel(BuiltModel):
    """A model that the user's own function builds."""

    family: Annotated[str, Field(pattern=":")] = Field(
        description="`module:function` (`module:Class.method` too) that builds a torch module."
    )

    def modules(self) -> tuple[str, ...]:
        """Return none: it is the user's."""
        return ()

    def own_module(self) -> str | None:
        """Return what stands before the colon."""
        return self.family.partition(":")[0]

    def own_files(self) -> list[str]:
        """Return the files among the builder's arguments, at any depth."""
        waiting, texts = [self.arguments], []
        while waiting:
            for value in waiting.pop().values():
                inner = value if isinstance(value, list) else [value]
                texts += [one for one in inner if isinstance(one, str)]
                waiting += [one for one in inner if isinstance(one, dict)]
        return files_named(texts)
