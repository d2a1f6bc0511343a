"""Settings of `snakemake calibration`: how much is simulated, drawn and edited."""

from pydantic import Field, field_validator

from zollstock.settings.base import Section


class CalibrationSettings(Section):
    """Sizes of `snakemake calibration`; no score of the study depends on this section."""

    series: int = Field(
        4000, ge=20, description="Simulated images per process, for rejection rates."
    )
    length: int = Field(100, ge=5, description="Steps of the simulated paths.")
    noise_images: int = Field(
        250, ge=5, description="Drawn images whose pixel noise the trained models look at."
    )
    images: int = Field(
        48, ge=4, description="Drawn images that are edited and set exactly; rounded up to even."
    )
    steps: int = Field(9, ge=7, description="Steps of their paths, an odd number.")
    dense: int = Field(
        8, ge=1, description="How many times finer the exact paths are that say what is true."
    )
    threshold: float = Field(
        0.2,
        gt=0,
        lt=1,
        description="From which range of the probability on an image counts as depending.",
    )
    simulations: int = Field(2000, ge=20, description="Simulated images per cell of power tables.")

    @field_validator("steps")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError("an odd number, so that two-sided edits have a middle step")
        return value
