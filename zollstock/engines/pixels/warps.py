"""Operations that move things: turned, shifted, larger, sheared, tilted.

`moved` takes a picture, uint8, (H, W, 3), and values of the knob, (S,), to frames, uint8,
(S, H, W, 3). At 0 the frame is
the picture to the byte. What comes in from outside is stated by ``corners``: the picture
``reflect``-ed at its edges, or a colour (red, green, blue). The middle of the picture stays.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from zollstock.engines.pixels.light import Frames, Picture, Values, Weights, quantised

Corners = Literal["reflect"] | Sequence[int]
Matrix = npt.NDArray[np.float64]
"""Shape (3, 3): from pixels of the frame to pixels of the picture, (x, y, 1), y downwards."""
Points = npt.NDArray[np.float64]
"""Shape (N, 2), x and y."""
_REACH = 2
"""Pixels beside a point that bicubic interpolation looks at."""


def moved(
    name: str,
    image: Picture,
    values: Values,
    seed: int = 0,
    where: Weights | None = None,
    *,
    towards: float | None = None,
    corners: Corners = "reflect",
) -> Frames:
    """Return a picture moved in one of the ways of `INWARD`, a frame for each value.

    `towards` is a direction in degrees, 0 to the right and 90 upwards; by default 0, and 90 in
    ``perspective``.
    """
    if towards is None:
        towards = 90.0 if name == "perspective" else 0.0
    return warped(image, matrices(name, values, image.shape[:2], towards), corners)


def matrices(
    name: str, values: Values, size: tuple[int, ...], towards: float = 0.0
) -> list[Matrix]:
    """Return where each frame's pixels are taken from, one matrix per value.

    Parameters
    ----------
    name
        Of the operation.
    values
        Of its knob, (S,).
    size
        Height and width of the picture in pixels.
    towards
        Direction in degrees, where the operation has one.
    """
    height, width = size
    middle = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]])
    inward = INWARD[name]
    reach = max(height, width) / 2
    return [
        middle @ inward(float(value), np.deg2rad(towards), reach) @ np.linalg.inv(middle)
        for value in values
    ]


def _rotated(value: float, towards: float, reach: float) -> Matrix:
    """Turn by degrees, anticlockwise."""
    cosine, sine = np.cos(np.deg2rad(value)), np.sin(np.deg2rad(value))
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])


def _translated(value: float, towards: float, reach: float) -> Matrix:
    """Shift by pixels in the direction `towards`."""
    return np.array([[1, 0, -value * np.cos(towards)], [0, 1, value * np.sin(towards)], [0, 0, 1]])


def _scaled(value: float, towards: float, reach: float) -> Matrix:
    """Enlarge by the factor 2^value; below 0 it is reduced, antialiased."""
    return np.diag([2.0**-value, 2.0**-value, 1])


def _sheared(value: float, towards: float, reach: float) -> Matrix:
    """Lean by degrees, the top in the direction `towards`."""
    slope = np.tan(np.deg2rad(value))
    along = np.array([np.cos(towards), -np.sin(towards)])  # y points downwards
    across = np.array([-along[1], along[0]])  # below, of what leans to the right
    inward = np.eye(3)
    inward[:2, :2] += slope * np.outer(along, across)
    return inward


def _tilted(value: float, towards: float, reach: float) -> Matrix:
    """Tilt the picture's plane, so that the side `towards` recedes.

    Of a square, the side that recedes is shortened to 1 − value of its length, and the opposite
    one lengthened to 1 + value; of another picture so far away, half the longer side.
    """
    inward = np.eye(3)
    inward[2, :2] = np.array([-np.cos(towards), np.sin(towards)]) * value / reach
    return inward


INWARD: dict[str, Callable[[float, float, float], Matrix]] = {
    "rotate": _rotated,
    "translate": _translated,
    "scale": _scaled,
    "shear": _sheared,
    "perspective": _tilted,
}


def kept_box(found: Sequence[Matrix], size: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return the largest box about the middle that shows nothing from outside the picture.

    It has the picture's proportions, and holds for all frames.

    Parameters
    ----------
    found
        Of `matrices`.
    size
        Height and width of the picture in pixels.

    Returns
    -------
    tuple
        Left, upper, right and lower edge in pixels; without area if there is no such box.
    """
    height, width = size
    if all(_is_inside(matrix, 1.0, size) for matrix in found):
        return (0, 0, width, height)
    low, high = 0.0, 1.0
    for _ in range(30):
        share = (low + high) / 2
        # Boxes are convex, and so are their images: where the corners are inside, all is.
        inside = all(_is_inside(matrix, share, size) for matrix in found)
        low, high = (share, high) if inside else (low, share)
    left, upper = (int(np.ceil(side / 2 * (1 - low) - 1e-6)) for side in (width, height))
    return (left, upper, width - left, height - upper)


