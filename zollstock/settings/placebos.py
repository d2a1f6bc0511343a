"""Settings of placebo edits and of the tests that compare with them."""

from typing import Literal

from pydantic import Field

from zollstock.settings.base import Section
from zollstock.settings.editors import Instruction

FEWEST = 19
"""With fewer placebos no p can reach 0.05."""


class PlaceboSettings(Section):
    """Edits that should not matter, and how the edits under test are compared with them."""

    number: int = Field(
        FEWEST,
        ge=0,
        le=100_000,
        description="Placebo edits K per image, 19 or more; the smallest p of one image is "
        "1/(K + 1). 0 makes none, and no test.",
    )
    steps: int = Field(
        3,
        ge=2,
        le=1000,
        description="Frames of a placebo path. The probability between them is interpolated, to "
        "cut a placebo to the size of an edit.",
    )
    latents: list[str] | None = Field(
        None,
        description="Latents that placebos of drawn images move; by default all that are drawn "
        "alike for every class and that no property of the study varies.",
    )
    instructions: list[Instruction] = Field(
        default=[],
        description="For image editors: instructions that should not matter, followed in turn, "
        "each time with another seed. Without any, drawn images get other nuisances and go "
        "through the editor at knob 0; photographs get no placebos.",
    )
    series: str | None = Field(
        None,
        description="For the engines `frames` and `command`: captured placebo series, a path "
        "with `{image}` and `{draw}` (1 to K). `{data_dir}` is replaced.",
    )
    stop_after: int | None = Field(
        None,
        ge=1,
        description="Make no further placebo of an image once, for every property and model that "
        "shares them, so many were at least as large as the edit (Besag & Clifford). Null makes "
        "all K, which then depend on no model.",
    )
    statistic: Literal["net", "range"] = Field(
        "net",
        description="What is compared: the change from the first step to the last, or between "
        "the lowest and the highest probability.",
    )
    minimum_effect: float = Field(
        0.01,
        ge=0,
        description="An edit counts as larger than a placebo only if it moves the followed output "
        "by this much more; smaller effects are of no interest, however sure.",
    )
    strata: Literal["label", "all"] = Field(
        "label",
        description="Images whose placebos are pooled: those of one true class, or all.",
    )
