"""Sections that choose one entry of a registry: `{slic: 50, masks: gaussian}`.

The key names the entry; its value is the entry's settings, or the most important one alone.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, get_args

from pydantic import Discriminator, model_validator

from zollstock.errors import some_of
from zollstock.settings.base import Section

METHOD = "Which method an entry is, where its name does not say so."


def _form(value: object) -> str:
    """Return which form a value has, so that a mistake is told of that form."""
    return "keys" if isinstance(value, Mapping | Section) else "value"


by_form = Discriminator(_form)
"""Tells apart, in a union, what is tagged ``value`` and a section that is tagged ``keys``."""


class Entry(Section):
    """Settings of one entry of a registry."""

    short: ClassVar[str] = ""
    """Key that a lone value is meant for."""

    needs: ClassVar[str | None] = None
    """What must be handed in beside the picture: a name of `zollstock.locate.context.Context`."""

    own: ClassVar[bool] = False
    """Whether a fill is another one in each segment, which must then lie still."""

    def plain(self) -> dict[str, Any]:
        """Return what the library takes."""
        return self.model_dump()

    def user_files(self) -> str | None:
        """Return where pictures of the user's lie; see `zollstock.images.belonging`."""
        return None


class Choice(Section):
    """One of the keys in `options`, and keys that go with all of them."""

    options: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _one(self) -> "Choice":
        given = [name for name in self.options if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"just one of the keys {some_of(self.options, 20)}")
        return self

    @property
    def chosen(self) -> str:
        """Name of the entry."""
        return next(name for name in self.options if getattr(self, name) is not None)

    def entry(self) -> Entry:
        """Return the entry's settings, in full where the config has a lone value."""
        value = getattr(self, self.chosen)
        if isinstance(value, Entry):
            return value
        kind = type(self).entries()[self.chosen]
        return kind.model_validate({kind.short: value})

    def plain_entry(self) -> dict[str, Any]:
        """Return ``name`` and settings of the entry."""
        return {"name": self.chosen} | self.entry().plain()

    @classmethod
    def entries(cls) -> dict[str, type[Entry]]:
        """Return the class of each entry's settings, of those that have one."""
        found = {name: _entries(cls.model_fields[name].annotation) for name in cls.options}
        return {name: kinds[0] for name, kinds in found.items() if kinds}


def _entries(annotation: Any) -> list[type[Entry]]:  # noqa: ANN401
    if isinstance(annotation, type) and issubclass(annotation, Entry):
        return [annotation]
    return [kind for inner in get_args(annotation) for kind in _entries(inner)]
