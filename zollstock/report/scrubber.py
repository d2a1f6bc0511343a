"""A path that one walks through: its frames, and every model's curve with a mark that moves along.

It is one piece of HTML that asks no server: all frames lie in one picture, and some lines of
JavaScript (`templates/scrubber.js`) move it. The web page shows it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from math import ceil, sqrt
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
from PIL import Image

from zollstock.arrays import Array
from zollstock.report.headline import TEMPLATES, environment
from zollstock.report.pictures import data_address
from zollstock.wording import two_digits

_SMALL = 96
"""Pixels of a side up to which frames are packed without loss, and shown in squares."""
_QUALITY = 90
_LARGEST = 16_383
"""Pixels along a side that a WebP has at most."""
_TICKS = 5
_FACTS = "facts-of-the-walk"
"""Stands for them while the rest is written."""


@dataclass(frozen=True)
class Curve:
    """What one model says along a path.

    Attributes
    ----------
    model
        Its name.
    values
        Followed output, shape (S,).
    followed
        What is followed, in words.
    said
        The class predicted at every step, length S; empty where it is not known.
    colour, dashes
        Its look; dashes as SVG has them.
    places, low, high
        Of its placebos: values of the axis, and between which numbers 5–95 % of them are there,
        shape (T,); T = 0 where there are too few.
    note
        What else is told of it, in a sentence.
    """

    model: str
    values: Array
    followed: str
    said: Sequence[str] = ()
    colour: str = "#333333"
    dashes: str = ""
    places: Array = field(default_factory=lambda: np.empty(0))
    low: Array = field(default_factory=lambda: np.empty(0))
    high: Array = field(default_factory=lambda: np.empty(0))
    note: str = ""


class Overlay(NamedTuple):
    """A picture to lay over a frame.

    Attributes
    ----------
    pixels
        uint8, shape (h, w, 4); or one a step, (S, h, w, 4), which moves along with the frames.
    across, down
        How wide and high it is in frames: less than 1 where a model sees the middle alone.
    note
        What is told of it while it is seen, in a sentence.
    """

    pixels: npt.NDArray[np.uint8]
    across: float = 1.0
    down: float = 1.0
    note: str = ""

    @property
    def moving(self) -> bool:
        """Whether there is one a step."""
        return self.pixels.ndim == 4


@dataclass(frozen=True)
class Walk:
    """A path to walk through.

    Attributes
    ----------
    frames
        uint8, shape (S, H, W, 3).
    axis
        The property's values, shape (S,).
    start
        The step that is shown first.
    title, axis_title, value_title
        Of the path, of its axis, and of what is followed.
    curves
        One a model.
    overlays
        Name → picture to lay over a frame.
    over
        Name of the one that is seen at first; "" for none.
    limits
        Least and largest value of the curves' axis.
    boundary
        Where the decision turns; None where there is no such number.
    """

    frames: npt.NDArray[np.uint8]
    axis: Array
    start: int
    title: str
    axis_title: str
    value_title: str
    curves: Sequence[Curve]
    overlays: Mapping[str, Overlay] = field(default_factory=dict)
    over: str = ""
    limits: tuple[float, float] = (0.0, 1.0)
    boundary: float | None = None


def scrubber(walk: Walk) -> str:
    """Return the piece of HTML."""
    steps, height, width, _ = walk.frames.shape
    columns = ceil(sqrt(steps * height / width))
    widest = max([width, *(one.pixels.shape[2] for one in walk.overlays.values() if one.moving)])
    columns = max(1, min(columns, steps, _LARGEST // widest))
    left = _across(walk)
    curves = [_drawn(curve, walk, left) for curve in walk.curves]
    facts: dict[str, Any] = {
        "path": [walk.title, walk.start],
        "columns": columns,
        "rows": ceil(steps / columns),
        "axis": [f"{value:.4g}" for value in walk.axis],
        "left": [_round(value) for value in left],
        "curves": [curve["moving"] for curve in curves],
    }
    low, high = walk.limits
    ticks = np.linspace(low, high, 3)
    text = (
        environment()
        .get_template("scrubber.html")
        .render(
            walk=walk,
            facts=_FACTS,
            picture=_sheet_address(walk.frames, columns),
            small=max(height, width) <= _SMALL,
            aspect=f"{width}/{height}",
            columns=columns,
            rows=ceil(steps / columns),
            curves=curves,
            here=_round(left[walk.start]),
            overlays={
                name: (
                    one,
                    _sheet_address(one.pixels, columns) if one.moving else packed(one.pixels, True),
                )
                for name, one in walk.overlays.items()
            },
            boundary=None
            if walk.boundary is None or not low < walk.boundary < high
            else _round(_upwards(np.array([walk.boundary]), walk)[0]),
            across=[(left[step], f"{walk.axis[step]:.3g}") for step in _ticks(steps)],
            upwards=[
                (_round(at), two_digits(value))
                for at, value in zip(_upwards(ticks, walk), ticks, strict=True)
            ],
        )
    )
    # A page may keep its elements and change what is in them: the script looks at this alone.
    facts["mark"] = crc32(text.encode())
    return text.replace(_FACTS, escape(json.dumps(facts)), 1)


def scripts() -> str:
    """Return the script that all scrubbers of a page share, and what they look like."""
    css, js = (
        (TEMPLATES / f"scrubber.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")
    )
    return f"<style>{css}</style><script>{js}</script>"


def _ticks(steps: int) -> list[int]:
    return [int(step) for step in np.unique(np.linspace(0, steps - 1, min(steps, _TICKS)).round())]


def _across(walk: Walk) -> Array:
    """Return how far to the right each step lies, in percent; equal steps are drawn in order."""
    first, last = walk.axis[0], walk.axis[-1]
    if len(walk.axis) > 1 and last != first:
        return 100 * (walk.axis - first) / (last - first)
    return np.linspace(0, 100, len(walk.axis)) if len(walk.axis) > 1 else np.array([50.0])


def _upwards(values: Array, walk: Walk) -> Array:
    """Return how far from the top values lie, in percent."""
    low, high = walk.limits
    return np.clip(100 * (high - values) / (high - low), 0, 100)


def _round(value: float) -> float:
    return round(float(value), 2)


def _drawn(curve: Curve, walk: Walk, left: Array) -> dict[str, Any]:
    """Return a curve's lines, and what changes as one walks."""
    top = _upwards(curve.values, walk)
    known = np.isfinite(curve.values)
    band = ""
    if len(curve.places):
        at = np.interp(curve.places, *_rising(walk.axis, left))
        edges = [*zip(at, _upwards(curve.low, walk), strict=True)]
        edges += reversed([*zip(at, _upwards(curve.high, walk), strict=True)])
        band = _points(edges)
    # A gap in a curve is a gap in its line.
    pieces = np.split(np.arange(len(top)), np.flatnonzero(np.diff(known.astype(int))) + 1)
    return {
        "curve": curve,
        "lines": [
            _points(zip(left[part], top[part], strict=True)) for part in pieces if known[part[0]]
        ],
        "band": band,
        "moving": {
            "top": [_round(value) if ok else None for value, ok in zip(top, known, strict=True)],
            "value": [f"{value:.3f}" if np.isfinite(value) else "–" for value in curve.values],
            "said": list(curve.said),
        },
    }


