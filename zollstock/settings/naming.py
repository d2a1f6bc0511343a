"""Settings that every property has, whatever makes its frames."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from zollstock.settings.base import NOT_BLANK
from zollstock.settings.ledger import MeterSettings
from zollstock.settings.traits import PropertyTraits


def _one_line(words: str) -> str:
    return " ".join(words.split())


class NamedProperty(MeterSettings, PropertyTraits):
    """How a property is measured, marked and called."""

    not_frames: ClassVar[frozenset[str]] = PropertyTraits.not_frames | set(
        MeterSettings.model_fields
    )

    placebo: bool = Field(
        False, description="No sane model may depend on it; tables and figures mark it."
    )
    title: Annotated[str, Field(pattern=NOT_BLANK), AfterValidator(_one_line)] | None = Field(
        None, description="Name in figures; by default the key."
    )

    def varies(self) -> str | None:
        """Return the name of what it varies, where that is known."""
        return self.meter
