"""Drawing a few pictures of a world."""

import numpy as np


def draw(world, count, first=0, distribution="unbiased", **options):
    labels = np.arange(count) % len(world.class_names)
    seeds = np.arange(first, first + count, dtype=np.uint64)
    return world.sample(labels, seeds, distribution, **options)


def pick(latents, rows):
    return {name: column[rows] for name, column in latents.items()}


def sweep(world, latents, row, name, steps=6, **options):
    low, high = world.latent_ranges[name]
    swept = world.do(pick(latents, [row]), name, np.linspace(low, high, steps))
    return world.render(swept, **options)


def share(drawn, world, *names):
    return drawn.parts[:, [world.part_names.index(name) for name in names]].sum(axis=1)


def changed(drawn):
    """Return by how much each pixel's channels move along a path, (H, W)."""
    return np.ptp(drawn.frames.astype(int), axis=0).max(-1)
