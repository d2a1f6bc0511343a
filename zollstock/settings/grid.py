"""Settings of a grid: two properties of the study at once."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from zollstock.errors import ZollstockError
from zollstock.settings.base import Name
from zollstock.settings.known import check_known
from zollstock.settings.naming import NamedProperty
from zollstock.settings.traits import Surroundings

Steps = Annotated[int, Field(ge=3, le=1000)]


class GridProperty(NamedProperty):
    """Two properties of the study at once: partial magnitudes, and how far they interact."""

    grid: ClassVar[bool] = True

    engine: Literal["grid"] = "grid"
    first: Name = Field(
        description="A property of this study that is drawn, or computed on pixels."
    )
    second: Name = Field(
        description="Another one of the same kind; its steps are made at every step of the first."
    )
    steps: Annotated[list[Steps], Field(min_length=2, max_length=2)] = Field(
        default=[9, 9], description="Steps of the first and of the second, evenly spaced."
    )

    def along(self) -> Sequence[str]:
        """Return the two properties, the first one first."""
        return self.first, self.second

    def frame_settings(self, around: Surroundings) -> dict[str, Any]:
        """Return the settings of both properties, with the grid's steps."""
        own: dict[str, Any] = {"engine": self.engine}
        for key, name, steps in zip(("first", "second"), self.along(), self.steps, strict=True):
            prop = around.properties[name]
            own |= {key: prop.frame_settings(around) | {"steps": steps}}
        return own

    def placebo_settings(self, around: Surroundings) -> dict[str, Any] | None:
        """Return None: a grid is measured, not tested."""
        return None

    def check(self, where: str, around: Surroundings) -> None:
        """Check that both are there, differ, and can be composed."""
        for key, name in zip(("first", "second"), self.along(), strict=True):
            known = [other for other, prop in around.properties.items() if prop.composable]
            expected = (
                "a property of this study whose states another can start from "
                "(engine: rendered, or one of docs/photographs.md)"
            )
            check_known(name, known, expected, f"{where}.{key}")
        kinds = [around.properties[name].composable for name in self.along()]
        if kinds[0] != kinds[1]:
            raise ZollstockError(
                f"{where}.second",
                f"names '{self.second}' ({kinds[1]}) beside '{self.first}' ({kinds[0]})",
                "two properties that are drawn, or two that are computed on pixels",
                "Name another property.",
            )
        if self.first == self.second:
            raise ZollstockError(
                f"{where}.second",
                f"names '{self.second}', as first does",
                "another property",
                "A grid of one property is a path.",
            )
