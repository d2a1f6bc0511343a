"""Settings of fills: what is put where a segment is taken away."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag

from zollstock.settings.locate.choice import Choice, Entry, by_form


class MeanSettings(Entry):
    """The picture's mean colour."""


class FillSettings(Choice):
    """What takes the place of a segment: one of the kinds, with its settings."""

    mean: MeanSettings | None = Field(None, description="The picture's mean colour.")

    options: ClassVar[tuple[str, ...]] = ("mean",)


FillWord = Literal["mean"]
Fill = Annotated[Annotated[FillWord, Tag("value")] | Annotated[FillSettings, Tag("keys")], by_form]


def fill_of(given: str | FillSettings) -> FillSettings:
    """Return a fill's settings in full."""
    return given if isinstance(given, FillSettings) else FillSettings.model_validate({given: {}})


def fill_plain(given: str | FillSettings) -> dict[str, Any]:
    """Return what `zollstock.locate.fills.make_fill` takes."""
    return fill_of(given).plain_entry()
