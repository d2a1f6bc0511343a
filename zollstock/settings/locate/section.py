"""The section `locate`: which maps are taken of which images, and how they are judged."""

from collections.abc import Mapping
from itertools import product
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, model_validator

from zollstock.settings.base import Name, Section
from zollstock.settings.locate.evaluation import EvaluationSettings
from zollstock.settings.locate.fills import FillSettings
from zollstock.settings.locate.grid import MethodGridSettings
from zollstock.settings.locate.methods import (
    METHODS,
    MethodSettings,
    method_of,
    method_of_name,
)
from zollstock.settings.locate.perturbation import PerturbationSettings
from zollstock.settings.locate.segments import SegmentSettings


class Parts(NamedTuple):
    """Of a method that takes parts of the picture away: which parts, and what takes their place."""

    segments: SegmentSettings
    fill: str | FillSettings


DEFAULTS: dict[str, Any] = {"property": {}, "gradcam": {}, "ig": {}}


class LocateSettings(Section):
    """Where in the picture decisions come from: `snakemake locate`, and `all` with this section."""

    images: Annotated[int, Field(ge=1)] | Literal["all"] = Field(
        8, description="How many images, taken from each class in turn, or `all`."
    )
    properties: list[Name] | None = Field(
        None,
        description="Whose paths are looked at; by default all but placebos and grids.",
    )
    methods: dict[Name, MethodSettings] = Field(
        default_factory=lambda: {name: method_of(name, given) for name, given in DEFAULTS.items()},
        min_length=1,
        description="One entry per method. A name that is known needs no further word: "
        f"{', '.join(METHODS)}. `method` says what another name stands for; the default is "
        "`perturbation`.",
    )
    evaluate: EvaluationSettings = Field(
        default=EvaluationSettings(), description="How maps are judged."
    )
    grid: MethodGridSettings | None = Field(
        None,
        description="Perturbation methods of which every combination of parts is judged: lists "
        "where a method has values.",
    )
    placebos: int = Field(
        3,
        ge=0,
        le=99,
        description="At how many placebo paths of an image maps are taken, for the band that "
        "nothing is found within. Each costs as much as a frame.",
    )
    frames: int = Field(
        5, ge=2, le=101, description="At how many frames of a path gradient methods are asked."
    )
    shares: int = Field(
        1, ge=1, le=1000, description="Jobs a model, each with a share of the images."
    )

    def perturbations(self) -> list[tuple[str, Parts]]:
        """Return segments and fill of methods, and of a grid's, each behind a key of `locate`."""
        found = [
            (f"methods.{name}", Parts(method.segments, method.fill))
            for name, method in self.methods.items()
            if isinstance(method, PerturbationSettings)
        ]
        if self.grid is not None:
            pairs = product(self.grid.segments, self.grid.fill)
            found += [("grid", Parts(*pair)) for pair in pairs]
        return found

    def user_files(self) -> list[tuple[str, str]]:
        """Return where pictures of the user's lie, each behind a key of `locate`."""
        found = [
            (f"{key}.segments.{parts.segments.chosen}", place)
            for key, parts in self.perturbations()
            if (place := parts.segments.entry().user_files()) is not None
        ]
        return list(dict.fromkeys(found))

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:  # noqa: ANN401
        """Say of every method what it is, where its name says so."""
        if not isinstance(value, Mapping) or not isinstance(value.get("methods"), Mapping):
            return value
        methods = {
            name: {"method": method_of_name(name)} | dict(given or {})
            if isinstance(given, Mapping | None)
            else given
            for name, given in value["methods"].items()
        }
        return dict(value) | {"methods": methods}
