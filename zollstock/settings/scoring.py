"""Settings of scoring, figures and jobs."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, StrictInt, StrictStr, Tag

from zollstock.scoring.outputs import Spelled
from zollstock.settings.arrangement import ArrangementSettings
from zollstock.settings.base import Section


class ContrastSettings(Section):
    """Two sets of classes: the probability of the first less that of the second."""

    classes: list[StrictStr | StrictInt] = Field(
        min_length=1, description="Names or indices of classes whose probabilities are added."
    )
    against: list[StrictStr | StrictInt] = Field(
        default=[], description="Classes whose probabilities are taken off; none for a plain sum."
    )


def _form(value: object) -> str:
    """Return which form of an output a value has, so that a mistake is told of that form."""
    if isinstance(value, Mapping | ContrastSettings):
        return "sets"
    return "list" if isinstance(value, list) else "word"


_Word = Annotated[StrictStr | StrictInt, Tag("word")]
_Sets = Annotated[ContrastSettings, Tag("sets")]
# A list in a list is told of as a word.
_One = Annotated[_Word | _Sets, Discriminator(lambda value: _form(value).replace("list", "word"))]
_Outputs = Annotated[
    _Word | _Sets | Annotated[list[_One], Tag("list"), Field(min_length=1)], Discriminator(_form)
]


class ScoringSettings(Section):
    """What is measured, and the shuffle test."""

    statistics: list[Literal["paper_grad", "epgm", "corr", "mi"]] = Field(
        default=["epgm", "paper_grad", "corr", "mi"],
        min_length=1,
        description="Statistics per series; the first is the headline.",
    )
    output: _Outputs = Field(
        "predicted",
        description="What is followed: the probability of the class `predicted` for the unedited "
        "image, of its `label`, or of a class by name or index; that of several classes together, "
        "`{classes: [tabby, lynx]}`, or less that of others, `{classes: [tabby], against: [pug]}`; "
        "`logit:CLASS`; `margin:CLASS`, the logit less the largest other one; `similarity:CLASS`, "
        "for models whose outputs are similarities (CLASS may be `predicted` or `label`; `margin` "
        "is `margin:predicted`); or `vector`, the probabilities of all classes at once, which "
        "`scores/classes.parquet` tells apart if it comes first. Of a list the first is the "
        "study's headline; every other one costs scoring only and has its tables in `outputs/`.",
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

    def spelled(self) -> list[Spelled]:
        """Return the outputs that are followed, the headline's first, as plain values."""
        output = self.model_dump()["output"]
        return output if isinstance(output, list) else [output]


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
    arrange: ArrangementSettings | None = Field(
        None, description="Models in rows and columns; by default one after the other."
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
