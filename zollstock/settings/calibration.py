"""Settings of `snakemake calibration`: what is held to the truth, and how much of it."""

from typing import Literal

from pydantic import Field, field_validator

from zollstock.settings.base import Section
from zollstock.settings.placebos import FEWEST


class CalibrationSettings(Section):
    """What `snakemake calibration` does; no score of the study depends on this section."""

    latent: Literal["fur_lightness", "background_brightness"] = Field(
        "fur_lightness",
        description="The latent of the drawn world whose truth is known: it is set exactly, read "
        "back from edited frames by the meter of its name, and is what the formulas depend on. "
        "The first edited property with this `meter` is calibrated too.",
    )
    series: int = Field(
        4000, ge=20, description="Simulated images per process, for rejection rates."
    )
    length: int = Field(100, ge=5, description="Steps of the simulated paths.")
    noise_images: int = Field(
        250, ge=5, description="Drawn images whose pixel noise the trained models look at."
    )
    placebos: int = Field(
        FEWEST,
        ge=FEWEST,
        description="Paths of pixel noise of each of them that stand for placebos; 19 reach level "
        ".05, 99 reach .01.",
    )
    images: int = Field(
        48, ge=4, description="Drawn images that are edited and set exactly; rounded up to even."
    )
    steps: int = Field(9, ge=7, description="Steps of their paths, an odd number.")
    dense: int = Field(
        8, ge=1, description="How many times finer the exact paths are that say what is true."
    )
    step_counts: list[int] = Field(
        default=[3, 5, 9, 17, 33, 65, 129, 257, 1025, 10_001],
        min_length=1,
        description="Numbers of steps at which scores of exact paths are compared with the closed "
        "form. At the largest the error should be 1e-6 or less, which takes some 10,000 steps.",
    )
    threshold: float = Field(
        0.2,
        gt=0,
        lt=1,
        description="From which range of the probability on an image counts as depending.",
    )
    simulations: int = Field(2000, ge=20, description="Simulated images per cell of power tables.")

    @field_validator("step_counts")
    @classmethod
    def _steps(cls, value: list[int]) -> list[int]:
        if min(value) < 3 or len(set(value)) < len(value):
            raise ValueError("numbers from 3 on, each once")
        return value

    @field_validator("steps")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError("an odd number, so that two-sided edits have a middle step")
        return value
