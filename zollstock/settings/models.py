"""Settings of models: trained here or imported, and how they are run."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from zollstock.settings.base import HeightWidth, Section


def _three(value: Any) -> Any:  # noqa: ANN401
    """Return one number as three; all else is checked later."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return [value] * 3 if number else value


def _of_values_up_to_one(value: list[float]) -> list[float]:
    if len(value) != 3:
        raise ValueError("one number, or three for red, green and blue")
    if any(abs(number) > _MOST for number in value):
        divided = ", ".join(f"{number / 255:.3g}" for number in value)
        raise ValueError(
            f"numbers for pixels in [0, 1]; those for 0 to 255 are divided by 255: [{divided}]"
        )
    return value


def _above_zero(value: list[float]) -> list[float]:
    if any(number <= 0 for number in value):
        raise ValueError("numbers above 0")
    return value


_MOST = 2.0
"""Larger numbers are means and deviations of pixels in 0 to 255."""

Channels = Annotated[
    list[float],
    BeforeValidator(_three, json_schema_input_type=float | list[float]),
    AfterValidator(_of_values_up_to_one),
]
"""A number for each channel."""


class PreprocessingSettings(Section):
    """From an RGB image to the model's input."""

    size: HeightWidth | Annotated[int, Field(ge=1, le=8192)] | None = Field(
        None,
        description="Height and width of the input, or one number for both; null keeps the "
        "frame's size.",
    )
    resize: Literal["bilinear", "bicubic", "lanczos", "nearest"] = Field(
        "bilinear", description="Interpolation, antialiased (Pillow's)."
    )
    fit: Literal["stretch", "crop"] = Field(
        "stretch",
        description="`stretch` resizes to the size; `crop` resizes the shorter side and cuts "
        "the centre out.",
    )
    mean: Channels = Field(
        default=[0.5, 0.5, 0.5],
        description="Subtracted per channel from values in [0, 1]; one number for all, or three.",
    )
    std: Annotated[Channels, AfterValidator(_above_zero)] = Field(
        default=[0.5, 0.5, 0.5],
        description="Divides per channel afterwards; one number, or three.",
    )
    channels: Literal[1, 3] | None = Field(
        None,
        description="Of the input: 3, or 1 for a model of grey pictures. Null tries both, in this "
        "order.",
    )

    def geometry_key(self) -> str:
        """Return the name of the geometric part; models with equal names share resized frames."""
        if self.size is None:
            return "as-is"
        height, width = [self.size] * 2 if isinstance(self.size, int) else self.size
        return f"{height}x{width}-{self.resize}-{self.fit}"


def _two_or_more(value: list[str]) -> list[str]:
    if len(value) < 2:
        raise ValueError(
            "two names or more; of a model of one output first what it denies, then what it "
            "affirms, e.g. [no_dog, dog]"
        )
    return value


class ModelSettings(Section):
    """One model: trained by the workflow, or imported."""

    family: str = Field(
        "convmixer",
        description="Name in the model registry, or `module:function` (`module:Class.method` too) "
        "that builds a torch module.",
    )
    arguments: dict[str, Any] = Field(
        default_factory=dict, description="Keyword arguments of the builder."
    )
    trained_on: str | None = Field(
        None, description="Train here on this distribution of the drawn world."
    )
    weights: str | None = Field(
        None,
        description="A `.pth` or `.safetensors` file to import. `{data_dir}` is replaced. Neither "
        "this nor `trained_on`: the builder returns a ready model.",
    )
    key: str | None = Field(
        None,
        min_length=1,
        description="Which weights of the file to take, where it holds several that fit, e.g. "
        "`model_ema`.",
    )
    classes: Annotated[list[str], AfterValidator(_two_or_more)] = Field(
        default=["cat", "dog"],
        json_schema_extra={"minItems": 2},
        description="Class names in the order of the outputs. A model of one output has two: what "
        "it denies, then what it affirms.",
    )
    preprocessing: PreprocessingSettings = Field(
        default=PreprocessingSettings(), description="From an image to the model's input."
    )


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
