"""Settings of preprocessing: from an RGB image to a model's input."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from zollstock.settings.base import HeightWidth, Section

_MOST = 2.0
"""Larger numbers are means and deviations of pixels in 0 to 255."""


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


Channels = Annotated[
    list[float],
    BeforeValidator(_three, json_schema_input_type=float | list[float]),
    AfterValidator(_of_values_up_to_one),
]
"""A number for each channel."""

Deviations = Annotated[Channels, AfterValidator(_above_zero)]
Size = HeightWidth | Annotated[int, Field(ge=1, le=8192)]
Resize = Literal["bilinear", "bicubic", "lanczos", "nearest"]
Fit = Literal["stretch", "crop", "pad"]
Side = Annotated[int, Field(ge=1, le=8192)]


class PreprocessingSettings(Section):
    """From an RGB image to the model's input."""

    size: Size | None = Field(
        None,
        description="Height and width of the input, or one number for both; null keeps the "
        "frame's size.",
    )
    resize: Resize = Field("bilinear", description="Interpolation, antialiased (Pillow's).")
    fit: Fit = Field(
        "stretch",
        description="`stretch` resizes to the size; `crop` resizes the shorter side and cuts "
        "the centre out; `pad` resizes the longer side and adds black.",
    )
    resize_to: Side | None = Field(
        None,
        description="With `fit: crop`: what the shorter side is resized to before the size is cut "
        "out, e.g. 256 for a size of 224. Null for the size itself.",
    )
    mean: Channels = Field(
        default=[0.5, 0.5, 0.5],
        description="Subtracted per channel from values in [0, 1]; one number for all, or three.",
    )
    std: Deviations = Field(
        default=[0.5, 0.5, 0.5],
        description="Divides per channel afterwards; one number, or three.",
    )
    channels: Literal[1, 3] | None = Field(
        None,
        description="Of the input: 3, or 1 for a model of grey pictures. Null tries both, in this "
        "order.",
    )

    @model_validator(mode="after")
    def _larger_than_what_is_cut_out(self) -> Self:
        _check_resize_to(self.resize_to, self.size, self.fit)
        return self

    def geometry_key(self) -> str:
        """Return the name of the geometric part; models with equal names share resized frames."""
        if self.size is None:
            return "as-is"
        height, width = [self.size] * 2 if isinstance(self.size, int) else self.size
        larger = "" if self.resize_to is None else f"-{self.resize_to}"
        return f"{height}x{width}-{self.resize}-{self.fit}{larger}"


class KnownPreprocessing(Section):
    """From an RGB image to the model's input, which is known: give only what is to differ."""

    size: Size | None = Field(
        None, description="Height and width of the input, or one number for both."
    )
    resize: Resize | None = Field(None, description="Interpolation, antialiased (Pillow's).")
    fit: Fit | None = Field(
        None,
        description="`stretch` resizes to the size; `crop` resizes the shorter side and cuts "
        "the centre out; `pad` resizes the longer side and adds black.",
    )
    resize_to: Side | None = Field(
        None,
        description="What the shorter side is resized to before the size is cut out.",
    )
    mean: Channels | None = Field(None, description="Subtracted from values in [0, 1].")
    std: Deviations | None = Field(None, description="Divides per channel afterwards.")
    channels: Literal[1, 3] | None = Field(None, description="Of the input.")

    @model_validator(mode="after")
    def _larger_than_what_is_cut_out(self) -> Self:
        _check_resize_to(self.resize_to, self.size, self.fit or "crop")
        return self


def _check_resize_to(side: int | None, size: list[int] | int | None, fit: str) -> None:
    if side is None:
        return
    if fit != "crop":
        raise ValueError(f"no resize_to beside fit: {fit}; it belongs to fit: crop")
    longest = 1 if size is None else max(size) if isinstance(size, list) else size
    if side < longest:
        raise ValueError(f"resize_to of {longest} or more, from which the size is cut out")
