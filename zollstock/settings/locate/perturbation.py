"""Settings of methods that take parts of the picture away: segments, samples, fill, attributer."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from zollstock.settings.base import Section
from zollstock.settings.locate.attributers import (
    Attributer,
    AttributerSettings,
    LaplaceSettings,
    PdaSettings,
    attributer_plain,
)
from zollstock.settings.locate.choice import METHOD
from zollstock.settings.locate.fills import Fill, FillSettings, fill_of, fill_plain
from zollstock.settings.locate.samples import SampleSettings
from zollstock.settings.locate.segments import QuickshiftSettings, SegmentSettings


class PerturbationSettings(Section):
    """A method that takes segments of the picture away and looks what the model says."""

    segments: SegmentSettings = Field(description="What is taken away as a whole.")
    samples: SampleSettings = Field(description="Which segments are kept together.")
    fill: Fill = Field(description="What takes the place of what is taken away.")
    attribute: Attributer = Field(description="From what the model says to a number a segment.")
    per: Literal["pixels", "segments"] = Field(
        "pixels",
        description="Whether a map is smooth where masks are, or has one number a segment.",
    )
    method: str | None = Field(None, description=METHOD)

    called: ClassVar[str] = "perturbation"
    """Its `method`."""

    kind: ClassVar[str] = "perturbation"
    gradients: ClassVar[bool] = False
    """Whether it needs models that torch can differentiate."""
    environment: ClassVar[str] = "inference"
    """Name of the file in envs/ that its jobs need."""

    @model_validator(mode="after")
    def _still(self) -> "PerturbationSettings":
        if self.segments.shift and fill_of(self.fill).entry().own:
            raise ValueError("a fill that is not each segment's own, where segments shift")
        return self

    def plain(self) -> dict[str, Any]:
        """Return what `zollstock.locate.perturbation.perturb` takes, as plain values.

        ``segments``, ``masks``, ``samples`` and ``fill`` are its settings, which methods that
        share a pass have in common; ``attribute`` is the settings of one attributer.
        """
        return {
            "segments": self.segments.plain_entry(),
            "masks": self.segments.plain_masks(),
            "samples": self.samples.plain(),
            "fill": fill_plain(self.fill),
            "attribute": attributer_plain(self.attribute),
        }

    def job_settings(self) -> dict[str, Any]:
        """Return what the job is told of the method."""
        return {
            "kind": self.kind,
            "settings": self.plain(),
            "per": self.per,
            "needs_frame": "frame" in self.needs(),
        }

    def needs(self) -> set[str]:
        """Return what must be handed in beside the picture: names of a `Context`."""
        entries = (self.segments.entry(), fill_of(self.fill).entry())
        return {entry.needs for entry in entries if entry.needs is not None}

    def modules(self) -> list[str]:
        """Return the library's modules that only these entries run, which are found by name."""
        plain = self.plain()
        names = {f"segments.{plain['segments']['name']}", f"fills.{plain['fill']['name']}"}
        names |= {f"samples.{name}" for name in self.samples.kinds()}
        names.add(f"attributers.{plain['attribute']['name']}")
        return sorted(f"zollstock.locate.{name}" for name in names)


class RiseMethod(PerturbationSettings):
    """RISE (Petsiuk et al. 2018)."""

    called: ClassVar[str] = "rise"

    segments: SegmentSettings = Field(
        default=SegmentSettings(grid=[7, 7], masks="bilinear", shift=True),
        description="What is taken away as a whole.",
    )
    samples: SampleSettings = Field(
        default=SampleSettings(random=0.5, number=4000),
        description="Which segments are kept together.",
    )
    fill: Fill = Field(
        default="mean",
        description="What takes the place of what is taken away.",
    )
    attribute: Attributer = Field(
        default="rise",
        description="From what the model says to a number a segment.",
    )


class LimeMethod(PerturbationSettings):
    """LIME for pictures (Ribeiro et al. 2016)."""

    called: ClassVar[str] = "lime"

    segments: SegmentSettings = Field(
        default=SegmentSettings(quickshift=QuickshiftSettings()),
        description="What is taken away as a whole.",
    )
    samples: SampleSettings = Field(
        default=SampleSettings(unique=0.5, number=1000),
        description="Which segments are kept together.",
    )
    fill: Fill = Field(
        default="own_mean",
        description="What takes the place of what is taken away.",
    )
    attribute: Attributer = Field(
        default="lime",
        description="From what the model says to a number a segment.",
    )


class ShapMethod(PerturbationSettings):
    """Kernel SHAP for pictures (Lundberg & Lee 2017)."""

    called: ClassVar[str] = "shap"

    segments: SegmentSettings = Field(
        default=SegmentSettings(slic=50, masks="gaussian"),
        description="What is taken away as a whole.",
    )
    samples: SampleSettings = Field(
        default=SampleSettings(shapley=1000),
        description="Which segments are kept together.",
    )
    fill: Fill = Field(
        default="blur",
        description="What takes the place of what is taken away.",
    )
    attribute: Attributer = Field(
        default="kernel_shap",
        description="From what the model says to a number a segment.",
    )


class CiuMethod(PerturbationSettings):
    """Contextual importance and utility for pictures (Anjomshoae et al. 2021)."""

    called: ClassVar[str] = "ciu"

    segments: SegmentSettings = Field(
        default=SegmentSettings(slic=50),
        description="What is taken away as a whole.",
    )
    samples: SampleSettings = Field(
        default=SampleSettings(single="removed", add=["whole"]),
        description="Which segments are kept together.",
    )
    fill: Fill = Field(
        default=FillSettings(colour=[190, 190, 190]),
        description="What takes the place of what is taken away.",
    )
    attribute: Attributer = Field(
        default="ciu",
        description="From what the model says to a number a segment.",
    )


class PdaMethod(PerturbationSettings):
    """Prediction difference analysis by segments (Zintgraf et al. 2017)."""

    called: ClassVar[str] = "pda"

    segments: SegmentSettings = Field(
        default=SegmentSettings(slic=200),
        description="What is taken away as a whole.",
    )
    samples: SampleSettings = Field(
        default=SampleSettings(single="removed", times=10),
        description="Which segments are kept together.",
    )
    fill: Fill = Field(
        default="histogram",
        description="What takes the place of what is taken away.",
    )
    attribute: Attributer = Field(
        default=AttributerSettings(pda=PdaSettings(scale="log_odds", laplace=LaplaceSettings())),
        description="From what the model says to a number a segment.",
    )


PRESETS: Mapping[str, type[PerturbationSettings]] = {
    "rise": RiseMethod,
    "lime": LimeMethod,
    "shap": ShapMethod,
    "ciu": CiuMethod,
    "pda": PdaMethod,
}
"""Methods of a name that need no further word: what is not given is as published."""


def method_class(name: str) -> type[PerturbationSettings]:
    """Return the class of a method's settings, by the method's name in the config."""
    return PRESETS.get(name, PerturbationSettings)
