"""Settings that every property has, whatever makes its frames."""

from typing import ClassVar

from pydantic import Field

from zollstock.settings.ledger import MeterSettings
from zollstock.settings.traits import PropertyTraits


class NamedProperty(MeterSettings, PropertyTraits):
    """How a property is measured, marked and called."""

    not_frames: ClassVar[frozenset[str]] = PropertyTraits.not_frames | set(
        MeterSettings.model_fields
    )

    placebo: bool = Field(
        False, description="No sane model may depend on it; tables and figures mark it."
    )
    title: str | None = Field(None, description="Name in figures; by default the key.")

    def varies(self) -> str | None:
        """Return the name of what it varies, where that is known."""
        return self.meter
