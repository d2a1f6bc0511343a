"""Images per second that the renderer draws on one core: ``python benchmarks/renderer.py``."""

import argparse
import os
import statistics
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from zollstock.worlds import WORLDS, get_world


def rate(world, latents, size, masks, repeats):
    """Return the median images per second over `repeats` renderings."""
    world.render(latents, size, masks=masks)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        world.render(latents, size, masks=masks)
        seconds.append(time.perf_counter() - start)
    return len(next(iter(latents.values()))) / statistics.median(seconds)


def main():
    """Print one line per world and batch size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    print("world  batch  images/s  images/s with masks")
    for name in WORLDS:
        world = get_world(name)
        for batch in (32, 64, 256):
            seeds = np.arange(batch, dtype=np.uint64)
            latents = world.sample(np.arange(batch) % 2, seeds)
            plain, masked = (
                rate(world, latents, options.size, masks, options.repeats)
                for masks in (False, True)
            )
            print(f"{name:5}  {batch:5}  {plain:8.0f}  {masked:19.0f}")


if __name__ == "__main__":
    main()
