"""From samples to masks: how much of each pixel a sample keeps.

A segment s has a weight M_s(p) at each pixel p. The weights are 0 or more and sum to one at every
pixel, so that m(p) = Σ_s Z_s M_s(p) is 1 where every segment is kept and 0 where none is, up to
the picture's rim. The same sum with attributions in place of Z makes a map of them.

Masks are made a batch at a time, in float32, on the model's device. ``hard`` weights are 0 or 1.
``bilinear`` ones, of grids, fall off linearly from a cell's centre to the centres of its
neighbours; beyond the outermost centres they stay 1, they do not fold. ``gaussian`` ones are hard
ones blurred by a Gaussian of sigma pixels, with reflecting rim.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from zollstock.arrays import Array, Flags, Indices
from zollstock.locate.segments.grid import cells

SIGMA_SHARE = 70 / 224
"""Sigma by default, as a share of the side of a square of a segment's mean area."""
_DENSE = 2**25
"""Most numbers of a table of all segments' weights, 128 MiB."""

Offsets = Indices
"""Where each sample's grid begins, pixels down and to the right, (N, 2)."""


class Masks(Protocol):
    """What makes masks of samples.

    Attributes
    ----------
    m
        Number of segments.
    sigma
        Pixels of the Gaussian, None of other masks.
    """

    m: int
    sigma: float | None

    def shifts(self, number: int, rng: np.random.Generator) -> Offsets | None:
        """Draw where each of `number` samples' segments lie; None if they lie still."""
        ...

    def of(self, kept: Flags, offsets: Offsets | None = None) -> torch.Tensor:
        """Return the masks of samples, (n, M): float32, (n, H, W)."""
        ...

    def project(self, values: Array) -> Array:
        """Return Σ_s values_s M_s(p), for values (M, K): (K, H, W); shifts are averaged over."""
        ...


class GridMasks:
    """Masks of a grid: m = R Z Cᵀ, with weights R (H, rows) down and C (W, columns) across.

    With `shift` the grid covers a cell more than the picture each way, and each sample looks at
    it through a window that is moved by a random part of a cell, as in RISE (Petsiuk et al.
    2018): without it a map has the grid's own edges.

    Parameters
    ----------
    shape
        H and W of the picture.
    rows, columns
        Of the grid.
    kind
        ``hard``, ``bilinear`` or ``gaussian``.
    sigma
        Pixels of the Gaussian.
    shift
        Whether samples are shifted.
    device
        Where masks are made.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        rows: int,
        columns: int,
        kind: str = "hard",
        sigma: float | None = None,
        shift: bool = False,
        device: torch.device | str = "cpu",
    ) -> None:
        self.m, self.sigma = rows * columns, sigma if kind == "gaussian" else None
        self._shape, self._cells = shape, (rows, columns)
        self._room = (max(shape[0] // rows, 1), max(shape[1] // columns, 1)) if shift else (1, 1)
        self._shift = shift
        sides = [
            torch.from_numpy(_side(length + room - 1 + shift, number, kind, self.sigma))
            for length, number, room in zip(shape, self._cells, self._room, strict=True)
        ]
        self._sides = [side.float().to(device) for side in sides]
        # All windows of each side, without a copy: (offset, pixel, cell).
        self._windows = [
            side.unfold(0, length, 1).transpose(1, 2)
            for side, length in zip(self._sides, shape, strict=True)
        ]

    def shifts(self, number: int, rng: np.random.Generator) -> Offsets | None:
        """Draw offsets of 0 … a cell's side − 1."""
        if not self._shift:
            return None
        return rng.integers(0, self._room, size=(number, 2)).astype(np.intp)

    def of(self, kept: Flags, offsets: Offsets | None = None) -> torch.Tensor:
        """Return the masks of samples."""
        rows, columns = self._windows
        grid = torch.from_numpy(np.asarray(kept, np.float32).reshape(-1, *self._cells))
        grid = grid.to(rows.device)
        if offsets is None:
            return rows[0] @ (grid @ columns[0].T)
        down, across = torch.from_numpy(offsets.T).to(rows.device)
        return rows[down] @ (grid @ columns[across].transpose(1, 2))

    def project(self, values: Array) -> Array:
        """Return Σ_s values_s M_s(p)."""
        last = [room if self._shift else 1 for room in self._room]
        rows, columns = (
            window[:end].double().mean(0).cpu().numpy()
            for window, end in zip(self._windows, last, strict=True)
        )
        grid = np.asarray(values, np.float64).T.reshape(-1, *self._cells)
        found: Array = rows @ grid @ columns.T
        return found


