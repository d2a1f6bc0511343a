"""Methods of repair as settings: a class each, whose defaults are those of the method's module."""

from collections.abc import Iterable
from itertools import product
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field, model_validator

from zollstock.errors import did_you_mean
from zollstock.settings.base import Name, Section, check_differ
from zollstock.settings.repair.wanted import SOURCES, FramesWanted, Wanted, WantedTraits

Weight = Annotated[float, Field(gt=0)]
Weights = Weight | Annotated[list[Weight], Field(min_length=1)]
Explained = Literal["logit", "probability", "log_probability", "log_probabilities"]
_SEVERAL = "Of a list each is tried, and one is chosen."
WEIGHT = f"Of the penalty; the prediction's is 1. {_SEVERAL}"

EXPLAINERS: dict[str, tuple[str, ...]] = {
    "ablation": ("shared",),
    "deeplift": ("multiply_by_inputs",),
    "deeplift_shap": ("samples", "multiply_by_inputs"),
    "expected_gradients": ("samples", "noise", "multiply_by_inputs"),
    "input_x_gradient": (),
    "integrated_gradients": ("points", "multiply_by_inputs"),
    "kernel_shap": ("samples", "weights"),
    "lime": ("samples", "kernel", "width", "ridge"),
    "noise_tunnel": ("inner", "kind", "samples", "noise"),
    "occlusion": ("window", "stride"),
    "saliency": ("form",),
}
"""Explainer → its settings, beside `smooth`; see `zollstock.repair.explainers`."""


class MethodTraits(Section):
    """What the plan asks of a method."""

    needs: ClassVar[frozenset[str]] = frozenset()
    """What it trains with beside images: `paths`, `groups`, `wanted`."""

    method: str
    against: list[Name] | None = Field(
        None,
        min_length=1,
        description="Of `repair.against`: what this method trains against, and is chosen by. Null "
        "takes all.",
    )

    def asks_for(self) -> frozenset[str]:
        """Return what it trains with, as it is set."""
        return self.needs

    def looks(self) -> WantedTraits | None:
        """Return where a model may look, of a method that asks for it."""
        return None

    def candidates(self) -> list[dict[str, Any]]:
        """Return the settings of each training that is tried, as the library takes them."""
        told = self.model_dump(exclude={"method", "against", "wanted"})
        lists = {key: told[key] for key in ("weight", "strength") if key in told}
        ways = product(*(one if isinstance(one, list) else [one] for one in lists.values()))
        return [{"name": self.method} | told | dict(zip(lists, way, strict=True)) for way in ways]

    @model_validator(mode="after")
    def _once(self) -> "MethodTraits":
        for key in ("weight", "strength"):
            values = getattr(self, key, None)
            if isinstance(values, list):
                check_differ(key, values)
        return self


class ErmMethod(MethodTraits):
    """Training goes on as before. A baseline."""

    called: ClassVar[str] = "erm"
    method: Literal["erm"] = "erm"


class GroupBalancedMethod(MethodTraits):
    """Images are drawn such that groups (class × what is shown) are equal. A baseline."""

    needs: ClassVar[frozenset[str]] = frozenset({"groups"})
    called: ClassVar[str] = "group_balanced"
    method: Literal["group_balanced"] = "group_balanced"


class GroupDroMethod(MethodTraits):
    """Groups that do worst weigh most (Sagawa et al. 2020). A baseline."""

    needs: ClassVar[frozenset[str]] = frozenset({"groups"})
    called: ClassVar[str] = "group_dro"
    method: Literal["group_dro"] = "group_dro"
    rate: float = Field(0.01, gt=0, description="How fast weights of groups follow their losses.")
    adjustment: float = Field(0.0, ge=0, description="C of C/√n that small groups weigh more by.")


class JttMethod(MethodTraits):
    """What a first model gets wrong is shown more often (Liu et al. 2021). A baseline."""

    called: ClassVar[str] = "jtt"
    method: Literal["jtt"] = "jtt"
    first: Literal["fresh", "given"] = Field(
        "fresh", description="The first model: one of new weights, or the model itself."
    )
    epochs: int = Field(1, ge=1, description="How long a fresh one is trained.")
    factor: float = Field(5.0, ge=1, description="How many times such an image counts.")


class RrrMethod(MethodTraits):
    """Explanation loss: nothing may be explained by where the property is (Ross et al. 2017)."""

    needs: ClassVar[frozenset[str]] = frozenset({"wanted"})
    called: ClassVar[str] = "rrr"
    method: Literal["rrr"] = "rrr"
    weight: Weights = Field(1.0, description=WEIGHT)
    wanted: Wanted = Field(
        default=FramesWanted(),
        description="Where a model may look: `frames`, where no frame differs; or one of `{drawn: "
        "{only: […]}}`, `{masks: FOLDER}`, `{painted: FOLDER}` and `{clickme: FOLDER}`.",
    )
    explainer: dict[str, Any] = Field(
        default={"name": "saliency"},
        description="Its name, or `name` and its settings: " + ", ".join(EXPLAINERS) + ".",
    )
    penalty: Literal["mask", "squared", "absolute", "cosine"] = Field(
        "mask", description="How attributions are compared with where a model may look."
    )
    normalise: Literal["ixai"] | None = Field(
        None, description="`ixai`: absolute values, their mean over channels, from 0 to 1."
    )
    output: Explained = Field("logit", description="What is explained.")
    baselines: int = Field(
        64, ge=1, description="Training images that explainers draw baselines from."
    )
    grid: int = Field(8, ge=1, description="Rows and columns of segments that are taken away.")

    def looks(self) -> WantedTraits:
        """Return where a model may look."""
        return self.wanted

    @model_validator(mode="before")
    @classmethod
    def _spelled(cls, values: Any) -> Any:  # noqa: ANN401 - as YAML has it
        if isinstance(values, dict) and isinstance(values.get("explainer"), str):
            return {**values, "explainer": {"name": values["explainer"]}}
        return values

    @model_validator(mode="after")
    def _known(self) -> "RrrMethod":
        name = self.explainer.get("name")
        if name not in EXPLAINERS:
            hint = did_you_mean(str(name), EXPLAINERS, f"Choose one of {', '.join(EXPLAINERS)}.")
            raise ValueError(f"explainer names '{name}', which is none. {hint}")
        known = (*EXPLAINERS[str(name)], "smooth")
        for key in self.explainer:
            if key != "name" and key not in known:
                raise ValueError(f"explainer {name} has no '{key}', but {', '.join(known)}")
        return self


