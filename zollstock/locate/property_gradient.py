r"""The located property gradient: where along a path of real frames the change of an output arises.

Between two consecutive frames x_i and x_{i+1} the output changes by
p(x_{i+1}) − p(x_i) = ∫₀¹ ∇ₓp(x_i + t·Δx_i)·Δx_i dt. Left as a sum over pixels, the integral is a
map, and the maps of all pieces of a path add up to one whose sum is p(end) − p(start): the path
integral of Sundararajan et al. 2017, along the frames of an intervention instead of a straight line
from a baseline. The integral is the trapezoid rule's, halved further where it is wrong, which is
known: p itself is known at every point.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.locate.differentiable import GradientModel, widest

Map = npt.NDArray[np.float32]

_ROUNDING = 8  # units in the last place by which a number of the model may be off


@dataclass(frozen=True)
class LocatedGradient:
    """The located property gradient of one path.

    Attributes
    ----------
    map
        float32, (H, W), summed over channels: change of the output, from the path's first frame
        to its last one, that arises at each pixel. Its sum is `change`, less `error`.
    travelled
        float32, (H, W): the sum over pieces of the absolute value of each one's map. Where the
        output goes up and down again, `map` cancels and this does not.
    pieces
        float32, (S − 1, H, W): the map of each piece of the path, from one frame to the next; they
        sum to `map`.
    series
        The output at the frames that were used, in the order of the path, shape (S,).
    axis
        Their axis values, shape (S,).
    error
        Completeness error: sum of the map less p(end) − p(start).
    residual
        Sum over all intervals of the absolute error of each; errors of opposite sign do not cancel.
    points
        How many gradients were taken.
    complete
        Whether the residual is within the tolerance, or within rounding.
    """

    map: Map
    travelled: Map
    pieces: Map
    series: Array
    axis: Array
    error: float
    residual: float
    points: int
    complete: bool

    @property
    def change(self) -> float:
        """p(end) − p(start)."""
        return float(self.series[-1] - self.series[0])

    @property
    def variation(self) -> float:
        """Total variation of the output along the frames."""
        return float(np.abs(np.diff(self.series)).sum())

    @property
    def share(self) -> float:
        """|error| as a share of the larger of |change| and variation; NaN if both are 0."""
        scale = max(abs(self.change), self.variation)
        return abs(self.error) / scale if scale else float("nan")


@dataclass
class _Interval:
    """A part of a piece: its ends, and the gradient along the piece at both, a pixel each."""

    piece: int
    start: float
    end: float
    values: tuple[float, float]
    slopes: tuple[torch.Tensor, torch.Tensor]
    error: float = field(init=False)

    def __post_init__(self) -> None:
        wide = sum(float(slope.sum(dtype=widest(slope.device))) for slope in self.slopes)
        self.error = (self.end - self.start) / 2 * wide - (self.values[1] - self.values[0])


def property_gradient(
    model: GradientModel,
    frames: npt.NDArray[np.uint8],
    axis: npt.ArrayLike,
    *,
    tolerance: float = 0.01,
    most: int = 1024,
) -> LocatedGradient:
    """Return the located property gradient of one path.

    Works along any frames: those of an edit, of a placebo of the same image, of a captured series.

    Parameters
    ----------
    model
        The followed output.
    frames
        uint8, (S, H, W, 3), of the model's input size. Further ones behind them, such as the
        unedited picture of a `zollstock.paths.PathInput`, are left out.
    axis
        The property's value at each frame, (S,); NaN at unused steps. Frames are taken in the order
        in which they stand, as everywhere in the scores, or by rising value where the axis
        neither rises nor falls throughout. A path that runs both ways from its reference frame is
        one path, from end to end.
    tolerance
        Share of the larger of |p(end) − p(start)| and the path's total variation that all
        absolute errors together may have.
    most
        Limit of gradients; each takes memory of one map (H, W).

    Raises
    ------
    ZollstockError
        If the path has fewer than two frames, or the model gives no gradients.
    """
    used, values = _in_order(frames, axis)
    pixels = model.pixels(frames[used])
    steps = len(used)
    series, intervals = _first_pass(model, pixels)
    scale = float(max(abs(series[-1] - series[0]), np.abs(np.diff(series)).sum()))
    eps = torch.finfo(model.network.dtype).eps
    budget = max(tolerance * scale, _ROUNDING * eps * float(np.abs(series).max()) * steps)
    total = _Total(steps - 1, tuple(pixels.shape[1:3]), pixels.device)
    points = steps
    while intervals:
        left = budget - total.residual
        if sum(abs(one.error) for one in intervals) <= left or points + len(intervals) > most:
            for one in intervals:
                total.add(one)
            break
        limit = left / (4 * len(intervals))
        wrong = [one for one in intervals if abs(one.error) > limit]
        for one in intervals:
            if abs(one.error) <= limit:
                total.add(one)
        points += len(wrong)
        intervals = _halved(model, pixels, wrong)
    maps = total.maps.cpu().double()
    whole = maps.sum(0)
    return LocatedGradient(
        whole.float().numpy(),
        maps.abs().sum(0).float().numpy(),
        maps.float().numpy(),
        series,
        values,
        float(whole.sum()) - float(series[-1] - series[0]),
        total.residual,
        points,
        total.residual <= budget,
    )


class _Total:
    """The maps of the pieces as they grow, and what is known to be wrong with them."""

    def __init__(self, pieces: int, size: tuple[int, ...], device: torch.device) -> None:
        self.maps = torch.zeros((pieces, *size), device=device)
        self.residual = 0.0

    def add(self, one: _Interval) -> None:
        self.maps[one.piece] += (one.end - one.start) / 2 * (one.slopes[0] + one.slopes[1])
        self.residual += abs(one.error)


def _in_order(
    frames: npt.NDArray[np.uint8], axis: npt.ArrayLike
) -> tuple[npt.NDArray[np.intp], Array]:
    """Return which frames are used, in the order of the path, and their axis values."""
    values = np.asarray(axis, np.float64)
    if frames.ndim != 4 or values.ndim != 1 or len(frames) < len(values):
        raise ZollstockError(
            "path",
            f"has frames of shape {frames.shape} and an axis of shape {values.shape}",
            "(S, H, W, 3) and (S,)",
            "Pass one axis value a frame.",
        )
    used = np.flatnonzero(np.isfinite(values))
    if len(used) < 2:
        raise ZollstockError(
            "path",
            f"has {len(used)} frame(s)",
            "at least 2",
            "Leave failed paths out.",
        )
    found = values[used]
    if not ((np.diff(found) > 0).all() or (np.diff(found) < 0).all()):
        order = np.argsort(found, kind="stable")
        used, found = used[order], found[order]
    return used, found


def _first_pass(model: GradientModel, pixels: torch.Tensor) -> tuple[Array, list[_Interval]]:
    """Return the output at the frames and one interval a piece; a frame is differentiated once."""
    # In parts, so that no more than a few gradients of all channels are held at once.
    series, after, before = [], [], []
    part = 16
    for first in range(0, len(pixels), part):
        found, slopes = model.gradients(pixels[first : first + part])
        series.append(found)
        for place, slope in enumerate(slopes, start=first):
            if place + 1 < len(pixels):
                after.append((slope * (pixels[place + 1] - pixels[place])).sum(-1))
            if place:
                before.append((slope * (pixels[place] - pixels[place - 1])).sum(-1))
    values = np.concatenate(series)
    return values, [
        _Interval(k, 0.0, 1.0, (values[k], values[k + 1]), (after[k], before[k]))
        for k in range(len(values) - 1)
    ]


def _halved(
    model: GradientModel, pixels: torch.Tensor, intervals: list[_Interval]
) -> list[_Interval]:
    """Return both halves of each interval."""
    halves = []
    part = 16
    for first in range(0, len(intervals), part):
        these = intervals[first : first + part]
        middles = [(one.start + one.end) / 2 for one in these]
        start = torch.stack([pixels[one.piece] for one in these])
        step = torch.stack([pixels[one.piece + 1] for one in these]) - start
        at = torch.tensor(middles, dtype=pixels.dtype, device=pixels.device)[:, None, None, None]
        found, slopes = model.gradients(start + at * step)
        along = (slopes * step).sum(-1)
        for one, middle, value, slope in zip(these, middles, found, along, strict=True):
            value = float(value)
            ends, sides = one.values, one.slopes
            halves += [
                _Interval(one.piece, one.start, middle, (ends[0], value), (sides[0], slope)),
                _Interval(one.piece, middle, one.end, (value, ends[1]), (slope, sides[1])),
            ]
    return halves