class LabelMasks:
    """Masks of any segments: hard, or blurred by a Gaussian.

    Parameters
    ----------
    labels
        Integers 0 … M − 1, (H, W).
    sigma
        Pixels of the Gaussian; None for hard masks.
    device
        Where masks are made.
    """

    def __init__(
        self, labels: Indices, sigma: float | None = None, device: torch.device | str = "cpu"
    ) -> None:
        self.m, self.sigma = int(labels.max()) + 1, sigma
        self._shape = labels.shape
        self._labels = torch.from_numpy(labels.reshape(-1).astype(np.int64)).to(device)
        self._weights: torch.Tensor | None = None
        if sigma is not None:
            self._blurs = [
                torch.from_numpy(gaussian(length, sigma)).float().to(device)
                for length in labels.shape
            ]
            if self.m * labels.size <= _DENSE:
                alone = self._blurred(self._hard(torch.eye(self.m, device=device)))
                self._weights = alone.reshape(self.m, -1)

    def shifts(self, number: int, rng: np.random.Generator) -> Offsets | None:
        """Return None: the segments lie still."""
        return None

    def of(self, kept: Flags, offsets: Offsets | None = None) -> torch.Tensor:
        """Return the masks of samples."""
        z = torch.from_numpy(np.asarray(kept, np.float32)).to(self._labels.device)
        if self._weights is not None:
            return (z @ self._weights).reshape(-1, *self._shape)
        hard = self._hard(z)
        return hard if self.sigma is None else self._blurred(hard)

    def project(self, values: Array) -> Array:
        """Return Σ_s values_s M_s(p)."""
        hard = np.asarray(values, np.float64).T[:, self._labels.cpu().numpy()]
        hard = hard.reshape(-1, *self._shape)
        if self.sigma is None:
            return hard
        down, across = (gaussian(length, self.sigma) for length in self._shape)
        found: Array = down @ hard @ across.T
        return found

    def _hard(self, z: torch.Tensor) -> torch.Tensor:
        return z.index_select(1, self._labels).reshape(-1, *self._shape)

    def _blurred(self, hard: torch.Tensor) -> torch.Tensor:
        down, across = self._blurs
        return down @ (hard @ across.T)


def masks_for(
    labels: Indices,
    settings: Mapping[str, Any],
    segments: Mapping[str, Any] | None = None,
    device: torch.device | str = "cpu",
) -> Masks:
    """Return what makes masks of samples.

    Parameters
    ----------
    labels
        Integers 0 … M − 1, (H, W).
    settings
        ``kind``, ``sigma`` (pixels, or None for the default) and ``shift``.
    segments
        Settings of the segmenter, whose ``name`` tells a grid.
    device
        Where masks are made.
    """
    kind, shift = settings.get("kind", "hard"), settings.get("shift", False)
    count = int(labels.max()) + 1
    sigma = settings.get("sigma")
    if kind == "gaussian" and sigma is None:
        sigma = SIGMA_SHARE * float(np.sqrt(labels.size / count))
    if segments is not None and segments["name"] == "grid":
        rows, columns = segments["rows"], segments["columns"]
        shape = (labels.shape[0], labels.shape[1])
        return GridMasks(shape, rows, columns, kind, sigma, shift, device)
    if kind == "bilinear" or shift:
        raise ValueError("only a grid has bilinear masks or a shift")
    return LabelMasks(labels, sigma if kind == "gaussian" else None, device)


def gaussian(length: int, sigma: float) -> Array:
    """Return the matrix that blurs a line of pixels, (length, length), with reflecting rim."""
    from scipy.ndimage import gaussian_filter1d

    found: Array = gaussian_filter1d(np.eye(length), sigma, axis=0, mode="reflect")
    return found


def _side(length: int, number: int, kind: str, sigma: float | None) -> npt.NDArray[np.float64]:
    """Return the weights of `number` cells along a line of pixels, (length, number)."""
    if kind == "bilinear":
        # Centres of cells at 0, 1, …; a pixel between two is shared, one outside is the last's.
        place = (np.arange(length) + 0.5) * number / length - 0.5
        place = np.clip(place, 0, number - 1)
        return np.maximum(1 - np.abs(place[:, None] - np.arange(number)), 0)
    hard = np.eye(number)[cells(length, number)]
    return hard if sigma is None else gaussian(length, sigma) @ hard
