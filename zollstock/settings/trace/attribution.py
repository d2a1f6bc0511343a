"""Maps from causal graphs beside those of other methods: which, of how many images."""

from typing import Any

from pydantic import Field, field_validator

from zollstock.errors import did_you_mean
from zollstock.settings.base import Section, check_differ
from zollstock.settings.locate.methods import METHODS, OTHER, method_of

KNOWN = [
    name for name, kind in METHODS.items() if name != OTHER and not getattr(kind, "of_paths", False)
]
"""Methods of one picture whose name needs no further word."""


class AttributionSettings(Section):
    """Maps from the causal graphs, beside a random graph's and those of methods of `locate`."""

    methods: list[str] = Field(
        default=[
            *("saliency", "input_x_gradient", "ig", "gradient_shap", "guided_backprop"),
            *("deconvnet", "gradcam", "deeplift", "lrp", "excitation_backprop", "occlusion"),
        ],
        description=f"Of {', '.join(KNOWN)}, with their defaults. Those that a network refuses are "
        "noted and left out.",
    )
    images: int = Field(
        2, ge=1, description="How many of the images that judge a class's graph get maps."
    )
    layer: str | None = Field(
        None,
        min_length=1,
        description="The convolution whose units in the graph the maps are of; null takes the "
        "lowest one with parents in the graph.",
    )

    @field_validator("methods")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        for name in names:
            if name not in KNOWN:
                raise ValueError(
                    f"'{name}' is no method that needs no further word. {did_you_mean(name, KNOWN)}"
                )
        check_differ("methods", names)
        return names

    def job_settings(self) -> dict[str, Any]:
        """Return what the job is told: methods with their defaults, as of `locate`."""
        methods = [{"name": name, **method_of(name, {}).job_settings()} for name in self.methods]
        return {"methods": methods, "images": self.images, "layer": self.layer}

    def modules(self) -> list[str]:
        """Return the modules that the job finds by name."""
        named = {module for name in self.methods for module in method_of(name, {}).modules()}
        return sorted({"zollstock.locate.segments.slic", *named})
