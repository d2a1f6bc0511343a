"""Taking the maps of one image: every method, at the frames where it is asked.

Names of frames: ``picture``, the unedited one; ``first P`` and ``last P``, the ends of the path of
property P; ``path P``, along the path. Along a path a gradient method's map is the mean over its
frames, a perturbation method's that of its two ends, and the located property gradient is what it
is. A method that puts in another frame of the path (fill ``path``) has no map of the picture alone,
but ``picture P``, where the frame that its fill names is put in.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.locate.asked import Asked
from zollstock.locate.bands import mass, share_inside
from zollstock.locate.gradients import gradient_maps
from zollstock.locate.names import FIRST, LAST, PATH, PICTURE
from zollstock.locate.perturbation import perturb
from zollstock.locate.property_gradient import LocatedGradient, property_gradient
from zollstock.locate.subjects import Subject, Walk
from zollstock.paths import pixel_change
from zollstock.seeds import rng_for

Map = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Method:
    """One method of a study.

    Attributes
    ----------
    name
        What the study calls it.
    kind
        ``perturbation``, ``gradient`` or ``property``.
    settings
        Plain: of a perturbation as `zollstock.locate.perturbation.perturb` takes them, with
        ``attribute``; of a gradient attribution its ``name`` and arguments.
    per
        Of a perturbation: ``pixels``, or ``segments`` for a map that is constant on each.
    needs_frame
        Whether another frame of the path is put in.
    """

    name: str
    kind: str
    settings: Mapping[str, Any]
    per: str = "pixels"
    needs_frame: bool = False

    @property
    def passed(self) -> str:
        """What methods that share a pass over the samples have in common."""
        shared = {key: value for key, value in self.settings.items() if key != "attribute"}
        return json.dumps(shared, sort_keys=True)


@dataclass
class Taken:
    """What a method gave of one image.

    Attributes
    ----------
    maps
        Frame → map, (H, W).
    placebo_shares
        Property → share of the map that lies inside its mask, by the draw of the placebo path.
    placebo_masses
        Of the located property gradient: property → |Σ map| inside its mask, in the output's own
        unit, by the draw of the placebo path.
    located
        Property → what is known of the located property gradient.
    """

    maps: dict[str, Map] = field(default_factory=dict)
    placebo_shares: dict[str, dict[int, float]] = field(default_factory=dict)
    placebo_masses: dict[str, dict[int, float]] = field(default_factory=dict)
    located: dict[str, LocatedGradient] = field(default_factory=dict)

    def notes(self) -> list[dict[str, Any]]:
        """Return what is not to be read off the maps that are kept, as rows of judgements."""
        kinds = {"share_placebo": self.placebo_shares, "mass_placebo": self.placebo_masses}
        rows: list[dict[str, Any]] = [
            {"measure": measure, "property": name, "draw": draw, "value": value}
            for measure, found in kinds.items()
            for name, values in found.items()
            for draw, value in values.items()
        ]
        for name, located in self.located.items():
            told = {"change": located.change, "variation": located.variation}
            told |= {"incomplete": located.share, "points": float(located.points)}
            rows += [
                {"measure": measure, "property": name, "value": value}
                for measure, value in told.items()
            ]
        return rows


@dataclass(frozen=True)
class _Look:
    """One frame at which maps are taken: of which property, if any, and which of its placebos."""

    at: str
    picture: npt.NDArray[np.uint8]
    of: str = ""
    other: npt.NDArray[np.uint8] | None = None
    placebo: int | None = None

    def shown(self, of: bool = False) -> tuple[object, ...]:
        """Return what a map at it depends on: equal frames of several paths have one map."""
        other = None if self.other is None else self.other.tobytes()
        return self.picture.tobytes(), other, self.of if of else ""


def take_maps(subject: Subject, methods: Sequence[Method], asked: Asked) -> dict[str, Taken]:
    """Return what methods give of an image, by their names.

    Methods that differ in their attributer alone share one pass over the samples.
    """
    found = {method.name: Taken() for method in methods}
    passes: dict[str, list[Method]] = {}
    for method in methods:
        if method.kind == "perturbation":
            passes.setdefault(method.passed, []).append(method)
        elif method.kind == "gradient":
            _take_gradients(subject, method, asked, found[method.name])
        else:
            _take_property(subject, method, asked, found[method.name])
    for several in passes.values():
        _take_perturbations(subject, several, asked, found)
    return found


def _take_perturbations(
    subject: Subject, methods: Sequence[Method], asked: Asked, found: Mapping[str, Taken]
) -> None:
    if asked.has_no_other(methods[0].settings):
        return
    settings, needs_frame = methods[0].settings, methods[0].needs_frame
    # Of label pictures each property may have its own.
    own = settings["segments"]["name"] == "labels"
    known: dict[tuple[object, ...], dict[str, Map]] = {}
    for look in _looks(subject, methods[0] if needs_frame else None):
        seen = (look if needs_frame else replace(look, other=None)).shown(own)
        if seen not in known:
            known[seen] = _perturbed(subject, methods, asked, look)
        for name, values in known[seen].items():
            _note(found[name], look, values, asked)
    for method in methods:
        _mean_of_ends(found[method.name], subject.walks)


def _perturbed(
    subject: Subject, methods: Sequence[Method], asked: Asked, look: _Look
) -> dict[str, Map]:
    """Return the maps of methods that share a pass, at one frame."""
    settings = {key: value for key, value in methods[0].settings.items() if key != "attribute"}
    # Equal samples for all models and frames of an image: what differs is the model.
    rng = rng_for(asked.seed, "locate", subject.record.id, methods[0].passed)
    passed = perturb(
        look.picture,
        asked.classifier,
        settings,
        {method.name: method.settings["attribute"] for method in methods},
        rng,
        replace(asked.context_of(settings, look.of), frame=look.other),
        asked.batch_size,
    )
    return {method.name: passed.map_of(method.name, method.per) for method in methods}


def maps_of_picture(
    subject: Subject, methods: Sequence[Method], asked: Asked, picture: npt.NDArray[np.uint8]
) -> dict[str, Map]:
    """Return the maps of a picture in the place of the unedited one, by method.

    Parameters
    ----------
    subject
        The image, whose samples are drawn.
    methods
        Those that share a pass over the samples, or one gradient method; none puts in a frame.
    asked
        The model.
    picture
        uint8, (H, W, 3), of the same size.
    """
    if methods[0].kind == "perturbation":
        return _perturbed(subject, methods, asked, _Look(PICTURE, picture))
    return {
        method.name: gradient_maps(asked.follow, picture[None], method.settings, asked.seed)[0]
        for method in methods
    }


def _take_gradients(subject: Subject, method: Method, asked: Asked, found: Taken) -> None:
    def maps_at(frames: npt.NDArray[np.uint8]) -> Map:
        return gradient_maps(asked.follow, frames, method.settings, asked.seed)

    known: dict[bytes, Map] = {}
    for look in _looks(subject, None):
        seen = look.picture.tobytes()
        if seen not in known:
            known[seen] = maps_at(look.picture[None])[0]
        _note(found, look, known[seen], asked)
    for name, walk in subject.walks.items():
        frames = walk.thinned(asked.frames)
        taken = [known.get(frame.tobytes()) for frame in frames]
        maps = [one for one in taken if one is not None]
        along = np.stack(maps) if len(maps) == len(taken) else maps_at(frames)
        found.maps[f"{PATH} {name}"] = along.mean(0)


def _take_property(subject: Subject, method: Method, asked: Asked, found: Taken) -> None:
    for name, walk in subject.walks.items():
        located = property_gradient(asked.follow, walk.frames, walk.axis, **method.settings)
        found.located[name] = located
        found.maps[f"{PATH} {name}"] = located.map
        mask = asked.masks.get(name)
        if mask is None:
            continue
        for draw, placebo in subject.placebos.get(name, {}).items():
            beside = property_gradient(
                asked.follow, placebo.frames, placebo.axis, **method.settings
            )
            share, net = share_inside(beside.map, mask), mass(beside.map, mask, "signed")
            found.placebo_shares.setdefault(name, {})[draw] = share
            found.placebo_masses.setdefault(name, {})[draw] = abs(net)


def _looks(subject: Subject, method: Method | None) -> Iterator[_Look]:
    """Yield the frames at which maps are taken, the placebos' last ones behind them.

    Parameters
    ----------
    subject
        The image.
    method
        One that puts in another frame of the path; None of all others.
    """
    others = {} if method is None else put_in(subject, method.settings["fill"])
    walks = {name: walk for name, walk in subject.walks.items() if method is None or name in others}
    if method is None:
        yield _Look(PICTURE, subject.picture)
    for name, walk in walks.items():
        if method is not None:
            yield _Look(f"{PICTURE} {name}", subject.picture, other=others[name])
        yield _Look(f"{FIRST} {name}", walk.start, name, walk.end)
        yield _Look(f"{LAST} {name}", walk.end, name, walk.start)
    for name in walks:
        for draw, walk in subject.placebos.get(name, {}).items():
            yield _Look(f"placebo {draw} {name}", walk.end, name, walk.start, draw)


def put_in(subject: Subject, fill: Mapping[str, Any]) -> dict[str, npt.NDArray[np.uint8]]:
    """Return property → the frame of its path that a fill puts in; of one or of all properties."""
    wanted = [fill["property"]] if fill.get("property") else list(subject.walks)
    return {
        name: _frame(walk, subject.picture, fill.get("frame", LAST))
        for name, walk in subject.walks.items()
        if name in wanted
    }


def _frame(walk: Walk, picture: npt.NDArray[np.uint8], which: str) -> npt.NDArray[np.uint8]:
    """Return the frame that is put in: the first, the last, or the end farther from the picture."""
    if which == "farthest":
        ends = np.stack([walk.start, walk.end])
        return ends[int(pixel_change(ends, picture).argmax())]
    return walk.start if which == FIRST else walk.end


def _note(found: Taken, look: _Look, values: Map, asked: Asked) -> None:
    """Keep a map, or of a placebo's what the control needs."""
    if look.placebo is None:
        found.maps[look.at] = values
        return
    mask = asked.masks.get(look.of)
    if mask is not None:
        share = share_inside(values, mask)
        found.placebo_shares.setdefault(look.of, {})[look.placebo] = share


def _mean_of_ends(found: Taken, walks: Mapping[str, Walk]) -> None:
    for name in walks:
        first, last = found.maps.get(f"{FIRST} {name}"), found.maps.get(f"{LAST} {name}")
        if first is not None and last is not None:
            mean = (first.astype(np.float64) + last) / 2
            found.maps[f"{PATH} {name}"] = np.asarray(mean, np.float32)
