"""Ellipsoids in three dimensions, seen along z: a depth buffer with soft seams.

A ray that runs along z through the pixel (x, y) meets the ellipsoid qᵀ·M·q = 1 about its centre
where M₃₃·z² + 2·b·z + c = 0 with b = M₁₃·x + M₂₃·y and c = M₁₁·x² + 2·M₁₂·x·y + M₂₂·y² − 1; the
normal there is M·q. Depths are joined by a polynomial smooth maximum (after I. Quilez), so that
limbs grow out of a body without a crease.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEAM = 0.05
"""Difference of depth over which two solids run into each other."""
FAR = -1e3

Image = NDArray[np.float32]


@dataclass
class View:
    """What is seen in each pixel of one picture, as far as it has been drawn.

    Attributes
    ----------
    depth
        z of the nearest surface, `FAR` where there is none; (H, W).
    normal, colour
        Of that surface, (3, H, W); normals are of length 1 but on seams.
    shares
        Share of each part, (K, H, W), or None if nobody asks.
    """

    depth: Image
    normal: Image
    colour: Image
    shares: Image | None

    @classmethod
    def empty(cls, size: int, parts: int) -> "View":
        """Return a view of nothing; with 0 parts no shares are kept."""
        shares = np.zeros((parts, size, size), np.float32) if parts else None
        if shares is not None:
            shares[0] = 1.0
        return cls(
            np.full((size, size), FAR, np.float32),
            np.zeros((3, size, size), np.float32),
            np.zeros((3, size, size), np.float32),
            shares,
        )


def draw_solid(
    view: View,
    axis: tuple[NDArray[np.float32], NDArray[np.float32]],
    centre: NDArray[np.float64],
    spread: NDArray[np.float64],
    colour: NDArray[np.float64],
    part: int,
) -> None:
    """Draw an ellipsoid into a view.

    Parameters
    ----------
    view
        What is there so far.
    axis
        x of the columns and y of the rows, upwards; ascending and descending.
    centre
        (3,), z towards the camera.
    spread
        M⁻¹, (3, 3).
    colour
        Red, green and blue, (3,).
    part
        Its place among the parts.
    """
    half = np.sqrt(np.diag(spread))
    columns = _within(axis[0], centre[0], half[0])
    rows = _within(axis[1], centre[1], half[1])
    if columns.start >= columns.stop or rows.start >= rows.stop:
        return
    m = np.linalg.inv(spread).astype(np.float32)
    x = (axis[0][columns] - np.float32(centre[0]))[None, :]
    y = (axis[1][rows] - np.float32(centre[1]))[:, None]
    b = m[0, 2] * x + m[1, 2] * y
    root = b * b
    root -= m[2, 2] * ((m[0, 0] * x * x - np.float32(1.0)) + (2 * m[0, 1] * x + m[1, 1] * y) * y)
    hit = root > 0
    np.sqrt(np.maximum(root, 0.0, out=root), out=root)
    z = (root - b) / m[2, 2]

    normal = np.empty((3, *z.shape), np.float32)
    normal[0] = m[0, 2] * z + (m[0, 0] * x + m[0, 1] * y)
    normal[1] = m[1, 2] * z + (m[0, 1] * x + m[1, 1] * y)
    normal[2] = root
    length = normal[0] * normal[0]
    length += normal[1] * normal[1]
    length += root * root
    normal /= np.sqrt(np.maximum(length, 1e-12, out=length))

    at = (rows, columns)
    depth = view.depth[at]
    z += np.float32(centre[2])
    near = z - depth
    near *= 0.5 / SEAM
    near += 0.5
    np.clip(near, 0.0, 1.0, out=near)
    near *= hit
    far = 1.0 - near
    depth *= far
    depth += z * near
    depth += near * far * SEAM
    for mine, theirs in ((view.normal, normal), (view.colour, colour.astype(np.float32))):
        for channel in range(3):
            plane = mine[channel][at]
            plane *= far
            plane += near * theirs[channel]
    if view.shares is not None:
        seen = view.shares[:, rows, columns]
        seen *= far
        seen[part] += near


def _within(axis: NDArray[np.float32], middle: float, half: float) -> slice:
    """Return the pixels of an axis, ascending or descending, that a solid may reach."""
    inside = np.flatnonzero(np.abs(axis - np.float32(middle)) <= np.float32(half))
    return slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0, 0)
