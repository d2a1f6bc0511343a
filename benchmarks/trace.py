"""Time and check interventions inside a network beside a plain loop.

All path interventions of all layers of a LeNet (each parent's edges to all of its children set to
0), on 50 of scikit-learn's digits, in one process on one thread: by a loop that writes into the
weights and runs one image at a time, by the same loop with images batched, and by
`zollstock.trace.path_interventions`.

    python benchmarks/trace.py [--images 50] [--repeats 5]
"""

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - the thread counts must be set before
import torch  # noqa: E402
from circuits import digits, train  # noqa: E402

from zollstock.models.lenet import LeNet  # noqa: E402
from zollstock.trace.effects import edge_effects  # noqa: E402
from zollstock.trace.layers import find_wiring  # noqa: E402
from zollstock.trace.network import follow_class  # noqa: E402
from zollstock.trace.path_interventions import parent_effects  # noqa: E402


@torch.no_grad()
def loop(module: LeNet, pictures: torch.Tensor, index: int, batch: int) -> list[torch.Tensor]:
    """Return each layer's answers, (parents, N): weights are written, run and written back."""
    found = []
    for layer in (module.conv1, module.conv2, module.fc1, module.fc2, module.fc3):
        weight = layer.weight
        block = 25 if layer is module.fc1 else 1
        rows = []
        for parent in range(weight.shape[1] // block):
            part = slice(parent * block, (parent + 1) * block)
            kept = weight[:, part].clone()
            weight[:, part] = 0
            rows.append(torch.cat([module(some)[:, index] for some in pictures.split(batch)]))
            weight[:, part] = kept
        found.append(torch.stack(rows))
    return found


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--images", type=int, default=50)
    asked.add_argument("--repeats", type=int, default=5)
    given = asked.parse_args()
    torch.set_num_threads(1)
    pictures, labels = digits(1200)
    module = train(pictures, labels)
    chosen = pictures[: given.images]
    network = follow_class(module, 3)
    layers = find_wiring(network, chosen).layers

    def batched() -> list[torch.Tensor]:
        # The first layer reads the picture itself: the loop runs it too, so both do the same.
        return [parent_effects(network, chosen, one, rows=2**14).without for one in layers]

    timed = {}
    results = {}
    for name, work, repeats in (
        ("loop, one image at a time", lambda: loop(module, chosen, 3, 1), 1),
        ("loop, images batched", lambda: loop(module, chosen, 3, len(chosen)), given.repeats),
        ("parent_effects", batched, 4 * given.repeats),
    ):
        if repeats > 1:
            work()
        times = []
        for _ in range(repeats):
            started = time.perf_counter()
            results[name] = work()
            times.append(time.perf_counter() - started)
        timed[name] = float(np.median(times))
    first = next(iter(timed))
    for name, seconds in timed.items():
        apart = max(
            float((one - two).abs().max())
            for one, two in zip(results[first], results[name], strict=True)
        )
        factor = timed[first] / seconds
        print(f"{name:28s} {seconds * 1e3:9.1f} ms  {factor:6.0f} ×  largest error {apart:.1e}")
    singles = time.perf_counter()
    count = sum(len(edge_effects(network, chosen, one).without) for one in layers)
    print(f"all {count} single edges: {time.perf_counter() - singles:.2f} s")


if __name__ == "__main__":
    main()
