"""What a drawn world offers, and the checks that all worlds share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zollstock.errors import ZollstockError
from zollstock.worlds import check_choice
from zollstock.worlds.facts import PLAIN, Facts
from zollstock.worlds.noise import noise_shares, uniform
from zollstock.worlds.shapes import Columns, Plane, as_columns

SMALLEST = 8
"""Least height and width of a picture in pixels."""

Latents = dict[str, NDArray[np.float64]]
"""Named scalars of N images, each of shape (N,). Nothing else enters a picture."""


@dataclass(frozen=True)
class Rendered:
    """Pictures and what is seen where.

    Attributes
    ----------
    frames
        uint8, shape (N, H, W, 3).
    regions
        Name → weight of it in every pixel, float32 in [0, 1], shape (N, H, W); their sum is at
        most 1. A pixel of weight 0 shows nothing of it, one of weight 1 nothing else. Shape
        (0, H, W) if no masks were asked for.
    parts
        Share of each of the world's parts (`World.part_names`, K of them) in every pixel, float32,
        shape (N, K, H, W); they sum to 1. With parts the picture is, before it is clipped and
        rounded, the sum over parts of share × colour, and noise. Shape (0, K, H, W) if they were
        not asked for.
    """

    frames: NDArray[np.uint8]
    regions: Mapping[str, NDArray[np.float32]]
    parts: NDArray[np.float32]


class World(ABC):
    """A structural causal model of pictures: picture = f(named latents).

    Attributes
    ----------
    name
        Of its package.
    facts
        What is known of it without drawing anything.
    chunk
        Images drawn at once at 64×64: their planes then stay in the processor's cache.
    """

    name: ClassVar[str]
    facts: ClassVar[Facts]
    chunk: ClassVar[int] = 16

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the labels, label 0 first."""
        return self.facts.classes

    @property
    def latent_ranges(self) -> Mapping[str, tuple[float, float]]:
        """Latents that may serve as a property, with their legal range."""
        return self.facts.latents

    @property
    def distributions(self) -> tuple[str, ...]:
        """Names of the joint distributions of class and latents."""
        return self.facts.distributions

    @property
    def part_names(self) -> tuple[str, ...]:
        """What a picture is put together from: background, each part of the subject, occluder."""
        return self.facts.parts

    @property
    def nuisances(self) -> tuple[str, ...]:
        """Latents that are drawn alike for all labels, in every distribution."""
        return self.facts.nuisances

    def sample(
        self,
        labels: NDArray[np.integer],
        seeds: NDArray[np.uint64],
        distribution: str = PLAIN,
        bias: float = 0.98,
        shape_noise: float = 0.30,
    ) -> Latents:
        """Draw the latents of N images, each from its own label and seed alone.

        Parameters
        ----------
        labels
            Index into `class_names`; shape (N,).
        seeds
            uint64, shape (N,).
        distribution
            One of `distributions`.
        bias
            Share of images of a biased distribution that follow it.
        shape_noise
            How noisy the evidence of the class is.

        Returns
        -------
        Latents
            float64 arrays of shape (N,).

        Raises
        ------
        ZollstockError
            For an unknown distribution, a label of no class, or unequal lengths.
        """
        check_choice("distribution", distribution, self.distributions)
        labels, seeds = np.asarray(labels), np.asarray(seeds).astype(np.uint64)
        known = range(len(self.class_names))
        if labels.shape != seeds.shape or not np.isin(labels, known).all():
            *first, last = map(str, known)
            raise ZollstockError(
                "labels",
                f"shape {labels.shape} beside {seeds.shape} seeds",
                f"one label, {', '.join(first)} or {last}, per seed",
                "Pass arrays of equal length.",
            )
        latents = self.draw(labels, seeds, distribution, bias, shape_noise)
        latents["noise_seed"] = np.floor(uniform(seeds, "noise_seed") * 2.0**32)
        return latents

    def do(self, latents: Latents, name: str, values: ArrayLike) -> Latents:
        """Set one latent and leave all others.

        Parameters
        ----------
        latents
            Of one image, or of as many as there are values.
        name
            A key of `latent_ranges`.
        values
            A number or shape (S,).

        Returns
        -------
        Latents
            New arrays: (S,) from one image and S values, (N,) from N images and one or N.

        Raises
        ------
        ZollstockError
            For an unknown latent, a value out of range, or numbers that do not match.
        """
        check_choice("latent", name, list(self.latent_ranges))
        values = check_values(name, values, *self.latent_ranges[name])
        count = len(latents[name])
        if count != len(values) and 1 not in (count, len(values)):
            raise ZollstockError(
                f"latent {name}",
                f"{len(values)} values for {count} images",
                "one image, one value, or as many of both",
                "Set the images one by one.",
            )
        shape = (max(count, len(values)),)
        changed = {key: np.broadcast_to(column, shape).copy() for key, column in latents.items()}
        changed[name] = np.broadcast_to(values, shape).copy()
        return changed

    def render(
        self, latents: Latents, size: int = 64, masks: bool = True, parts: bool = False
    ) -> Rendered:
        """Draw N pictures.

        Parameters
        ----------
        latents
            As `sample` and `do` return them, or read back from a table.
        size
            Height and width in pixels, at least 8.
        masks
            False leaves the masks empty and saves their memory.
        parts
            Whether to tell the share of each part.

        Raises
        ------
        ZollstockError
            If `size` is below 8.
        """
        if size < SMALLEST:
            raise ZollstockError(
                "size", f"{size} pixels", f"at least {SMALLEST}", "Draw larger pictures."
            )
        count = len(latents["noise_seed"])
        kept = count if masks else 0
        frames = np.empty((count, size, size, 3), dtype=np.uint8)
        regions = {
            name: np.empty((kept, size, size), dtype=np.float32) for name in self.facts.regions
        }
        told = count if parts else 0
        seen = np.empty((told, len(self.part_names), size, size), dtype=np.float32)
        step = max(1, self.chunk * 64 * 64 // (size * size))
        for start in range(0, count, step):
            part = slice(start, min(start + step, count))
            chunk = {key: np.asarray(column[part]) for key, column in latents.items()}
            shares = seen[part] if parts else None
            drawn = self.paint(chunk, size, frames[part], masks, shares)
            for name, weight in drawn.items():
                regions[name][part] = weight
        return Rendered(frames, regions, seen)

    @abstractmethod
    def draw(
        self,
        labels: NDArray[np.integer],
        seeds: NDArray[np.uint64],
        distribution: str,
        bias: float,
        shape_noise: float,
    ) -> Latents:
        """Draw the latents, of which `sample` has checked everything."""

    @abstractmethod
    def paint(
        self,
        latents: Latents,
        size: int,
        frames: NDArray[np.uint8],
        masks: bool,
        shares: NDArray[np.float32] | None,
    ) -> Mapping[str, Plane]:
        """Paint a chunk into `frames` (n, size, size, 3); return the regions, (n, size, size).

        None is returned without `masks`. The share of each part goes into `shares`,
        (n, parts, size, size), if they are asked for.
        """


def columns_of(
    latents: Latents, angles: Mapping[str, NDArray[np.float64]] | None = None
) -> Columns:
    """Return latents of a chunk, (n,) each, as they are used per pixel: float32, (n, 1, 1).

    Beside them stand where the light comes from (`light_x`, `light_y`, downwards), the shares of
    the noise, and ``NAME_cos`` and ``NAME_sin`` of each of `angles`, name → radians, (n,).
    """
    light = latents["light_direction"] * (np.pi / 2)
    found = {"light_x": np.sin(light), "light_y": -np.cos(light)} | noise_shares(latents)
    for name, angle in (angles or {}).items():
        found |= {f"{name}_cos": np.cos(angle), f"{name}_sin": np.sin(angle)}
    return as_columns(latents | found)


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
