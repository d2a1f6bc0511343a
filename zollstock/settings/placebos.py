"""Settings of placebo edits and of the tests that compare with them."""

from typing import Literal, get_args

from pydantic import Field

from zollstock.settings.base import Instruction, Section

FEWEST = 19
"""With fewer placebos no p can reach 0.05."""

Operation = Literal["rotate", "translate", "brightness", "contrast", "temperature", "noise", "jpeg"]
"""What small changes of pixels there are; `zollstock.engines.placebos.pixels` makes them."""
OPERATIONS: tuple[str, ...] = get_args(Operation)


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
        5,
        ge=2,
        le=1000,
        description="Frames at which an edit is compared, evenly spread over its path, and frames "
        "of a placebo, each as far from the unedited picture as the edit's. `range` and `smooth` "
        "see turns only where there are frames.",
    )
    tolerance: float = Field(
        0.2,
        gt=0,
        le=1,
        description="By which share a placebo's frame may be larger than the edit's; smaller by "
        "about half of that. An edit that no placebo can match has no p.",
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
        "through the editor at knob 0.",
    )
    engine: Literal["auto", "pixels"] = Field(
        "auto",
        description="Who makes placebos. `pixels`: small turns, shifts, light, noise and "
        "compression of the unedited picture, each placebo another mixture. `auto`: `series` or "
        "`instructions` where they are given, other nuisances for drawn images, and `pixels` for "
        "all others.",
    )
    operations: list[Operation] | None = Field(
        None,
        min_length=1,
        description="What `pixels` may do; by default all that no property of the study varies.",
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
    statistic: Literal["range", "net", "smooth"] = Field(
        "range",
        description="What is compared: the change between the lowest and the highest probability, "
        "the unedited picture included; from the first step to the last (blind to what returns); "
        "or how far the smooth part of the curve strays from its mean.",
    )