def _corners_of(
    matrix: Matrix, size: tuple[int, ...], share: float = 1.0
) -> npt.NDArray[np.float64]:
    """Return where the corners of the frame's middle part lie in the picture, (4, 2)."""
    height, width = size
    edges = [np.array([(1 - share) / 2, (1 + share) / 2]) * side for side in (width, height)]
    corners = np.array([[x, y, 1] for x in edges[0] for y in edges[1]]) @ matrix.T
    return np.asarray(corners[:, :2] / corners[:, 2:])


def _is_inside(matrix: Matrix, share: float, size: tuple[int, ...]) -> bool:
    height, width = size
    points = _corners_of(matrix, size, share)
    return bool((points > -1e-6).all() and (points < np.array([width, height]) + 1e-6).all())


def warped(image: Picture, found: Sequence[Matrix], corners: Corners) -> Frames:
    """Return a frame for each matrix of `matrices`, interpolated bicubically."""
    height, width = size = image.shape[:2]
    reached = np.concatenate([_corners_of(matrix, size) for matrix in found])
    # A pixel more on all sides, so that interpolation at the edge looks at no emptiness.
    least = np.minimum(np.floor(reached.min(0)), 0) - _REACH
    most = np.maximum(np.ceil(reached.max(0)), [width, height]) + _REACH
    left, upper = (-least).astype(int)
    right, lower = (most - [width, height]).astype(int)
    around = ((upper, lower), (left, right), (0, 0))
    if isinstance(corners, str):
        wide = np.pad(image, around, mode="symmetric")
    else:
        wide = np.empty((height + upper + lower, width + left + right, 3), np.uint8)
        wide[:] = np.array(corners, np.uint8)
        wide[upper : upper + height, left : left + width] = image
    channels = [Image.fromarray(wide[..., c].astype(np.float32)) for c in range(3)]
    return np.stack([_frame(channels, matrix, (left, upper), size) for matrix in found])


def _frame(
    channels: Sequence[Image.Image],
    matrix: Matrix,
    origin: tuple[int, int],
    size: tuple[int, ...],
) -> Picture:
    """Return one frame; in floating point, since of bytes Pillow's `transform` rounds down."""
    height, width = size
    to_wide = np.array([[1, 0, origin[0]], [0, 1, origin[1]], [0, 0, 1]]) @ matrix
    if matrix[0, 0] == matrix[1, 1] > 1 and not matrix[2, :2].any() and matrix[0, 1] == 0:
        # Smaller: what `transform` cannot do is to take the mean over what becomes one pixel.
        left, upper = to_wide[0, 2], to_wide[1, 2]
        box = (left, upper, left + matrix[0, 0] * width, upper + matrix[1, 1] * height)
        made = [one.resize((width, height), Image.Resampling.BICUBIC, box=box) for one in channels]
    else:
        rows = (to_wide / to_wide[2, 2]).ravel()[:8].tolist()
        # Without perspective Pillow divides nothing.
        flat = not to_wide[2, :2].any()
        kind = Image.Transform.AFFINE if flat else Image.Transform.PERSPECTIVE
        how = (kind, rows[:6] if flat else rows, Image.Resampling.BICUBIC)
        made = [one.transform((width, height), *how) for one in channels]
    return quantised(np.stack([np.asarray(one) for one in made], axis=-1))
