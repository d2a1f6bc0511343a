"""Labelled sets of drawn images, for training and testing."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError, some_of
from zollstock.seeds import seed_for
from zollstock.worlds import get_world
from zollstock.worlds.base import Latents


def sample_dataset(
    world: Mapping[str, Any], distribution: str, count: int, seed: tuple[object, ...]
) -> tuple[Latents, npt.NDArray[np.int64]]:
    """Draw the latents of `count` images, the classes in turn.

    Parameters
    ----------
    world
        ``name``, ``size``, ``bias`` and ``shape_noise``.
    distribution
        A distribution of that world.
    count
        Number of images N.
    seed
        What names the set; image k depends on this, the distribution and k alone.

    Returns
    -------
    latents
        Of each image, (N,) each; `draw_dataset` draws the pictures.
    labels
        int64, shape (N,).
    """
    drawn = get_world(world["name"])
    labels = np.arange(count) % len(drawn.class_names)
    seeds = np.array([seed_for(*seed, distribution, k) for k in range(count)], dtype=np.uint64)
    latents = drawn.sample(
        labels,
        seeds,
        distribution=distribution,
        bias=world["bias"],
        shape_noise=world["shape_noise"],
    )
    return latents, labels


def draw_dataset(
    world: Mapping[str, Any], distribution: str, count: int, seed: tuple[object, ...]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Draw `count` images: uint8, (N, size, size, 3), and their labels; see `sample_dataset`."""
    latents, labels = sample_dataset(world, distribution, count, seed)
    drawn = get_world(world["name"])
    return drawn.render(latents, size=world["size"], masks=False).frames, labels


def check_classes(world: str, classes: Sequence[str], where: str) -> None:
    """Raise a `ZollstockError` unless `classes` are the world's, in its order."""
    known = get_world(world).class_names
    if tuple(classes) != known:
        raise ZollstockError(
            where,
            f"are {some_of(classes)}",
            f"{', '.join(known)}: a model trained on '{world}' has that world's classes",
            "Name them so, in this order.",
        )
