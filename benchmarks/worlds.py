"""Images per second that each drawn world draws on one core: ``python benchmarks/worlds.py``."""

import argparse
import os
import statistics
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from zollstock.worlds import get_world, known_worlds


def rate(world, latents, size, masks, repeats):
    """Return the median images per second of processor time over `repeats` renderings."""
    world.render(latents, size, masks=masks)
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        world.render(latents, size, masks=masks)
        seconds.append(time.process_time() - start)
    return len(next(iter(latents.values()))) / statistics.median(seconds)


def main():
    """Print one line per world, size and batch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 96])
    parser.add_argument("--batches", type=int, nargs="+", default=[64])
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    print("world      size  batch  images/s  images/s with masks")
    for name in known_worlds():
        world = get_world(name)
        for size in options.sizes:
            for batch in options.batches:
                seeds = np.arange(batch, dtype=np.uint64)
                latents = world.sample(np.arange(batch) % len(world.class_names), seeds)
                plain, masked = (
                    rate(world, latents, size, masks, options.repeats) for masks in (False, True)
                )
                print(f"{name:9}  {size:4}  {batch:5}  {plain:8.0f}  {masked:19.0f}")


if __name__ == "__main__":
    main()
