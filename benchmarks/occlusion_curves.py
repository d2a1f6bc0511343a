"""LIF and MIF of one picture, batched against one call at a time.

``python benchmarks/occlusion_curves.py``; on one core, or on a GPU with ``--device cuda``.
"""

import argparse
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from zollstock.images.geometry import Geometry
from zollstock.inference.run import Runner
from zollstock.locate.evaluation.curves import Pieces, occlusion_curves
from zollstock.models.card import Model
from zollstock.models.convmixer import convmixer
from zollstock.models.lenet import lenet
from zollstock.models.normalisation import Normalisation

FILLS = 4
NETWORKS = {
    "none": (None, 64, 3),
    "lenet": (lenet, 32, 1),
    "convmixer": (lambda: convmixer(32, 3, 5, 4), 64, 3),
}


def one_by_one(predict, image, fills, values, steps):
    """Return both curves at every fill: a picture is made and predicted, then the next one."""
    order = np.argsort(values.ravel())
    curves = {}
    for name, fill in fills.items():
        for way, taken in (("lif", order), ("mif", order[::-1])):
            curve = []
            for number in np.rint(np.linspace(0, 1, steps) * values.size).astype(int):
                gone = np.zeros(values.size, bool)
                gone[taken[:number]] = True
                picture = np.where(gone.reshape(*values.shape, 1), fill, image)
                curve.append(predict(picture[None])[0])
            curves[name, way] = np.array(curve)
    return curves


def measure(name, device, steps, repeats):
    """Print seconds of both ways, and their quotient."""
    build, size, channels = NETWORKS[name]
    rng = np.random.default_rng(0)
    image, *others = rng.integers(0, 256, (FILLS + 1, size, size, 3), dtype=np.uint8)
    values, fills = rng.normal(size=(size, size)), dict(enumerate(others))
    if build is None:

        def predict(frames):
            return frames[:, 0, 0, 0].astype(float)
    else:
        torch.manual_seed(0)
        module = build().eval()
        classes = tuple(map(str, range(module.state_dict()[[*module.state_dict()][-1]].shape[0])))
        model = Model(module, classes, Geometry(), Normalisation(channels=channels))
        runner = Runner(model, device=device, batch_size=64)

        def predict(frames):
            return runner.probabilities(frames)[:, 1]

    pieces = {"map": Pieces.pixels(values)}
    alone, batched = [], []
    for _ in range(repeats + 1):  # the first one warms up
        start = time.perf_counter()
        wanted = one_by_one(predict, image, fills, values, steps)
        alone.append(time.perf_counter() - start)
        start = time.perf_counter()
        found = occlusion_curves(predict, image, fills, pieces, steps=steps)
        batched.append(time.perf_counter() - start)
    apart = max(
        np.abs(getattr(found["map", fill], way) - curve).max()
        for (fill, way), curve in wanted.items()
    )
    one, other = min(alone[1:]), min(batched[1:])
    print(f"{name:10} {1e3 * one:9.2f} {1e3 * other:9.2f} {one / other:7.1f} {apart:10.1e}")


def main():
    """Print one line per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("network    single ms batched ms  factor difference")
    for name in NETWORKS:
        measure(name, options.device, options.steps, options.repeats)


if __name__ == "__main__":
    main()
