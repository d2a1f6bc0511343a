"""Settings of models: one form a family; and how they are run."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from zollstock.errors import ZollstockError
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
from zollstock.settings.own_models import (
    ArchitectureModel,
    ConvMixerModel,
    DensenetModel,
    LenetModel,
    OwnModel,
)
from zollstock.settings.training import Device

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
    "lenet": LenetModel,
    "densenet": DensenetModel,
    "architecture": ArchitectureModel,
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
    | Annotated[LenetModel, Tag("lenet")]
    | Annotated[DensenetModel, Tag("densenet")]
    | Annotated[ArchitectureModel, Tag("architecture")]
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


def check_trained(models: Any, source: str) -> None:  # noqa: ANN401
    """Check that no model is to be trained whose family cannot be.

    Raises
    ------
    ZollstockError
        Naming the first one.
    """
    for name, given in models.items() if isinstance(models, Mapping) else ():
        form = MODEL_FORMS.get(_form(given))
        if form is None or not isinstance(given, Mapping) or "training" in form.model_fields:
            continue
        for key in ("trained_on", "training"):
            if given.get(key) is not None:
                raise ZollstockError(
                    f"{source}.{name}.{key}",
                    f"is set, and models of the family {given['family']} are not trained here",
                    f"a family that is: {', '.join(_trainable())}",
                    f"Remove {key}, or choose one of these.",
                )


def _trainable() -> list[str]:
    return [name for name, form in MODEL_FORMS.items() if "training" in form.model_fields]


class InferenceSettings(Section):
    """How models are run; device and batch size change the last digit only."""

    device: Device = Field(
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
