"""What a method of `locate` may be: a form each, told apart by its name in the config."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from zollstock.settings.locate.gradients import (
    GRADIENT_METHODS,
    DeconvnetSettings,
    DeepLiftSettings,
    ExcitationBackpropSettings,
    ExtremalPerturbationSettings,
    GradCamSettings,
    GradientShapSettings,
    GuidedBackpropSettings,
    InputXGradientSettings,
    IntegratedGradientsSettings,
    LrpSettings,
    OcclusionSettings,
    PropertyGradientSettings,
    SaliencySettings,
    SmoothGradSettings,
)
from zollstock.settings.locate.perturbation import (
    PRESETS,
    CiuMethod,
    LimeMethod,
    PdaMethod,
    PerturbationSettings,
    RiseMethod,
    ShapMethod,
)

OTHER = "perturbation"
"""What a method of any other name is."""
_SHORT = {"ig": "integrated_gradients"}

METHODS: Mapping[str, type[Any]] = {
    **GRADIENT_METHODS,
    **PRESETS,
    OTHER: PerturbationSettings,
}
"""Name → the class of its settings."""


def method_of_name(name: str) -> str:
    """Return the tag of the form that a method of this name has."""
    return _SHORT.get(name, name) if name in METHODS else OTHER


def method_of(name: str, given: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return a method's settings in full."""
    return METHODS[name].model_validate({"method": method_of_name(name), **given})


def _form(value: Any) -> str | None:  # noqa: ANN401
    """Return the tag of a method's form; None, which is refused, of one that is not known."""
    given = value.get("method") if isinstance(value, Mapping) else getattr(value, "method", None)
    if given is None:
        return OTHER
    known = isinstance(given, str) and given in {*METHODS, *_SHORT.values()}
    return method_of_name(given) if known else None


MethodSettings = Annotated[
    Annotated[PropertyGradientSettings, Tag("property")]
    | Annotated[SaliencySettings, Tag("saliency")]
    | Annotated[InputXGradientSettings, Tag("input_x_gradient")]
    | Annotated[IntegratedGradientsSettings, Tag("integrated_gradients")]
    | Annotated[SmoothGradSettings, Tag("smoothgrad")]
    | Annotated[GradCamSettings, Tag("gradcam")]
    | Annotated[GuidedBackpropSettings, Tag("guided_backprop")]
    | Annotated[DeepLiftSettings, Tag("deeplift")]
    | Annotated[DeconvnetSettings, Tag("deconvnet")]
    | Annotated[LrpSettings, Tag("lrp")]
    | Annotated[GradientShapSettings, Tag("gradient_shap")]
    | Annotated[ExcitationBackpropSettings, Tag("excitation_backprop")]
    | Annotated[ExtremalPerturbationSettings, Tag("extremal_perturbation")]
    | Annotated[OcclusionSettings, Tag("occlusion")]
    | Annotated[RiseMethod, Tag("rise")]
    | Annotated[LimeMethod, Tag("lime")]
    | Annotated[ShapMethod, Tag("shap")]
    | Annotated[CiuMethod, Tag("ciu")]
    | Annotated[PdaMethod, Tag("pda")]
    | Annotated[PerturbationSettings, Tag(OTHER)],
    Discriminator(_form),
]
"""A method, by its `method`."""
