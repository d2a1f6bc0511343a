"""Settings of methods that need a model's gradients, and of occlusion beside them."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from zollstock.settings.base import Section
from zollstock.settings.locate.choice import METHOD

Baseline = Literal["black", "mean", "blur", "noise"]
_BASELINE = (
    "What the picture is compared with: black, its mean colour, itself through a blur, or noise."
)
_BLUR = "Deviation of the baseline `blur`, as a share of the picture's shorter side."
Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1, le=10000)]
Side = Annotated[int, Field(ge=1, le=8192)]


class GradientSettings(Section):
    """A method of one model and one picture that needs no samples."""

    called: ClassVar[str]
    """Its `method`, and the name of the module in zollstock/locate/gradients/."""

    gradients: ClassVar[bool] = True
    """Whether it needs models that torch can differentiate."""

    of_paths: ClassVar[bool] = False
    """Whether it is asked of a path, not of a picture."""

    environment: ClassVar[str] = "models"
    """Name of the file in envs/ that its jobs need, beside what the model needs."""

    method: str | None = Field(None, description=METHOD)

    def plain(self) -> dict[str, Any]:
        """Return what `zollstock.locate.gradients.gradient_maps` takes."""
        return {"name": self.called} | self.model_dump(exclude={"method"})

    def modules(self) -> list[str]:
        """Return the module that only it runs, found by its name."""
        return [] if self.of_paths else [f"zollstock.locate.gradients.{self.called}"]

    def job_settings(self) -> dict[str, Any]:
        """Return what the job is told of the method."""
        return {"kind": "property" if self.of_paths else "gradient", "settings": self.plain()}


class SaliencySettings(GradientSettings):
    """The gradient of the output by the pixels, with its sign."""

    called: ClassVar[str] = "saliency"


class InputXGradientSettings(GradientSettings):
    """Pixel value times gradient."""

    called: ClassVar[str] = "input_x_gradient"


class IntegratedGradientsSettings(GradientSettings):
    """Gradients along the straight line from a baseline to the picture."""

    called: ClassVar[str] = "integrated_gradients"
    points: Count = Field(32, description="Gradients along the line (Gauss–Legendre).")
    baseline: Baseline = Field("black", description=_BASELINE)
    blur: Share = Field(0.1, description=_BLUR)


class SmoothGradSettings(GradientSettings):
    """The mean gradient under noise."""

    called: ClassVar[str] = "smoothgrad"
    samples: Count = Field(32, description="Noisy copies of the picture.")
    noise: float = Field(
        0.15, ge=0, le=1, description="Deviation, as a share of the picture's range of values."
    )


class GradCamSettings(GradientSettings):
    """A layer's maps, weighted by their gradients; signed, without the ReLU at the end."""

    called: ClassVar[str] = "gradcam"
    layer: str | None = Field(
        None,
        min_length=1,
        description="Name of the layer; null takes the last one with maps that the output hangs "
        "on.",
    )


class GuidedBackpropSettings(GradientSettings):
    """The gradient, of which no negative part passes a ReLU; for models with ReLUs alone."""

    called: ClassVar[str] = "guided_backprop"


class DeepLiftSettings(GradientSettings):
    """DeepLIFT with the rescale rule."""

    called: ClassVar[str] = "deeplift"
    baseline: Baseline = Field("black", description=_BASELINE)
    blur: Share = Field(0.1, description=_BLUR)
    uncovered: Literal["refuse", "gradient"] = Field(
        "refuse",
        description="What becomes of models with layers that the rule does not cover, such as "
        "layer norms, attention and gates: they are refused; or these layers have their ordinary "
        "gradient, and maps then need not sum to the change.",
    )


class DeconvnetSettings(GradientSettings):
    """Gradients that are rectified at every ReLU, whatever came forward; for ReLUs alone."""

    called: ClassVar[str] = "deconvnet"


