"""Which placebo paths a study makes, and which properties share them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from zollstock.settings import Study


def placebo_sets(study: Study) -> dict[str, dict[str, Any]]:
    """Return the sets of placebo paths of a study.

    Properties that are varied in the same way share one set, whatever they vary.

    Returns
    -------
    dict
        Name → ``settings`` of the placebos' engine, and the ``properties`` that share it. A
        property that no placebo can be made for is in none.
    """
    if not study.placebos.number:
        return {}
    sets: list[dict[str, Any]] = []
    around = study.surroundings()
    for name, prop in study.properties.items():
        settings = prop.placebo_settings(around)
        if settings is None:
            continue
        for found in sets:
            if found["settings"] == settings:
                found["properties"].append(name)
                break
        else:
            sets.append({"kind": prop.engine, "settings": settings, "properties": [name]})
    for found in sets:
        if found["settings"].get("instructions"):  # they go as far as the edits do
            props = [study.properties[name] for name in found["properties"]]
            far = max(getattr(prop, "stop", 0.0) for prop in props)
            found["settings"]["editor"] |= {"stop": far}
    for found in sets:
        found["properties"].sort()  # their order in the config changes nothing
    return {_name(found.pop("kind"), found["settings"]): found for found in sets}


def _name(kind: str, settings: Mapping[str, Any]) -> str:
    """Return a name that hangs on what makes the placebos: not on their number or who shares them.

    Names are parts of paths of files, so that placebos made once are found again.
    """
    text = json.dumps(settings, sort_keys=True, ensure_ascii=False)
    return f"placebos-{kind}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
