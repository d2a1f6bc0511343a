"""Pairs of drawn images before and after an edit, for training an editor.

Guidance scales the difference between what an editor would do with and without an
instruction: it samples from p(x|source) · (p(x|source, text) / p(x|source))^s. The pairs are
drawn so that this ratio is an exponential tilt. Without an instruction the target's value of
each property is the source's plus Gaussian jitter σ; an instruction shifts the mean of one of
them by ±m. The ratio of the two Gaussians is exp(±m·x/σ²) up to a constant, so guidance s
shifts the mean by ±s·m: guidance becomes a linear axis of the property. Both Gaussians are
truncated to the property's range, which leaves the ratio as it is.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import truncnorm

from zollstock.seeds import rng_for, seed_for
from zollstock.worlds import get_world

Design = Literal["tilt", "uniform"]


@dataclass(frozen=True)
class Edit:
    """What an instruction does: which latent it moves, and in which direction (±1)."""

    latent: str
    direction: int


EDITS: dict[str, Edit] = {
    "make the fur lighter": Edit("fur_lightness", 1),
    "make the fur darker": Edit("fur_lightness", -1),
    "make the background brighter": Edit("background_brightness", 1),
    "make the background darker": Edit("background_brightness", -1),
}
"""The instructions a pets editor learns, besides doing nothing."""

LATENTS = tuple(dict.fromkeys(edit.latent for edit in EDITS.values()))


@dataclass(frozen=True)
class Pairs:
    """Sources, targets and instructions.

    Attributes
    ----------
    images
        uint8, shape (sources · (1 + targets per source), H, W, 3): each source, then its targets.
    source, target
        Rows of `images`, one per pair.
    text
        0 for no instruction, k for the k-th key of `EDITS` (from 1); one per pair.
    """

    images: NDArray[np.uint8]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    text: NDArray[np.int64]


def draw_pairs(
    sources: int,
    *,
    size: int,
    shift: float,
    jitter: float,
    seed: tuple[object, ...],
    world: str = "pets",
    design: Design = "tilt",
) -> Pairs:
    """Draw sources, each with one target per instruction and one for doing nothing.

    Parameters
    ----------
    sources
        Number of source images.
    size
        Height and width in pixels.
    shift
        m: how far an instruction moves the mean of its property.
    jitter
        σ: standard deviation of every property's change.
    seed
        Names the set.
    world
        The drawn world.
    design
        ``tilt`` as above; ``uniform`` moves the named property by a strength drawn uniformly
        between none and all of the way to its end, and nothing else.
    """
    drawn = get_world(world)
    rng = rng_for(*seed, "pairs")
    labels = np.arange(sources) % len(drawn.class_names)
    seeds = np.array([seed_for(*seed, k) for k in range(sources)], dtype=np.uint64)
    latents = drawn.sample(labels, seeds)
    per_source = 2 + len(EDITS)
    tiled = {name: np.repeat(column, per_source) for name, column in latents.items()}
    start = {name: latents[name] for name in LATENTS}
    for text, edit in enumerate([None, *EDITS.values()]):
        rows = np.arange(sources) * per_source + 1 + text
        for name in LATENTS:
            direction = edit.direction if edit is not None and edit.latent == name else 0
            move = _tilted if design == "tilt" else _uniform
            tiled[name][rows] = move(rng, start[name], direction, shift, jitter)
    first = np.arange(sources) * per_source
    texts = np.arange(per_source - 1)
    return Pairs(
        drawn.render(tiled, size=size, masks=False).frames,
        np.repeat(first, per_source - 1),
        (first[:, None] + 1 + texts).ravel(),
        np.tile(texts, sources),
    )


def _tilted(
    rng: np.random.Generator,
    start: NDArray[np.float64],
    direction: int,
    shift: float,
    jitter: float,
) -> NDArray[np.float64]:
    """Draw from N(start ± shift, jitter²) truncated to [0, 1]."""
    mean = start + direction * shift
    ends = (0.0 - mean) / jitter, (1.0 - mean) / jitter
    drawn = truncnorm.rvs(*ends, loc=mean, scale=jitter, random_state=rng)
    return np.clip(drawn, 0.0, 1.0)


def _uniform(
    rng: np.random.Generator,
    start: NDArray[np.float64],
    direction: int,
    shift: float,
    jitter: float,
) -> NDArray[np.float64]:
    """Draw uniformly between the start and the end the direction points to."""
    end = {1: 1.0, -1: 0.0}.get(direction)
    strength = rng.uniform(size=start.shape)
    return start if end is None else start + strength * (end - start)
