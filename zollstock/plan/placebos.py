"""Which placebo paths a study makes, and which properties share them."""

from typing import Any

from zollstock.settings import DiffusionProperty, MeterSettings, Study
from zollstock.settings.images import WorldSettings

NOT_THE_FRAMES = {"title", "placebo", "watch", "replicates", *MeterSettings.model_fields}
"""Keys of a property that its frames do not depend on."""

_PATH = {"instruction", "opposite", "reverse", "stop", "steps", "budget", "tolerance", "axis"}
"""Keys that say where a path of an editor goes; with the others equal, the editor is the same."""

KEEP = "keep"
"""What an editor is told where nothing is asked of it; small editors read it as no instruction."""


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
    for name, prop in study.properties.items():
        settings = _settings(study, name)
        if settings is None:
            continue
        for found in sets:
            if found["settings"] == settings:
                found["properties"].append(name)
                break
        else:
            sets.append({"kind": prop.engine, "settings": settings, "properties": [name]})
    for found in sets:
        if "editor" in found["settings"]:
            # The engine wants both. Harmless instructions take the place of the first and go as
            # far as the edits do; without any, the knob stays at 0 and neither matters.
            props = [study.properties[name].model_dump() for name in found["properties"]]
            far = max(prop["stop"] for prop in props) if study.placebos.instructions else 1.0
            found["settings"]["editor"] |= {"instruction": KEEP, "stop": far}
    named: dict[str, dict[str, Any]] = {}
    for found in sets:
        kind = f"placebos-{found.pop('kind')}"
        alike = sum(name.startswith(kind) for name in named)
        named[f"{kind}-{alike + 1}" if alike else kind] = found
    return named


def _settings(study: Study, name: str) -> dict[str, Any] | None:
    """Return the settings of the engine that makes a property's placebos; None if none can."""
    prop, placebos = study.properties[name], study.placebos
    if isinstance(prop, DiffusionProperty):
        if study.images.source != "renderer" and not placebos.instructions:
            return None
        editor = {
            key: value
            for key, value in prop.model_dump().items()
            if key not in NOT_THE_FRAMES | _PATH
        }
        told = {"editor": editor, "instructions": list(placebos.instructions)}
        if placebos.instructions:  # then nothing is drawn, and no setting of the world matters
            world = WorldSettings()
            drawn = {"world": world.name, "size": world.size, "latents": None, "tested": []}
            return {"engine": "placebo_edited"} | told | drawn | {"steps": placebos.steps}
        return {"engine": "placebo_edited"} | told | _drawn(study)
    if prop.engine == "rendered":
        return {"engine": "placebo_rendered"} | _drawn(study)
    if placebos.series is not None:
        size = getattr(prop, "size", None)
        return {"engine": "placebo_series", "path": placebos.series, "size": size}
    return None


def _drawn(study: Study) -> dict[str, Any]:
    """Return what drawing a placebo takes. Tested is what a property varies that is none itself."""
    tested = {
        getattr(prop, "latent", prop.meter)
        for prop in study.properties.values()
        if not prop.placebo
    }
    return {
        "world": study.world.name,
        "size": study.world.size,
        "latents": study.placebos.latents,
        "tested": sorted(filter(None, tested)),
        "steps": study.placebos.steps,
    }
