"""Which part of a drawn picture is seen in each pixel."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from zollstock.worlds.shapes import Plane, Scalar, paint


class Visible:
    """The share of each part in every pixel, kept while parts are laid over each other.

    Shares sum to 1, since what is laid over takes from all beneath what it adds: a picture that is
    painted with the same weights is the sum over parts of share × colour.

    Parameters
    ----------
    names
        The parts; all is of the first one before anything is laid over it.
    like
        A plane of the picture's shape, (N, H, W).
    """

    def __init__(self, names: Sequence[str], like: Plane) -> None:
        shape = (like.shape[0], len(names), *like.shape[1:])
        self.names = list(names)
        self.shares: NDArray[np.float32] = np.zeros(shape, np.float32)
        self.shares[:, 0] = 1.0

    def lay(self, name: str, weight: Plane) -> None:
        """Lay one part over what is there."""
        self.lay_all({name: weight})

    def lay_all(self, weights: Mapping[str, Plane]) -> None:
        """Lay several parts over what is there at once, which are beside each other."""
        over = np.sum([*weights.values()], axis=0)
        self.shares *= (1.0 - over)[:, None]
        for name, weight in weights.items():
            self.shares[:, self.names.index(name)] += weight


class Painting:
    """A picture in the making, and what is seen of each part so far.

    Parameters
    ----------
    names
        The parts; all is of the first one before anything is laid over it.
    canvas
        Its red, green and blue planes, (N, H, W); painted on in place.
    told
        Whether the parts are kept.
    """

    def __init__(self, names: Sequence[str], canvas: list[Plane], told: bool) -> None:
        self.canvas = canvas
        self.seen = Visible(names, canvas[0]) if told else None

    def lay(self, name: str, colour: Sequence[Scalar | Plane], weight: Plane) -> None:
        """Lay a part over what is there."""
        paint(self.canvas, tuple(colour), weight)
        if self.seen is not None:
            self.seen.lay(name, weight)

    def regions(self, masks: bool, shares: NDArray[np.float32] | None) -> dict[str, Plane]:
        """Return the share of each part by its name, (N, H, W), if masks are asked for.

        All go into `shares`, (N, K, H, W), unless it is None.
        """
        if self.seen is None:
            return {}
        np.maximum(self.seen.shares, 0.0, out=self.seen.shares)  # rounding may have left −1e-7
        if shares is not None:
            shares[:] = self.seen.shares
        named = enumerate(self.seen.names) if masks else ()
        return {name: self.seen.shares[:, k] for k, name in named}
