"""The figures, put together from ellipsoids.

A figure looks along x, stands on y = 0 and has its left side at positive z. Each solid may lean
(turn in the plane of x and y), turn (about the vertical) and splay (about x), in degrees.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from zollstock.worlds.turntable import FACTS

Vector = tuple[float, float, float]
IVORY: Vector = (0.95, 0.93, 0.86)
BLACK: Vector = (0.05, 0.05, 0.06)


@dataclass(frozen=True)
class Solid:
    """An ellipsoid.

    Attributes
    ----------
    part
        What it is a part of.
    centre, radii
        Along x, y and z.
    lean, turn, splay
        Degrees.
    shade
        Times the figure's own colour.
    colour
        Of its own, or None for the figure's.
    pair
        Whether there is a mirror image on the other side.
    """

    part: str
    centre: Vector
    radii: Vector
    lean: float = 0.0
    turn: float = 0.0
    splay: float = 0.0
    shade: float = 1.0
    colour: Vector | None = None
    pair: bool = False

    def both(self) -> "tuple[Solid, ...]":
        """Return it and its mirror image, if it has one."""
        if not self.pair:
            return (self,)
        x, y, z = self.centre
        return self, replace(self, centre=(x, y, -z), turn=-self.turn, splay=-self.splay)


def _legs(front: Vector, hind: Vector, radii: tuple[Vector, Vector]) -> tuple[Solid, ...]:
    return tuple(
        Solid("legs", centre, size, pair=True)
        for centre, size in zip((front, hind), radii, strict=True)
    )


def _eyes(centre: Vector, radius: float) -> Solid:
    return Solid("head", centre, (radius, radius, radius), colour=BLACK, pair=True)


ELEPHANT = (
    Solid("body", (-0.02, 1.08, 0.0), (0.82, 0.56, 0.50)),
    Solid("body", (-0.45, 1.02, 0.0), (0.46, 0.52, 0.45)),
    Solid("head", (0.90, 1.34, 0.0), (0.36, 0.38, 0.32)),
    Solid("ornament", (0.66, 1.27, 0.40), (0.07, 0.44, 0.33), turn=58.0, shade=0.82, pair=True),
    Solid("head", (1.20, 1.08, 0.0), (0.15, 0.28, 0.15), lean=18.0),
    Solid("head", (1.30, 0.76, 0.0), (0.115, 0.27, 0.115), lean=6.0),
    Solid("head", (1.33, 0.44, 0.0), (0.095, 0.24, 0.095), lean=2.0),
    Solid("head", (1.41, 0.25, 0.0), (0.15, 0.08, 0.08), lean=18.0),
    Solid("ornament", (1.27, 0.98, 0.19), (0.26, 0.05, 0.05), lean=14.0, colour=IVORY, pair=True),
    *_legs((0.50, 0.44, 0.27), (-0.58, 0.44, 0.27), ((0.17, 0.46, 0.17), (0.18, 0.46, 0.17))),
    Solid("tail", (-0.93, 0.92, 0.0), (0.035, 0.34, 0.035), lean=-10.0),
    _eyes((1.13, 1.42, 0.22), 0.055),
)
GIRAFFE = (
    Solid("body", (-0.05, 1.42, 0.0), (0.58, 0.31, 0.27)),
    Solid("body", (0.32, 1.50, 0.0), (0.30, 0.34, 0.26)),
    Solid("neck", (0.52, 1.85, 0.0), (0.19, 0.45, 0.17), lean=-22.0),
    Solid("neck", (0.72, 2.32, 0.0), (0.125, 0.62, 0.115), lean=-20.0),
    Solid("head", (1.02, 2.84, 0.0), (0.25, 0.125, 0.12), lean=-22.0),
    Solid("head", (1.20, 2.75, 0.0), (0.14, 0.085, 0.085), lean=-22.0, shade=0.85),
    Solid("ornament", (0.92, 3.02, 0.07), (0.028, 0.13, 0.028), splay=8.0, shade=0.6, pair=True),
    Solid("head", (0.84, 2.92, 0.19), (0.05, 0.06, 0.13), shade=0.85, pair=True),
    *_legs((0.38, 0.64, 0.16), (-0.46, 0.64, 0.16), ((0.075, 0.68, 0.075), (0.085, 0.68, 0.08))),
    Solid("tail", (-0.64, 1.12, 0.0), (0.03, 0.36, 0.03), lean=-8.0, shade=0.7),
    _eyes((1.05, 2.88, 0.11), 0.035),
)
_PLATES = (
    (0.72, 1.02, 0.55),
    (0.48, 1.24, 0.75),
    (0.20, 1.42, 0.95),
    (-0.12, 1.50, 1.10),
    (-0.46, 1.45, 1.05),
    (-0.78, 1.26, 0.85),
    (-1.08, 1.02, 0.65),
    (-1.34, 0.86, 0.45),
)
"""Along the back: x, y, and size."""
STEGOSAURUS = (
    Solid("body", (0.05, 0.86, 0.0), (0.72, 0.44, 0.36)),
    Solid("body", (-0.28, 0.95, 0.0), (0.52, 0.48, 0.38)),
    Solid("neck", (0.78, 0.64, 0.0), (0.38, 0.17, 0.16), lean=-24.0),
    Solid("head", (1.14, 0.50, 0.0), (0.25, 0.115, 0.11), lean=-10.0),
    Solid("tail", (-0.90, 0.80, 0.0), (0.52, 0.21, 0.18), lean=16.0),
    Solid("tail", (-1.38, 0.66, 0.0), (0.46, 0.10, 0.09), lean=10.0),
    *(
        Solid("ornament", (x, y, 0.07 * side), (0.16 * s, 0.25 * s, 0.035), shade=0.68)
        for (x, y, s), side in zip(_PLATES, (1, -1) * 4, strict=True)
    ),
    *(
        Solid(
            "ornament",
            (x, 0.72, 0.14),
            (0.035, 0.20, 0.035),
            lean=20.0,
            splay=40.0,
            colour=IVORY,
            pair=True,
        )
        for x in (-1.50, -1.70)
    ),
    *_legs((0.44, 0.29, 0.23), (-0.40, 0.42, 0.25), ((0.11, 0.33, 0.11), (0.17, 0.46, 0.15))),
    _eyes((1.22, 0.55, 0.085), 0.035),
)


@dataclass(frozen=True)
class Figure:
    """The K solids of a figure as arrays, its middle at the origin and at most 1 from it.

    Attributes
    ----------
    centres
        (K, 3).
    spreads
        R·diag(radii²)·Rᵀ of each: the points q of a solid have qᵀ·spread⁻¹·q ≤ 1; (K, 3, 3).
    shades
        Times the figure's colour, (K,).
    colours
        Of its own, NaN for the figure's, (K, 3).
    parts
        Index into the world's parts, (K,).
    ground
        How far its feet are below its middle.
    """

    centres: NDArray[np.float64]
    spreads: NDArray[np.float64]
    shades: NDArray[np.float64]
    colours: NDArray[np.float64]
    parts: NDArray[np.int64]
    ground: float


@cache
def figure(kind: int) -> Figure:
    """Return the figure of a label."""
    solids = [each for one in (ELEPHANT, GIRAFFE, STEGOSAURUS)[kind] for each in one.both()]
    spreads = np.stack([_spread(solid) for solid in solids])
    centres = np.array([solid.centre for solid in solids])
    reach = np.sqrt(np.stack([np.diag(spread) for spread in spreads]))
    low, high = (centres - reach).min(0), (centres + reach).max(0)
    scale = 2.0 / (high - low).max()
    return Figure(
        (centres - (low + high) / 2.0) * scale,
        spreads * scale**2,
        np.array([solid.shade for solid in solids]),
        np.array([solid.colour or (np.nan,) * 3 for solid in solids]),
        np.array([FACTS.parts.index(solid.part) for solid in solids]),
        float(high[1] - low[1]) * scale / 2.0,
    )


def _spread(solid: Solid) -> NDArray[np.float64]:
    rotation = turn_y(solid.turn) @ turn_x(solid.splay) @ turn_z(solid.lean)
    return np.asarray(rotation @ np.diag(np.square(solid.radii)) @ rotation.T)


def turn_x(degrees: float) -> NDArray[np.float64]:
    """Return the rotation about x that takes y towards z."""
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def turn_y(degrees: float) -> NDArray[np.float64]:
    """Return the rotation about y that takes x towards z."""
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])


def turn_z(degrees: float) -> NDArray[np.float64]:
    """Return the rotation about z that takes x towards y."""
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
