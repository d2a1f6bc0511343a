"""Settings of models that are trained here, or built by the user's own function."""

from typing import Annotated, Any, Literal

from pydantic import Field

from zollstock.settings.model_traits import (
    CLASSES,
    KEY,
    OUTPUTS,
    ClassNames,
    FileOrList,
    ModelTraits,
    Outputs,
)
from zollstock.settings.preprocessing import PreprocessingSettings


class BuiltModel(ModelTraits):
    """What models of a builder, its arguments and a file of weights have."""

    arguments: dict[str, Any] = Field(
        default_factory=dict, description="Keyword arguments of the builder."
    )
    trained_on: str | None = Field(
        None, description="Train here on this distribution of the drawn world."
    )
    weights: str | None = Field(
        None,
        description="A `.pth` or `.safetensors` file to import, or the `.index.json` of several. "
        "`{data_dir}` is replaced. Neither this nor `trained_on`: the builder returns a ready "
        "model.",
    )
    key: str | None = Field(
        None,
        min_length=1,
        description=KEY,
    )
    outputs: Outputs | None = Field(None, description=OUTPUTS)
    classes: ClassNames | FileOrList = Field(
        default=["cat", "dog"],
        description=f"{CLASSES} A model of one output has two: what it denies, then what it "
        "affirms.",
    )
    preprocessing: PreprocessingSettings = Field(
        default=PreprocessingSettings(), description="From an image to the model's input."
    )

    def trains_on(self) -> str | None:
        """Return the distribution."""
        return self.trained_on


class ConvMixerModel(BuiltModel):
    """A ConvMixer, trained by the workflow or imported; the family where none is named."""

    family: Literal["convmixer"] = "convmixer"


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