class LrpSettings(GradientSettings):
    """Layer-wise relevance propagation; models with layers it does not cover are refused."""

    called: ClassVar[str] = "lrp"
    rule: Literal["composite", "epsilon"] = Field(
        "composite",
        description="`epsilon` has the ε rule in all layers, `composite` the γ rule in "
        "convolutions and the ε rule in others.",
    )
    epsilon: float = Field(
        1e-6, ge=0, le=1, description="What is added to what is divided by, with its sign."
    )
    gamma: float = Field(
        0.25, gt=0, le=100, description="By how much more counts what raises a unit's output."
    )


class GradientShapSettings(GradientSettings):
    """The mean over noisy copies and baselines of their difference times a gradient between."""

    called: ClassVar[str] = "gradient_shap"
    samples: Count = Field(32, description="Gradients of a picture.")
    noise: float = Field(
        0.1, ge=0, le=1, description="Deviation, as a share of the picture's range of values."
    )
    baseline: Baseline = Field(
        "noise", description="See `deeplift`; of noise each sample has another draw."
    )
    blur: Share = Field(0.1, description=_BLUR)


class ExcitationBackpropSettings(GradientSettings):
    """How likely a place wins if winners are drawn from the class downwards; for ReLUs alone."""

    called: ClassVar[str] = "excitation_backprop"
    layer: str | None = Field(
        None,
        min_length=1,
        description="Name of the layer at which it ends; null goes down to the pixels.",
    )


class ExtremalPerturbationSettings(GradientSettings):
    """The smooth masks of given areas that keep the output highest."""

    called: ClassVar[str] = "extremal_perturbation"
    areas: list[Annotated[float, Field(gt=0, lt=1)]] = Field(
        default=[0.1, 0.2, 0.4], min_length=1, max_length=20, description="Shares of the picture."
    )
    cells: Annotated[int, Field(ge=1, le=256)] = Field(
        8, description="Cells of a mask along the shorter side."
    )
    steps: Count = Field(40, description="Steps of the optimisation: a gradient an area each.")
    baseline: Baseline = Field("blur", description="What is put where the mask is 0.")
    blur: Share = Field(0.1, description=_BLUR)


class OcclusionSettings(GradientSettings):
    """The fall of the output under a window that slides over the picture."""

    called: ClassVar[str] = "occlusion"
    gradients: ClassVar[bool] = False
    window: Side | None = Field(
        None, description="Side of the window in pixels; null for an eighth of the shorter side."
    )
    stride: Side | None = Field(
        None, description="Pixels from one window to the next; null for half a window."
    )
    baseline: Baseline = Field("mean", description="What is put in; see `deeplift`.")
    blur: Share = Field(0.1, description=_BLUR)


class PropertyGradientSettings(GradientSettings):
    """The located property gradient: where along a property's path the output's change arises."""

    called: ClassVar[str] = "property"
    of_paths: ClassVar[bool] = True
    tolerance: Annotated[float, Field(gt=0, le=0.5)] = Field(
        0.01,
        description="How much of the larger of the output's change and its total variation may be "
        "missing from the map's sum.",
    )
    most: Annotated[int, Field(ge=2, le=100000)] = Field(
        1024, description="Limit of gradients a path."
    )

    def plain(self) -> dict[str, Any]:
        """Return the keywords of `zollstock.locate.property_gradient.property_gradient`."""
        return self.model_dump(exclude={"method"})


GRADIENTS: Mapping[str, type[GradientSettings]] = {
    kind.called: kind
    for kind in (
        SaliencySettings,
        InputXGradientSettings,
        IntegratedGradientsSettings,
        SmoothGradSettings,
        GradCamSettings,
        GuidedBackpropSettings,
        DeepLiftSettings,
        DeconvnetSettings,
        LrpSettings,
        GradientShapSettings,
        ExcitationBackpropSettings,
        ExtremalPerturbationSettings,
        OcclusionSettings,
    )
}
"""Methods of pictures, by the name of their module."""

GRADIENT_METHODS: Mapping[str, type[GradientSettings]] = {
    **GRADIENTS,
    "ig": IntegratedGradientsSettings,
    "property": PropertyGradientSettings,
}
"""What a method may be called in a config."""
