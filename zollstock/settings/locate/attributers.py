"""Settings of attributers: from what the model says of samples to a number a segment."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag

from zollstock.settings.locate.choice import Choice, Entry, by_form


class RiseSettings(Entry):
    """The mean output of the samples that keep a segment."""


class AttributerSettings(Choice):
    """From samples to attributions: one of the kinds, with its settings."""

    rise: RiseSettings | None = Field(
        None, description="The mean output of the samples that keep a segment."
    )

    options: ClassVar[tuple[str, ...]] = ("rise",)


AttributerWord = Literal["rise"]
Attributer = Annotated[
    Annotated[AttributerWord, Tag("value")] | Annotated[AttributerSettings, Tag("keys")], by_form
]


def attributer_of(given: str | AttributerSettings) -> AttributerSettings:
    """Return an attributer's settings in full."""
    if isinstance(given, AttributerSettings):
        return given
    return AttributerSettings.model_validate({given: {}})


def attributer_plain(given: str | AttributerSettings) -> dict[str, Any]:
    """Return what `zollstock.locate.attributers.attributions_of` takes."""
    return attributer_of(given).plain_entry()
