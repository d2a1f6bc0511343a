"""Settings that every property has, whatever makes its frames."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from zollstock.closed import too_wide
from zollstock.errors import ZollstockError
from zollstock.settings.base import NOT_BLANK
from zollstock.settings.ledger import MeterSettings
from zollstock.settings.traits import PropertyTraits


def _one_line(words: str) -> str:
    return " ".join(words.split())


Words = Annotated[str, Field(pattern=NOT_BLANK), AfterValidator(_one_line)]


class NamedProperty(MeterSettings, PropertyTraits):
    """How a property is measured, marked and called."""

    not_frames: ClassVar[frozenset[str]] = (
        PropertyTraits.not_frames | {"unit", "period"} | set(MeterSettings.model_fields)
    )

    placebo: bool = Field(
        False, description="No sane model may depend on it; tables and figures mark it."
    )
    title: Words | None = Field(None, description="Name in figures; by default the key.")
    unit: Words | None = Field(
        None, description="Unit of the axis, e.g. `deg`; figures have it behind the name."
    )
    period: float | None = Field(
        None,
        gt=0,
        description="Of an axis that closes on itself, e.g. 360: that far from the first frame it "
        "would be the first again. Such a property has no net change; the axis may be a period "
        "long at most.",
    )

    def varies(self) -> str | None:
        """Return the name of what it varies, where that is known."""
        return self.meter


def check_axis(prop: NamedProperty, where: str) -> None:
    """Check that unit and period fit the property.

    Parameters
    ----------
    prop
        The property.
    where
        File and key of the property, for messages.

    Raises
    ------
    ZollstockError
        If a grid has one of its own, if the axis goes round more than once, as far as its ends
        are known, or if the meter is to rise along an axis that closes.
    """
    for key in ("unit", "period"):
        if prop.grid and getattr(prop, key) is not None:
            raise ZollstockError(
                f"{where}.{key}",
                "is given to a grid, whose axes are those of its two properties",
                f"the {key} of these",
                "Move it there.",
            )
    if prop.period is None:
        return
    if prop.direction is not None:
        raise ZollstockError(
            f"{where}.direction",
            f"is {prop.direction}, but the axis closes on itself (period: {prop.period:g})",
            "no direction: what rises on the way must fall again",
            "Remove one of them.",
        )
    span = prop.span()
    if span is not None and too_wide(*span, prop.period):
        raise ZollstockError(
            f"{where}.period",
            f"is {prop.period:g}, but the axis runs from {span[0]:g} to {span[1]:g}",
            "an axis of one period at most",
            "Correct the period, or the ends of the axis.",
        )
