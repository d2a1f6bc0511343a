"""Settings of attributers: from what the model says of samples to a number a segment."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag

from zollstock.settings.base import NOT_BLANK, Section
from zollstock.settings.locate.choice import Choice, Entry, by_form

Kernel = Literal["none", "cosine", "shapley"]
Text = Annotated[str, Field(pattern=NOT_BLANK)]
_KERNEL = (
    "Weights of samples: `none`; `cosine`, the more the fewer segments are taken away; `shapley`."
)


class RiseSettings(Entry):
    """The mean output of the samples that keep a segment."""

    baseline: Literal["mean", "none"] = Field(
        "mean",
        description="What it is compared with: the mean of all samples, so that it has a sign; or "
        "nothing, as published, so that it is an output itself. The order is the same.",
    )

    short: ClassVar[str] = "baseline"


class LimeSettings(Entry):
    """The slopes of a weighted linear model."""

    ridge: float = Field(1.0, ge=0, le=1e9, description="Penalty; 0 is ordinary least squares.")
    kernel: Kernel = Field("cosine", description=_KERNEL)
    width: float = Field(0.25, gt=0, le=100, description="Of the cosine kernel.")

    short: ClassVar[str] = "ridge"


class KernelShapSettings(Entry):
    """Shapley values by weighted regression, both ends exact."""

    weights: Literal["size", "row"] = Field(
        "size",
        description="`size`: samples of a size share its weight, right for samples that were drawn "
        "by size too. `row`: each has its coalition's weight, right where all are drawn alike.",
    )

    short: ClassVar[str] = "weights"


class LaplaceSettings(Section):
    """Laplace's correction of a probability p: (p n + 1)/(n + c)."""

    images: int = Field(1_281_167, ge=1, description="n, images that the model was trained on.")
    classes: int = Field(1000, ge=1, description="c, classes of the model.")


class PdaSettings(Entry):
    """What is lost without a segment."""

    scale: Literal["probability", "log2", "log_odds"] = Field(
        "probability", description="What is compared: p, log₂ p, or log₂ of the odds."
    )
    laplace: LaplaceSettings | None = Field(
        None, description="Correction that keeps logarithms finite; `laplace: {}` is ImageNet's."
    )
    by_number: bool = Field(
        False, description="A sample counts 1/(number of segments that it takes away)."
    )

    short: ClassVar[str] = "scale"


class CiuSettings(Entry):
    """Contextual importance and utility."""

    form: Literal["original", "general", "inverse"] = Field(
        "original",
        description="By samples without one segment (`original`), with one alone (`inverse`), or "
        "by all samples inside of each set that some sample takes away (`general`).",
    )
    neutral: float = Field(0.5, ge=0, le=1, description="Utility that counts as none.")

    short: ClassVar[str] = "form"


class RegressorSettings(Entry):
    """Any regressor of scikit-learn."""

    model: Text = Field(description="Its class, such as `Lasso` or `RandomForestRegressor`.")
    arguments: dict[str, Any] = Field(default={}, description="Keyword arguments of the class.")
    kernel: Kernel = Field("none", description=_KERNEL)
    width: float = Field(0.25, gt=0, le=100, description="Of the cosine kernel.")

    short: ClassVar[str] = "model"


class SignificanceSettings(Entry):
    """A t-test of the samples with a segment against those without it."""

    value: Literal["t", "confidence"] = Field(
        "t", description="Welch's t, or 1 − 2 p of the one-sided test."
    )

    short: ClassVar[str] = "value"


class RankSettings(Entry):
    """How often a sample with a segment has more than one without it: 2 AUC − 1."""


class DifferenceSettings(Entry):
    """The difference of means with and without a segment, with its confidence interval."""

    confidence: float = Field(0.95, gt=0, lt=1, description="Of the interval.")

    short: ClassVar[str] = "confidence"


class AttributerSettings(Choice):
    """From samples to attributions: one of the kinds, with its settings."""

    rise: (
        Annotated[
            Annotated[Literal["mean", "none"], Tag("value")] | Annotated[RiseSettings, Tag("keys")],
            by_form,
        ]
        | None
    ) = Field(
        None,
        description="The mean output of the samples that keep a segment.",
    )
    lime: (
        Annotated[Annotated[float, Tag("value")] | Annotated[LimeSettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="The slopes of a weighted linear model: its ridge.",
    )
    kernel_shap: (
        Annotated[
            Annotated[Literal["size", "row"], Tag("value")]
            | Annotated[KernelShapSettings, Tag("keys")],
            by_form,
        ]
        | None
    ) = Field(
        None,
        description="Shapley values by weighted regression.",
    )
    pda: (
        Annotated[
            Annotated[Literal["probability", "log2", "log_odds"], Tag("value")]
            | Annotated[PdaSettings, Tag("keys")],
            by_form,
        ]
        | None
    ) = Field(
        None,
        description="What is lost without a segment.",
    )
    ciu: (
        Annotated[
            Annotated[Literal["original", "general", "inverse"], Tag("value")]
            | Annotated[CiuSettings, Tag("keys")],
            by_form,
        ]
        | None
    ) = Field(
        None,
        description="Contextual importance and utility.",
    )
    regressor: (
        Annotated[
            Annotated[Text, Tag("value")] | Annotated[RegressorSettings, Tag("keys")], by_form
        ]
        | None
    ) = Field(
        None,
        description="Any regressor of scikit-learn, by the name of its class.",
    )
    significance: (
        Annotated[
            Annotated[Literal["t", "confidence"], Tag("value")]
            | Annotated[SignificanceSettings, Tag("keys")],
            by_form,
        ]
        | None
    ) = Field(
        None,
        description="A t-test with a segment against without.",
    )
    rank: RankSettings | None = Field(
        None,
        description="The same by ranks: 2 AUC − 1.",
    )
    difference: (
        Annotated[
            Annotated[float, Tag("value")] | Annotated[DifferenceSettings, Tag("keys")], by_form
        ]
        | None
    ) = Field(
        None,
        description="The difference of means, with an interval.",
    )

    options: ClassVar[tuple[str, ...]] = (
        "rise",
        "lime",
        "kernel_shap",
        "pda",
        "ciu",
        "regressor",
        "significance",
        "rank",
        "difference",
    )


AttributerWord = Literal[
    "rise", "lime", "kernel_shap", "pda", "ciu", "significance", "rank", "difference"
]
"""Attributers that need no further word."""
Attributer = Annotated[
    Annotated[AttributerWord, Tag("value")] | Annotated[AttributerSettings, Tag("keys")], by_form
]


def attributer_of(given: str | AttributerSettings) -> AttributerSettings:
    """Return an attributer's settings in full."""
    if isinstance(given, AttributerSettings):
        return given
    return AttributerSettings.model_validate({given: {}})


def attributer_plain(given: str | AttributerSettings) -> dict[str, Any]:
    """Return what `zollstock.locate.attributers.attributions_of` takes."""
    return attributer_of(given).plain_entry()
