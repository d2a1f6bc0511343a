"""Settings of models: one form a family; and how they are trained and run."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from zollstock.settings.base import Section
from zollstock.settings.families import (
    ClipModel,
    EfficientNetLiteModel,
    ExportedModel,
    OnnxModel,
    TimmModel,
    TorchvisionModel,
    TransformersModel,
)
from zollstock.settings.model_traits import ModelTraits
from zollstock.settings.own_models import ConvMixerModel, OwnModel

OWN = "module:function"
"""Tag of the form whose family is the user's own builder."""


def _form(value: Any) -> str:  # noqa: ANN401
    """Return the tag of a model's form."""
    if isinstance(value, Mapping):
        family = value.get("family", "convmixer")
    else:
        family = getattr(value, "family", "convmixer")
    return family if isinstance(family, str) and ":" not in family else OWN


MODEL_FORMS: dict[str, type[ModelTraits]] = {
    "convmixer": ConvMixerModel,
    "efficientnet_lite": EfficientNetLiteModel,
    "timm": TimmModel,
    "transformers": TransformersModel,
    "torchvision": TorchvisionModel,
    "clip": ClipModel,
    "onnx": OnnxModel,
    "exported": ExportedModel,
    OWN: OwnModel,
}
"""Family, or `OWN` → what is told of such a model."""

ModelSettings = Annotated[
    Annotated[ConvMixerModel, Tag("convmixer")]
    | Annotated[EfficientNetLiteModel, Tag("efficientnet_lite")]
    | Annotated[TimmModel, Tag("timm")]
    | Annotated[TransformersModel, Tag("transformers")]
    | Annotated[TorchvisionModel, Tag("torchvision")]
    | Annotated[ClipModel, Tag("clip")]
    | Annotated[OnnxModel, Tag("onnx")]
    | Annotated[ExportedModel, Tag("exported")]
    | Annotated[OwnModel, Tag(OWN)],
    Discriminator(_form),
    Field(description="A classifier, by its family."),
]


class TrainingSettings(Section):
    """Training of the models that have `trained_on`."""

    images: int = Field(8192, ge=64, description="Training images per model.")
    test_images: int = Field(1500, ge=32, description="Test images per distribution.")
    epochs: int = Field(3, ge=1, description="Passes over the training images.")
    batch_size: int = Field(32, ge=2, description="Images per optimiser step.")
    learning_rate: float = Field(0.01, gt=0, description="Peak learning rate of AdamW.")
    weight_decay: float = Field(0.01, ge=0, description="Weight decay of AdamW.")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "cpu",
        description="Where models are trained; their weights depend on it. Small ones gain nothing "
        "on a GPU.",
    )


class InferenceSettings(Section):
    """How models are run; device and batch size change the last digit only."""

    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto",
        description="`auto` takes CUDA, then MPS, then the CPU. Also where trained models are "
        "tested, and where models run that images are selected by or an editor is watched with.",
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        description="bfloat16 is faster; scores move by about 1 %, tiny ones by up to 3 %.",
    )
    batch_size: Annotated[int, Field(ge=1)] | Literal["auto"] = Field(
        "auto",
        description="Frames per forward pass; `auto` measures a few and takes the fastest. Halved "
        "where they do not fit into memory.",
    )
