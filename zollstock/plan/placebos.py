"""Which placebo paths a study makes, and which properties share them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

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
        made_by = {"placebos": settings, "edits": prop.frame_settings(around)}
        made = found.setdefault(
            _name(prop.engine, made_by), {"settings": settings, "properties": []}
        )
        made["properties"].append(name)
    return found


def _name(kind: str, made_by: Mapping[str, Any]) -> str:
    """Return a name that hangs on what makes the placebos: not on their number or who shares them.

    Names are parts of paths of files, so that placebos made once are found again.
    """
    text = json.dumps(made_by, sort_keys=True, ensure_ascii=False)
    return f"placebos-{kind}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
