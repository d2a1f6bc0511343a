"""What a drawn world offers, and the checks that all worlds share."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zollstock.errors import ZollstockError, did_you_mean

Latents = dict[str, NDArray[np.float64]]
"""Named scalars of N images, each of shape (N,). Nothing else enters a picture."""


@dataclass(frozen=True)
class Rendered:
    """Pictures and what is seen where.

    Attributes
    ----------
    frames
        uint8, shape (N, H, W, 3).
    fur, background, features
        Weight of each in every pixel, float32 in [0, 1], shape (N, H, W); their sum is
        at most 1 and the rest is outline and occluder. A pixel of weight 0 shows nothing of
        it, one of weight 1 nothing else. Shape (0, H, W) if no masks were asked for.
    parts
        Share of each of the world's parts (`World.part_names`, K of them) in every pixel, float32,
        shape (N, K, H, W); they sum to 1. With parts the picture is, before it is clipped and
        rounded, the sum over parts of share × colour, and noise. Shape (0, K, H, W) if they were
        not asked for.
    """

    frames: NDArray[np.uint8]
    fur: NDArray[np.float32]
    background: NDArray[np.float32]
    features: NDArray[np.float32]
    parts: NDArray[np.float32]


class World(Protocol):
    """A structural causal model of pictures: picture = f(named latents)."""

    @property
    def name(self) -> str:
        """Key in the registry."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the labels, label 0 first."""

    @property
    def latent_ranges(self) -> dict[str, tuple[float, float]]:
        """Latents that may serve as a property, with their legal range."""

    @property
    def distributions(self) -> tuple[str, ...]:
        """Names of the joint distributions of class and latents."""

    @property
    def part_names(self) -> tuple[str, ...]:
        """What a picture is put together from: background, each part of the subject, occluder."""

    @property
    def nuisances(self) -> tuple[str, ...]:
        """Latents that are drawn alike for all labels, in every distribution."""

    def sample(
        self,
        labels: NDArray[np.integer],
        seeds: NDArray[np.uint64],
        distribution: str = ...,
        bias: float = ...,
        shape_noise: float = ...,
    ) -> Latents:
        """Draw the latents of N images, each from its own seed alone."""

    def do(self, latents: Latents, name: str, values: ArrayLike) -> Latents:
        """Return the latents with one of them set; everything else stays."""

    def render(
        self, latents: Latents, size: int = 64, masks: bool = True, parts: bool = False
    ) -> Rendered:
        """Draw the pictures of N images."""


def over_range(
    world: World, latents: Latents, name: str, steps: int, size: int
) -> NDArray[np.uint8]:
    """Return one image with a latent set to evenly spaced values over its whole range.

    Parameters
    ----------
    world
        The drawn world.
    latents
        Of the image, (1,) each.
    name
        The latent that is set; one of the world's `latent_ranges`.
    steps
        S.
    size
        Height and width in pixels.

    Returns
    -------
    ndarray
        uint8, shape (S, size, size, 3).
    """
    swept = world.do(latents, name, np.linspace(*world.latent_ranges[name], steps))
    return world.render(swept, size=size, masks=False).frames


def check_choice(where: str, found: str, choices: tuple[str, ...] | list[str]) -> None:
    """Raise a `ZollstockError` that names the nearest choice unless `found` is one."""
    if found in choices:
        return
    hint = did_you_mean(found, choices, "Take one of these.")
    raise ZollstockError(where, f"`{found}`", "one of " + ", ".join(choices), hint)


def check_values(name: str, values: ArrayLike, low: float, high: float) -> NDArray[np.float64]:
    """Return `values` as float64 of shape (S,), or raise if one lies outside [low, high]."""
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    bad = ~((array >= low) & (array <= high))
    if array.ndim != 1 or array.size == 0:
        raise ZollstockError(
            f"latent {name}",
            f"values of shape {array.shape}",
            "a number or a list of at least one",
            "Pass one value per frame.",
        )
    if bad.any():
        raise ZollstockError(
            f"latent {name}",
            f"value {array[bad][0]:g}",
            f"a number from {low:g} to {high:g}",
            "Change the property's start and stop.",
        )
    return array
