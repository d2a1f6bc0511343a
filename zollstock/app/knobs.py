"""What can be varied on one picture, and its knobs: made from the settings classes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from zollstock.app.start import Start
from zollstock.engines.diffusion.places import CHECKPOINTS, FETCHED, SHIPPED
from zollstock.settings.editors import InstructPix2PixProperty
from zollstock.settings.naming import NamedProperty
from zollstock.settings.pixels import OverlayProperty
from zollstock.settings.properties import PropertySettings
from zollstock.worlds import facts_of

FORMS: dict[str, type[NamedProperty]] = {
    form.model_fields["engine"].default: form for form in get_args(get_args(PropertySettings)[0])
}
"""Engine → its settings class."""
OVERLAYS = Path(__file__).resolve().parents[2] / "resources" / "overlays"
EDITOR = "timbrooks/instruct-pix2pix"
"""What the page says is missing where no editor of photographs was fetched."""

_FILES = frozenset({"mask", "picture", "places", "font", "checkpoint", "revision", "path"})
"""Settings that name files: no visitor of the page chooses a file of the machine it runs on."""
_FIRST = ("instruction", "opposite", "start", "stop", "steps")
"""Knobs that are always shown, in this order; the others unfold."""
_NOT_HERE = frozenset({"engine", "replicates", "size", "budget", "tolerance", "watch"})
_NO_KNOBS = _FILES | _NOT_HERE | frozenset(NamedProperty.model_fields)


@dataclass(frozen=True)
class Kind:
    """Something that can be varied.

    Attributes
    ----------
    key, label
        What it is called, by the page and by people.
    settings
        What of the property's settings is given with it, engine among them.
    begin
        Knobs whose start values are others than the settings class has.
    """

    key: str
    label: str
    settings: Mapping[str, Any]
    begin: Mapping[str, Any] = field(default_factory=dict)

    @property
    def form(self) -> type[NamedProperty]:
        """The settings class."""
        return FORMS[self.settings["engine"]]


@dataclass(frozen=True)
class Knob:
    """One setting of a property, as something to turn.

    Attributes
    ----------
    name, about
        Of the setting, and what it does.
    kind
        ``choice``, ``switch``, ``whole``, ``number`` or ``text``.
    value
        At the start.
    choices
        Of a choice.
    first
        Whether it is always shown.
    """

    name: str
    about: str
    kind: str
    value: Any
    choices: tuple[str, ...] = ()
    first: bool = False


def kinds(world: str | None, start: Start) -> dict[str, Kind]:
    """Return key → what can be varied, of a drawn world's picture or of a photograph (None)."""
    found = []
    for engine, form in FORMS.items():
        needed = {name for name, one in form.model_fields.items() if one.is_required()}
        if needed == {"operation"}:
            for word in get_args(form.model_fields["operation"].annotation):
                settings = {"engine": engine, "operation": word}
                found.append(Kind(word, f"{word} ({engine})", settings))
        elif needed == {"latent"} and world is not None:
            facts = facts_of(world)
            # Those first that are seen at once; the class itself is one of the others.
            ranges = {word: facts.latents[word] for word in facts.meters} | dict(facts.latents)
            for word, (low, high) in ranges.items():
                title = word.replace("_", " ")
                settings = {"engine": engine, "latent": word, "title": title}
                ends = {"start": low, "stop": high}
                found.append(Kind(f"latent {word}", f"{title} (drawn exactly)", settings, ends))
    for file in sorted(OVERLAYS.glob("*.png")):
        settings = {"engine": _engine_of(OverlayProperty), "picture": str(file)}
        settings["title"] = file.stem
        found.append(Kind(f"overlay {file.stem}", f"{file.stem} (laid over)", settings))
    for checkpoint in editors(world):
        name = checkpoint.rpartition("/")[2]
        settings = {"engine": _engine_of(InstructPix2PixProperty), "checkpoint": checkpoint}
        small = (SHIPPED / checkpoint).is_dir()
        begin: dict[str, Any] = {
            "instruction": "make the fur lighter" if small else start.instruction,
            "image_guidance": 1.0 if small else start.image_guidance,
            "stop": 2.0 if small else start.largest_scale,
            "denoising_steps": start.denoising_steps,
        }
        if small:
            begin["opposite"] = "make the fur darker"
        found.append(Kind(f"editor {name}", f"what an editor is told ({name})", settings, begin))
    drawn = {one.key: one for one in found if one.key.startswith("latent")}
    return drawn | {one.key: one for one in found}


def _engine_of(form: type[NamedProperty]) -> str:
    return str(form.model_fields["engine"].default)


def editors(world: str | None) -> list[str]:
    """Return checkpoints of InstructPix2Pix that lie here.

    The small ones that ship edit pictures of the world that they are called after.
    """
    found = []
    if world is not None and (SHIPPED / world).is_dir():
        found.append(world)
    for place in sorted(CHECKPOINTS.glob("*instruct-pix2pix*")):
        if (place / FETCHED).is_file():
            found.append(str(place))
    return found


def knobs(kind: Kind) -> list[Knob]:
    """Return the knobs of a property, those first that are always shown."""
    found = []
    for name, one in kind.form.model_fields.items():
        if name in _NO_KNOBS or name in kind.settings:
            continue
        made = _knob(name, one, kind)
        if made is not None:
            found.append(made)
    place = {name: at for at, name in enumerate(_FIRST)}
    return sorted(found, key=lambda one: place.get(one.name, len(place)))


def _knob(name: str, one: FieldInfo, kind: Kind) -> Knob | None:
    """Return a setting as a knob; None of what is no single word or number."""
    value = kind.begin.get(
        name, None if one.is_required() else one.get_default(call_default_factory=True)
    )
    if value is None and name in ("start", "stop"):
        value = dict(zip(("start", "stop"), _ends(kind), strict=True))[name]
    types = _types(one.annotation)
    choices = tuple(
        str(word) for each in types for word in get_args(each) if get_origin(each) is Literal
    )
    about, first = one.description or "", name in _FIRST
    if bool in types:
        return Knob(name, about, "switch", value, first=first)
    if int in types or float in types:
        whole = float not in types
        return Knob(name, about, "whole" if whole else "number", value, first=first)
    if choices:
        return Knob(name, about, "choice", value, choices, first)
    if str in types:
        return Knob(name, about, "text", value or "", first=first)
    return None


def _ends(kind: Kind) -> tuple[float, float]:
    """Return the first and the last value of the axis where nothing else is asked for."""
    made: Any = kind.form.model_construct(**kind.settings)
    low, high = made.span()
    return float(low), float(high)


def _types(annotation: Any) -> list[Any]:  # noqa: ANN401 - a type, or several
    """Return the types of a setting, without what is around them."""
    if get_origin(annotation) in (Union, UnionType):
        return [kind for one in get_args(annotation) for kind in _types(one)]
    if hasattr(annotation, "__metadata__"):
        return _types(annotation.__origin__)
    return [] if annotation is type(None) else [annotation]


def turned(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a property: what was given, and knobs that were turned.

    Parameters
    ----------
    kind
        What is varied.
    values
        Knob → where it stands; one that is empty keeps its default.
    """
    found = dict(kind.settings)
    for knob in knobs(kind):
        value = values.get(knob.name, knob.value)
        if value is None or value == "":
            continue
        if knob.kind == "whole":
            value = int(value)
        default = kind.form.model_fields[knob.name]
        known = not default.is_required() and default.default == value
        if not known:
            found[knob.name] = value
    if "instruction" in found:
        found.setdefault("title", f"“{found['instruction']}”")
    return found
