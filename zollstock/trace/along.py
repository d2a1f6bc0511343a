"""Paths of real frames as intervals that are halved where an integral along them is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from zollstock.errors import ZollstockError
from zollstock.trace.network import Change, Network, Place, checked, hooked

_ROUNDING = 8  # units in the last place by which a number of the network may be off


@dataclass(frozen=True)
class Interval:
    """A part of the way from one frame to the next: from `start` to `end`, within 0 to 1."""

    piece: int
    start: float
    end: float

    def halves(self) -> list["Interval"]:
        """Return both halves."""
        middle = (self.start + self.end) / 2
        return [Interval(self.piece, self.start, middle), Interval(self.piece, middle, self.end)]


@dataclass(frozen=True)
class Path:
    """The frames of one image, as a network's inputs, (S, …), and the output at each."""

    frames: torch.Tensor
    series: torch.Tensor

    @classmethod
    def of(cls, network: Network, frames: torch.Tensor) -> "Path":
        """Return the path of some frames.

        Raises
        ------
        ZollstockError
            If there are fewer than two, or an answer is not finite.
        """
        if len(frames) < 2:
            raise ZollstockError(
                "path", f"has {len(frames)} frame(s)", "at least 2", "Leave failed paths out."
            )
        return cls(frames, network.values(frames))

    @property
    def change(self) -> float:
        """p(end) − p(start)."""
        return float(self.series[-1] - self.series[0])

    @property
    def scale(self) -> float:
        """The larger of |change| and the output's total variation along the frames."""
        return max(abs(self.change), float(self.series.diff().abs().sum()))

    def budget(self, tolerance: float) -> float:
        """Return the error that may remain: a share of `scale`, and never less than rounding."""
        eps = torch.finfo(self.frames.dtype).eps
        rounding = _ROUNDING * eps * float(self.series.abs().max()) * len(self.frames)
        return max(tolerance * self.scale, rounding)

    def pieces(self) -> list[Interval]:
        """Return one interval a step."""
        return [Interval(piece, 0.0, 1.0) for piece in range(len(self.frames) - 1)]

    def at(self, points: Sequence[tuple[int, float]]) -> torch.Tensor:
        """Return inputs at points (piece, share), (N, …): straight between two frames."""
        rows = []
        for piece, share in points:
            start = self.frames[piece]
            rows.append(start + share * (self.frames[min(piece + 1, len(self.frames) - 1)] - start))
        return torch.stack(rows)


@dataclass(frozen=True)
class Slopes:
    """At both ends of some intervals, M: what is at each place, and the output's slope by it.

    Attributes
    ----------
    values, slopes
        Of each place a pair of (M, …), at the starts and at the ends.
    output
        The followed output at both, (M,).
    """

    values: dict[Place, tuple[torch.Tensor, torch.Tensor]]
    slopes: dict[Place, tuple[torch.Tensor, torch.Tensor]]
    output: tuple[torch.Tensor, torch.Tensor]

    def step(self, place: Place) -> torch.Tensor:
        """Return Δa, (M, …)."""
        return self.values[place][1] - self.values[place][0]

    def slope(self, place: Place) -> torch.Tensor:
        """Return the mean of ∂p/∂a at both ends, (M, …)."""
        return (self.slopes[place][0] + self.slopes[place][1]) / 2


Differentiate = Callable[
    [torch.Tensor], tuple[torch.Tensor, dict[Place, torch.Tensor], dict[Place, torch.Tensor]]
]


def slopes_of(path: Path, intervals: Sequence[Interval], differentiate: Differentiate) -> Slopes:
    """Return what `differentiate` says of both ends of intervals; a point is asked once."""
    ends = [
        [_point(one.piece, one.start) for one in intervals],
        [_point(one.piece, one.end) for one in intervals],
    ]
    points = sorted({*ends[0], *ends[1]})
    place_of = {point: place for place, point in enumerate(points)}
    rows = [[place_of[point] for point in some] for some in ends]
    output, values, slopes = differentiate(path.at(points))

    def pair(tensor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return tensor[rows[0]], tensor[rows[1]]

    return Slopes(
        {place: pair(value) for place, value in values.items()},
        {place: pair(value) for place, value in slopes.items()},
        pair(output),
    )


def whole_slopes(network: Network, places: Sequence[Place]) -> Differentiate:
    """Return the function that gives the whole derivative of the output by what is at places.

    Whatever lies behind a place counts, along all ways from there.
    """

    def differentiate(
        inputs: torch.Tensor,
    ) -> tuple[torch.Tensor, dict[Place, torch.Tensor], dict[Place, torch.Tensor]]:
        kept: dict[Place, torch.Tensor] = {}

        def keep(place: Place) -> Change:
            def change(value: torch.Tensor) -> torch.Tensor:
                kept[place] = value * 1
                return kept[place] * 1  # an activation in place may follow

            return change

        with torch.enable_grad(), hooked(network.module, {place: keep(place) for place in places}):
            output = network.answer(inputs.detach().clone().requires_grad_())
        return output.detach(), *graded(output, kept)

    return differentiate


def graded(
    output: torch.Tensor, kept: dict[Place, torch.Tensor]
) -> tuple[dict[Place, torch.Tensor], dict[Place, torch.Tensor]]:
    """Return what was kept, and each row's slope by it; 0 where the output does not hang on it.

    Raises
    ------
    ZollstockError
        If the output or a slope is not finite.
    """
    checked(output.detach(), len(output))
    if not output.requires_grad or not kept:
        return {k: v.detach() for k, v in kept.items()}, {
            k: torch.zeros_like(v) for k, v in kept.items()
        }
    found = torch.autograd.grad(output.sum(), list(kept.values()), allow_unused=True)
    slopes = {
        place: torch.zeros_like(value) if slope is None else slope.to(value.dtype)
        for (place, value), slope in zip(kept.items(), found, strict=True)
    }
    for (path, _, _), slope in slopes.items():
        if not bool(torch.isfinite(slope).all()):
            raise ZollstockError(
                "trace",
                f"the slope by what layer '{path}' returns is not finite",
                "numbers",
                "Follow a logit.",
            )
    return {place: value.detach() for place, value in kept.items()}, slopes


def _point(piece: int, share: float) -> tuple[int, float]:
    """Return a point; the end of a piece is the start of the next."""
    return (piece + 1, 0.0) if share == 1.0 else (piece, share)