def _rising(axis: Array, left: Array) -> tuple[Array, Array]:
    order = np.argsort(axis, kind="stable")
    return axis[order], left[order]


def _points(pairs: Any) -> str:  # noqa: ANN401 - pairs of numbers
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in pairs)


def _sheet(frames: npt.NDArray[np.uint8], columns: int) -> npt.NDArray[np.uint8]:
    """Return all frames in one picture, row by row, (R·H, K·W, channels)."""
    steps, height, width, channels = frames.shape
    rows = ceil(steps / columns)
    sheet = np.zeros((rows, columns, height, width, channels), np.uint8)
    sheet.reshape(-1, height, width, channels)[:steps] = frames
    return sheet.transpose(0, 2, 1, 3, 4).reshape(rows * height, columns * width, channels)


def _sheet_address(frames: npt.NDArray[np.uint8], columns: int) -> str:
    """Return frames as one picture; small ones are packed without loss."""
    return packed(_sheet(frames, columns), max(frames.shape[1:3]) <= _SMALL)


def packed(pixels: npt.NDArray[np.uint8], exact: bool) -> str:
    """Return a picture as a ``data:`` address, without loss or with hardly any."""
    file = BytesIO()
    # Its quickest method: a slider's first answer waits for it.
    Image.fromarray(pixels).save(file, "WEBP", lossless=exact, quality=_QUALITY, method=0)
    return data_address(file.getvalue(), "webp")
