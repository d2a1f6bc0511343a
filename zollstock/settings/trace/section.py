"""The section `trace`: which parts of the networks are looked at, and how."""

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from zollstock.settings.base import Name, Section, check_differ
from zollstock.settings.trace.attribution import AttributionSettings

Share = Annotated[float, Field(gt=0, le=1)]
Images = Annotated[int, Field(ge=1)] | Literal["all"]
Units = Literal["channels", "neurons", "heads", "tokens"]
Method = Literal["eap_ig", "conductance", "exact", "change"]
Intervention = Literal["hard", "soft", "shrink", "mean", "resampled"]


class ConductanceSettings(Section):
    """The property conductance: shares of the units that sum to the whole change."""

    tolerance: float = Field(
        0.01,
        gt=0,
        le=1,
        description="Share of a path's change (or total variation, if that is larger) that a cut "
        "may miss before frames are added between two.",
    )
    most: int = Field(
        256, ge=1, description="Limit of intervals a path; what is incomplete there is said."
    )
    cuts: int = Field(
        6,
        ge=1,
        description="After how many layers the network is cut to check the sums, spread over its "
        "depth; each costs a backward pass a point.",
    )
    confirm: int = Field(
        32,
        ge=0,
        description="Of how many of the best units the exact effect is measured beside, by putting "
        "them back to their values at the start frame.",
    )


class MediationSettings(Section):
    """How much of the score is left when sets of units or edges are held."""

    of: Literal["units", "edges"] = Field("units", description="What is held.")
    method: Method = Field(
        "eap_ig",
        description="What ranks them: first order (`eap_ig`, `conductance`), exact effects, or "
        "the mere change.",
    )
    sizes: list[Share] = Field(
        default=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0],
        min_length=1,
        description="Shares of all units or edges.",
    )
    random: int = Field(39, ge=1, le=999, description="Random sets of each size, the null.")
    marked: Share = Field(
        0.1,
        description="The share whose effect on the accuracy is measured, with the units at their "
        "mean over images.",
    )

    @model_validator(mode="after")
    def _once(self) -> "MediationSettings":
        check_differ("sizes", self.sizes)
        return self


class GraphSettings(Section):
    """The causal graph of a class, as ExplaiNN looks for it."""

    classes: list[str] | None = Field(
        None, description="Names of classes; by default those of the images, at most ten."
    )
    images: int = Field(
        40,
        ge=2,
        description="Images of the class, classified right, that the graph is found on; as many "
        "others judge it, as far as there are.",
    )
    rule: Literal["paired", "explainn"] = Field(
        "paired",
        description="`paired`: a paired test over images, adjusted over the parents of a layer, "
        "and a least effect. `explainn`: the original's rule.",
    )
    level: float = Field(0.05, gt=0, lt=1, description="False discovery rate of `paired`.")
    least: float = Field(
        0.01,
        ge=0,
        lt=1,
        description="Least effect of `paired`, as a share of the mean absolute logit.",
    )
    fallback: bool = Field(
        True,
        description="Whether `explainn`, where no parent of a layer passes, takes those that lower "
        "the logit by .1 %.",
    )
    top: int = Field(
        0, ge=0, description="How many parents of largest effect `explainn` takes as well."
    )
    top_by: Literal["effect", "kl"] = Field(
        "effect",
        description="Of those: whose cut lowers the logit most, or moves the probabilities of all "
        "classes most (Kullback–Leibler).",
    )
    wide: int | None = Field(
        600,
        ge=1,
        description="In layers with more parents `explainn` tries those of the last child's "
        "largest, smallest and middle weights alone; null tries all.",
    )
    intervention: Intervention = Field(
        "hard",
        description="What weights, or what is read through them, are replaced with. `mean` and "
        "`resampled` are what is read of images of other classes.",
    )
    strength: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Of `soft`: weights are drawn from strength to strength + .01; of `shrink`: "
        "the share of a weight that is lost.",
    )
    random: int = Field(10, ge=1, le=999, description="Random graphs of the same size.")

    @model_validator(mode="after")
    def _changes(self) -> "GraphSettings":
        if self.intervention == "shrink" and not self.strength:
            raise ValueError("shrink with strength 0 changes no weight: choose a strength above 0")
        check_differ("classes", self.classes or [])
        return self


class StabilitySettings(Section):
    """Whether a graph is found again."""

    repeats: int = Field(10, ge=2, le=999, description="Draws of images, and of noise.")
    strengths: list[Annotated[float, Field(ge=0, le=1)]] = Field(
        default=[0.0, 0.05, 0.1, 0.2, 0.4],
        min_length=1,
        description="Of soft interventions: weights become uniform numbers up to it.",
    )

    @model_validator(mode="after")
    def _once(self) -> "StabilitySettings":
        check_differ("strengths", self.strengths)
        return self


class TraceSettings(Section):
    """Through which units properties act: `snakemake trace`, and `all` with this section."""

    images: Images = Field(
        16,
        description="How many images, taken from each class in turn, or `all`. Every second one "
        "of a class finds what is important, the others judge it.",
    )
    properties: list[Name] | None = Field(
        None, description="Whose paths are looked at; by default all but placebos and grids."
    )
    frames: int = Field(
        11,
        ge=2,
        le=1001,
        description="At how many frames of a path networks are asked, evenly spread.",
    )
    units: list[Units] = Field(
        default=["channels", "neurons"],
        min_length=1,
        description="What counts as a unit. `tokens` are places of a residual stream, which "
        "transformers have.",
    )
    conductance: ConductanceSettings = Field(
        default=ConductanceSettings(), description="What each unit's share of the change is."
    )
    mediation: MediationSettings | None = Field(
        default=MediationSettings(), description="Sets that are held; null leaves it out."
    )
    graph: GraphSettings | None = Field(
        None,
        description="Causal graphs of classes. Each parent of a layer costs a pass over the "
        "images: minutes for small networks, days for large ones without a GPU.",
    )
    stability: StabilitySettings | None = Field(
        None, description="Of the causal graphs; needs `graph`."
    )

    attribution: AttributionSettings | None = Field(
        None, description="Maps from the causal graphs; needs `graph`."
    )

    @model_validator(mode="after")
    def _stable(self) -> "TraceSettings":
        check_differ("units", self.units)
        check_differ("properties", self.properties or [])
        if self.graph is None:
            for name in ("stability", "attribution"):
                if getattr(self, name) is not None:
                    raise ValueError(
                        f"{name} needs graph: its settings say which graphs are looked for"
                    )
        return self


def modules_of_parts() -> list[str]:
    """Return all modules that the stage finds by name, used or not."""
    parts = {
        "kinds": get_args(Units),
        "methods": get_args(Method),
        # The exact effects of units ask for the values at another frame.
        "interventions": (*get_args(Intervention), "swapped"),
    }
    return [f"zollstock.trace.{room}.{name}" for room, names in parts.items() for name in names]
