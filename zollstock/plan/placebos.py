"""Which placebo paths a study makes, and which properties share them."""

from typing import Any

from zollstock.manifests import name_of_placebos
from zollstock.settings import Study


def placebo_sets(study: Study) -> dict[str, dict[str, Any]]:
    """Return the sets of placebo paths of a study, one for each property.

    Placebos are as large as the edit they are compared with, so each property has its own; only
    properties with equal frames share one.

    Returns
    -------
    dict
        Name → ``settings`` of the placebos' engine, and the ``properties`` that share it. A
        property that no placebo can be made for is in none.
    """
    if not study.placebos.number:
        return {}
    found: dict[str, dict[str, Any]] = {}
    around = study.surroundings()
    for name, prop in study.properties.items():
        settings = prop.placebo_settings(around)
        if settings is None:
            continue
        if settings.get("instructions"):  # they go as far as the edits do
            settings["editor"] |= {"stop": getattr(prop, "stop", 0.0)}
        set_name = name_of_placebos(prop.engine, settings, prop.frame_settings(around))
        made = found.setdefault(set_name, {"settings": settings, "properties": []})
        made["properties"].append(name)
    return found
