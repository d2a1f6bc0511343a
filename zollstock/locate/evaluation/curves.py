r"""Occlusion curves: what becomes of the output when a picture is taken away piece by piece.

MIF takes the most important pieces first, LIF the least important (Samek et al. 2017). A map is
right where MIF falls at once and LIF stays up: SRG = mean of LIF − mean of MIF (Blücher et al.
2024), 0 in expectation for a random order. All depends on what is put in, even the sign, so several
fills are told apart. All maps, fills and both orders of a picture are one stream of batches, and
both ends of a curve, which they share, are predicted once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array, Indices
from zollstock.errors import ZollstockError
from zollstock.seeds import rng_for

Frames = npt.NDArray[np.uint8]
Predict = Callable[[Frames], npt.ArrayLike]
Way = Literal["lif", "mif"]
WAYS: tuple[Way, ...] = ("lif", "mif")

LEAST = 0.01
"""Least fall of the output from end to end by which a curve is divided."""
TIES = 8
"""Orders that are drawn where values are tied."""


@dataclass(frozen=True)
class Pieces:
    """What is taken away as a whole, and how important each is.

    Attributes
    ----------
    values
        Importance, float64, (M,); the larger the more it raises the output. NaN counts as the mean.
    labels
        Which piece each pixel is of, 0 … M − 1, (H, W).
    """

    values: Array
    labels: Indices

    @classmethod
    def pixels(cls, values: npt.ArrayLike) -> "Pieces":
        """Return the pixels of a map, (H, W), as pieces."""
        flat = np.asarray(values, np.float64)
        return cls(flat.ravel(), np.arange(flat.size).reshape(flat.shape))

    @classmethod
    def segments(cls, values: npt.ArrayLike, labels: npt.ArrayLike) -> "Pieces":
        """Return segments as pieces.

        Parameters
        ----------
        values
            A number a segment, (M,), or a map, (H, W), whose mean in each segment counts.
        labels
            0 … M − 1, (H, W).
        """
        places, given = np.asarray(labels, np.intp), np.asarray(values, np.float64)
        if given.ndim == 2:
            finite = np.isfinite(given)
            total = np.bincount(places[finite], given[finite], places.max() + 1)
            count = np.bincount(places[finite], minlength=places.max() + 1)
            given = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
        if len(given) <= places.max():
            raise ZollstockError(
                "segments",
                f"are {places.max() + 1}, and {len(given)} have a value",
                "one each",
                "Pass a value a segment.",
            )
        return cls(given, places)


@dataclass(frozen=True)
class Curves:
    """What became of the output.

    Attributes
    ----------
    shares
        Of pieces that are taken away, 0 to 1, (K,).
    lif, mif
        The output, the mean over orders where values are tied, (K,); None if it was not asked for.
    least
        See `LEAST`.
    """

    shares: Array
    lif: Array | None
    mif: Array | None
    least: float = LEAST

    @property
    def ways(self) -> list[Way]:
        """Which of both curves were asked for."""
        return [way for way in WAYS if (self.lif if way == "lif" else self.mif) is not None]

    def mean(self, way: Way) -> float:
        """Return the plain mean of a curve, both ends included; NaN of one not asked for."""
        found = self.lif if way == "lif" else self.mif
        return float("nan") if found is None else float(found.mean())

    @property
    def srg(self) -> float:
        """Mean of LIF less that of MIF."""
        return self.mean("lif") - self.mean("mif")

    def normalised(self) -> "Curves":
        """Return (y − y_end)/(y_0 − y_end) of each curve: from 1 to 0.

        NaN throughout where the output falls by less than `least` in all, or rises: a quotient by
        nearly nothing would drown all other pictures in a mean.
        """
        return Curves(self.shares, self._scaled(self.lif), self._scaled(self.mif), self.least)

    def _scaled(self, curve: Array | None) -> Array | None:
        if curve is None:
            return None
        fall = curve[0] - curve[-1]
        return (curve - curve[-1]) / fall if fall >= self.least else np.full_like(curve, np.nan)


def occlusion_curves(
    predict: Predict,
    image: Frames,
    fills: Mapping[str, npt.ArrayLike],
    maps: Mapping[str, Pieces],
    *seed: object,
    steps: int = 10,
    ways: Sequence[Way] = WAYS,
    ties: int = TIES,
    batch: int = 64,
    least: float = LEAST,
) -> dict[tuple[str, str], Curves]:
    """Return the curves of one picture, by names of map and fill.

    Parameters
    ----------
    predict
        From pictures, uint8 (n, H, W, 3), to the followed output, (n,).
    image
        uint8, (H, W, 3), of the model's input size.
    fills
        Name → what is put in, 0 to 255, (H, W, 3), or a colour (1, 1, 3).
    maps
        Name → pieces and their importance. A map of equal values is the random order: the floor.
    *seed
        Names the draws of tied values, e.g. study seed and image id.
    steps
        Points of a curve, both ends included: K.
    ways
        Which curves.
    ties
        How many orders are drawn, and averaged over, of a map with tied values.
    batch
        Pictures that are made and predicted at once.
    least
        See `LEAST`.

    Raises
    ------
    ZollstockError
        If shapes do not fit, or there are fewer than 2 steps.
    """
    _check(image, fills, maps, steps)
    shares = np.linspace(0, 1, steps)
    pictures = {
        name: np.broadcast_to(np.clip(np.rint(np.asarray(fill)), 0, 255), image.shape)
        .astype(np.uint8)
        .ravel()
        for name, fill in fills.items()
    }
    plan = _Plan()
    rows: dict[tuple[str, str, Way], list[list[int]]] = {}
    for name, pieces in maps.items():
        count = len(pieces.values)
        taken = np.rint(shares * count).astype(int).tolist()
        for order in _orders(pieces.values, ties, rng_for("occlusion", *seed, name, count)):
            # Once a value of a picture, so that pictures are put together without broadcasting.
            ranks = np.repeat(order.astype(np.int32)[pieces.labels], 3)
            for fill in pictures:
                for way in ways:
                    ends = [(0, n) if way == "lif" else (count - n, count) for n in taken]
                    row = [plan.add(fill, ranks, low, high, count) for low, high in ends]
                    rows.setdefault((name, fill, way), []).append(row)
    values = plan.predicted(predict, image, pictures, batch)
    found = {key: values[places].mean(0) for key, places in rows.items()}
    return {
        (name, fill): Curves(
            shares, found.get((name, fill, "lif")), found.get((name, fill, "mif")), least
        )
        for name in maps
        for fill in fills
    }


class _Plan:
    """The pictures to predict, each once."""

    def __init__(self) -> None:
        self._jobs: list[tuple[str, npt.NDArray[np.int32], int, int]] = []
        self._known: dict[tuple[object, ...], int] = {}

    def add(self, fill: str, ranks: npt.NDArray[np.int32], low: int, high: int, count: int) -> int:
        """Return the place of the picture whose ranks from `low` up to `high` are taken away."""
        key: tuple[object, ...] = (fill, id(ranks), low, high)
        if low == high:
            key = ("whole",)
        elif high - low == count:
            key = ("nothing", fill)
        if key not in self._known:
            self._known[key] = len(self._jobs)
            self._jobs.append((fill, ranks, low, high))  # keeps ranks alive, and so its id
        return self._known[key]

    def predicted(
        self, predict: Predict, image: Frames, pictures: Mapping[str, Frames], batch: int
    ) -> Array:
        """Return the output of every picture, in batches."""
        found = []
        whole = image.ravel()
        changes = {name: whole ^ picture for name, picture in pictures.items()}
        for first in range(0, len(self._jobs), batch):
            part = self._jobs[first : first + batch]
            frames = np.empty((len(part), image.size), np.uint8)
            for frame, (fill, ranks, low, high) in zip(frames, part, strict=True):
                # One end is open: the first ranks are taken away, or the last ones.
                gone = ranks >= low if low else ranks < high
                # a ^ (a ^ b) is b: several times as fast as to copy where `gone` says.
                np.multiply(changes[fill], gone.view(np.uint8), out=frame)
                frame ^= whole
            values = np.asarray(predict(frames.reshape(len(part), *image.shape)), np.float64)
            found.append(values.reshape(len(part)))
        return np.concatenate(found)


def _orders(values: Array, ties: int, rng: np.random.Generator) -> Iterator[Indices]:
    """Yield the rank of each piece, 0 for the least important, in one order or several."""
    finite = np.isfinite(values)
    known = np.where(finite, values, values[finite].mean() if finite.any() else 0.0)
    order = np.argsort(known)
    tied = bool((np.diff(known[order]) == 0).any())
    for _ in range(ties if tied else 1):
        if tied:
            order = np.lexsort((rng.random(len(known)), known))
        ranks = np.empty(len(order), np.intp)
        ranks[order] = np.arange(len(order))
        yield ranks


def _check(
    image: Frames, fills: Mapping[str, npt.ArrayLike], maps: Mapping[str, Pieces], steps: int
) -> None:
    if steps < 2:
        raise ZollstockError("steps", f"is {steps}", "at least 2: both ends", "Raise it.")
    for name, fill in fills.items():
        shape = np.shape(fill)
        if shape not in (image.shape, (1, 1, 3)):
            raise ZollstockError(
                f"fill {name}", f"has shape {shape}", f"{image.shape} or (1, 1, 3)", "Resize it."
            )
    for name, pieces in maps.items():
        if pieces.labels.shape != image.shape[:2]:
            raise ZollstockError(
                f"map {name}",
                f"has shape {pieces.labels.shape}",
                f"{image.shape[:2]}",
                "Bring it to the picture's size.",
            )
