"""How maps are judged."""

import math
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from zollstock.settings.base import Section

RowsColumns = Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=2, max_length=2)]


class StabilitySettings(Section):
    """Whether the map of the unedited picture holds.

    Each noisy copy, and the other output, costs as much as another picture.
    """

    noise: float = Field(
        0.05,
        gt=0,
        le=1,
        description="Deviation of the noise that is added to each value, as a share of 255.",
    )
    draws: int = Field(2, ge=0, le=100, description="Noisy copies of a picture; 0 makes none.")
    other_output: bool = Field(
        True, description="Whether the map of the likeliest other class is held against it."
    )
    reference: RowsColumns | None = Field(
        None,
        description="Rows and columns of a grid of which the model is asked about every coalition "
        "of cells: 512 pictures for `[3, 3]`, 65,536 for `[4, 4]`, which is the most.",
    )

    @model_validator(mode="after")
    def _few(self) -> "StabilitySettings":
        if self.reference is not None and math.prod(self.reference) > 16:
            raise ValueError("a reference of at most 16 cells")
        return self


class EvaluationSettings(Section):
    """Occlusion curves, and whether maps hold; other judgements need no settings."""

    steps: int = Field(
        10, ge=2, le=1000, description="Points of an occlusion curve, both ends included."
    )
    fills: list[Literal["mean", "blur", "path", "noise"]] = Field(
        default=["mean", "blur", "path", "noise"],
        description="What is put in where something is taken away; `path` is the last frame of "
        "the property's path.",
    )
    curves: list[Literal["lif", "mif"]] = Field(
        default=["lif", "mif"],
        description="The least important first, the most important first; SRG needs both.",
    )
    ties: int = Field(
        2,
        ge=1,
        le=100,
        description="Orders that are drawn of pixels whose values are equal; curves are their "
        "mean. Each costs as much as another map.",
    )
    parts: bool = Field(
        True,
        description="Whether maps are held against the exact effects of a drawn picture's parts: "
        "2^K pictures for K parts that change, for each image, model and property.",
    )
    stability: StabilitySettings | None = Field(
        None,
        description="Whether maps hold under noise and for another output; `{}` takes what is "
        "default. Without it that is not asked.",
    )

    def curves_alone(self) -> dict[str, Any]:
        """Return what occlusion needs, as plain values."""
        return self.model_dump(exclude={"stability"})

    def stability_plain(self) -> dict[str, Any] | None:
        """Return what is asked to see whether maps hold, as plain values."""
        return None if self.stability is None else self.stability.model_dump()
