"""Settings that every property has, whatever makes its frames."""

from pydantic import Field

from zollstock.settings.ledger import MeterSettings


class NamedProperty(MeterSettings):
    """How a property is measured, marked and called."""

    placebo: bool = Field(
        False, description="No sane model may depend on it; tables and figures mark it."
    )
    title: str | None = Field(None, description="Name in figures; by default the key.")
