"""Settings of scoring, figures and jobs."""

from typing import Literal

from pydantic import Field, StrictInt, StrictStr

from zollstock.settings.base import Section


class ScoringSettings(Section):
    """What is measured, and the shuffle test."""

    statistics: list[Literal["paper_grad", "epgm", "corr", "mi"]] = Field(
        default=["epgm", "paper_grad", "corr", "mi"],
        min_length=1,
        description="Statistics per series; the first is the headline.",
    )
    output: StrictStr | StrictInt = Field(
        "predicted",
        description="The probability that is followed: `predicted` (the class predicted for the "
        "unedited image), a class name, or a class index; `margin` follows the logit of the "
        "predicted class less the largest other one; `vector` follows the probabilities of all "
        "classes at once, and `scores/classes.parquet` tells them apart.",
    )
    permutations: int = Field(
        1000, ge=19, le=10_000_000, description="Permutations K of the shuffle test."
    )
    interest: float = Field(
        2.0,
        ge=1,
        description="An effect is of interest if it changes the odds of the followed class by this "
        "factor or more along the path. It marks; no p depends on it.",
    )
    alpha: float = Field(0.05, gt=0, lt=1, description="Level that captions and marks refer to.")


class FigureSettings(Section):
    """Looks only; no number depends on this section."""

    formats: list[Literal["pdf", "png", "svg"]] = Field(
        default=["pdf", "png"], description="File formats; `png` is always made for the report."
    )
    dpi: int = Field(200, ge=50, le=600, description="Resolution of PNG figures.")
    strip_frames: int = Field(7, ge=2, le=15, description="Frames shown above the curves.")
    max_images: int = Field(
        24, ge=1, le=500, description="Images drawn per property; the tables have them all."
    )
    palette: Literal["petroff10", "petroff8", "petroff6", "okabe_ito", "tab10"] = Field(
        "petroff10",
        description="Colours of the models; all but tab10 are safe for the colour-blind.",
    )


class JobSettings(Section):
    """How work is cut into jobs; no number depends on this section."""

    intervention_jobs: int = Field(
        1, ge=1, le=10_000, description="Jobs that share the images of a property."
    )
    threads: int = Field(1, ge=1, description="Threads of a generating, training or inference job.")
    inference_threads: int | None = Field(
        None,
        ge=1,
        description="Threads of an inference job, where they are to be others: a study of one "
        "model has one such job.",
    )
