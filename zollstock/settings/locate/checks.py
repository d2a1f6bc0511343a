"""Checks of the section `locate` against the rest of the study."""

from collections.abc import Mapping
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.settings.locate.fills import fill_of
from zollstock.settings.locate.section import LocateSettings, Parts
from zollstock.settings.looked_at import check_looked_at, check_name


def check_locate(
    settings: LocateSettings, properties: Mapping[str, Any], drawn: bool, kind: str, where: str
) -> None:
    """Check that all that is named is there, and that what is followed is one number.

    Parameters
    ----------
    settings
        The section.
    properties
        Of the study: name → settings.
    drawn
        Whether the images come from the renderer.
    kind
        Of the output that is followed, the first one.
    where
        File and key of the section, for messages.

    Raises
    ------
    ZollstockError
        Naming the key.
    """
    wanted = check_looked_at(properties, settings.properties, kind, where)
    for name, parts in settings.perturbations():
        _check_parts(parts, wanted, properties, drawn, f"{where}.{name}")


def _check_parts(
    parts: Parts,
    wanted: list[str],
    properties: Mapping[str, Any],
    drawn: bool,
    where: str,
) -> None:
    segments, fill = parts.segments.entry(), fill_of(parts.fill).entry()
    if segments.needs == "parts" and not drawn:
        raise ZollstockError(
            f"{where}.segments.parts",
            "asks for the parts of a drawn picture, beside images that are not drawn",
            "segments that are found in the image",
            "Use slic or grid.",
        )
    if segments.needs == "mask":
        name = segments.plain()["property"]
        check_name(name, wanted, f"{where}.segments.mask")
        prop = properties[name]
        if not drawn and not getattr(prop, "mask", None):
            raise ZollstockError(
                f"{where}.segments.mask",
                f"names '{name}', which has no mask",
                "a property with a mask",
                f"Set properties.{name}.mask.",
            )
    if fill.needs == "frame" and fill.plain()["property"] is not None:
        check_name(fill.plain()["property"], wanted, f"{where}.fill.path")