class DifferenceMethod(MethodTraits):
    """Frames of a path are to be judged alike: mean (log p(y|s₁) − log p(y|s₂))²."""

    needs: ClassVar[frozenset[str]] = frozenset({"paths"})
    called: ClassVar[str] = "difference"
    method: Literal["difference"] = "difference"
    weight: Weights = Field(1.0, description=WEIGHT)
    edited: float = Field(
        0.0, ge=0, description="Weight of the cross-entropy of the frames, which costs nothing."
    )
    pairs: int | None = Field(
        None, ge=1, description="Of each property and step; null takes the batch size."
    )
    frames: Literal["any", "ends"] = Field("any", description="Which two frames of a path.")


class CounterfactualMethod(MethodTraits):
    """Frames are training images with their image's label (as CFKD)."""

    needs: ClassVar[frozenset[str]] = frozenset({"paths"})
    called: ClassVar[str] = "counterfactual"
    method: Literal["counterfactual"] = "counterfactual"
    weight: Weights = Field(1.0, description=f"Of their cross-entropy. {_SEVERAL}")
    frames: int | None = Field(
        None, ge=1, description="Of each property and step; null takes the batch size."
    )


class ProjectionMethod(MethodTraits):
    """The property's directions in a layer are projected out, or penalised (as RR-ClArC)."""

    needs: ClassVar[frozenset[str]] = frozenset({"paths"})
    called: ClassVar[str] = "projection"
    method: Literal["projection"] = "projection"
    form: Literal["closed", "trained", "penalised"] = Field(
        "closed",
        description="`closed` trains nothing; `trained` trains what follows the layer as well; "
        "`penalised` penalises the output's slope along the directions.",
    )
    layer: str | None = Field(None, description="Its name; null is the last linear one.")
    directions: int = Field(1, ge=1, description="Of each property.")
    weight: Weights = Field(1.0, description=f"Of `penalised`. {_SEVERAL}")
    output: Explained = Field("logit", description="Of `penalised`: whose slope.")


class DfrMethod(MethodTraits):
    """The last layer is fitted anew on a balanced set (Kirichenko et al. 2023)."""

    called: ClassVar[str] = "dfr"
    method: Literal["dfr"] = "dfr"
    on: Literal["frames", "groups"] = Field(
        "frames",
        description="Balanced sets: `frames` of paths, or images of which each group has as many.",
    )
    strength: Weights = Field(1.0, description=f"C of scikit-learn's regression. {_SEVERAL}")
    draws: int = Field(10, ge=1, description="Of `groups`: sets that the mean is taken over.")

    def asks_for(self) -> frozenset[str]:
        """Return paths or groups."""
        return frozenset({"paths" if self.on == "frames" else "groups"})


RepairMethod = Annotated[
    ErmMethod
    | GroupBalancedMethod
    | GroupDroMethod
    | JttMethod
    | RrrMethod
    | DifferenceMethod
    | CounterfactualMethod
    | ProjectionMethod
    | DfrMethod,
    Field(discriminator="method"),
]

METHODS: dict[str, Any] = {
    one.model_fields["method"].default: one for one in get_args(get_args(RepairMethod)[0])
}
"""Method → its settings."""


def named(methods: Any) -> Any:  # noqa: ANN401 - as YAML has it
    """Return methods that say which they are: a key is the method's name, unless `method` is set.

    Raises
    ------
    ValueError
        If there is no such method.
    """
    if not isinstance(methods, dict):
        return methods
    found = {}
    for key, given in methods.items():
        told = {} if given is None else given
        if isinstance(told, dict):
            told = {"method": key} | told
            _check_method(str(told["method"]), METHODS)
        found[key] = told
    return found


def _check_method(name: str, known: Iterable[str]) -> None:
    if name not in known:
        hint = did_you_mean(name, known, "Set `method` to one of them.")
        raise ValueError(f"'{name}' is no method; there are {', '.join(known)}. {hint}")


def modules_of_methods(methods: Iterable[MethodTraits]) -> list[str]:
    """Return modules that a job finds by name: of each method, and all explainers where one is."""
    found = {f"zollstock.repair.methods.{one.method}" for one in methods}
    if any("wanted" in one.asks_for() for one in methods):
        found |= {f"zollstock.repair.explainers.{name}" for name in EXPLAINERS}
        found |= {
            f"zollstock.repair.sources.{name}" for name in SOURCES if name != FramesWanted().source
        }
    return sorted(found)
