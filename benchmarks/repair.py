"""Time a step of each explanation loss and penalty, in units of a step of cross-entropy.

Run ``python benchmarks/repair.py`` from the repository: some minutes on one thread.

Processor time of loss and gradient by all weights: the median of quotients, each of a step and a
plain one that were run one after the other, so that a busy machine slows both. Two networks: one
of ReLUs on small pictures (that of benchmarks/decoy.py, in batches of 64), and the project's own
ConvMixer on 64 × 64 pixels, whose GELUs have a second derivative, which costs.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import torch  # noqa: E402 - the thread counts must be set before

from zollstock.models.convmixer import convmixer  # noqa: E402
from zollstock.models.small import small  # noqa: E402
from zollstock.repair.explained import Draws, Given, quiet  # noqa: E402
from zollstock.repair.losses import explanation_loss, property_difference  # noqa: E402

GOALS = {"saliency": 3.5, "deeplift": 7.0, "expected_gradients": 8.0, "difference": 3.2}
EXPLAINERS = {
    "saliency": {},
    "input_x_gradient": {},
    "deeplift": {},
    "expected_gradients": {"samples": 5},
    "deeplift_shap": {"samples": 4},
    "integrated_gradients": {"points": 8},
    "noise_tunnel": {"samples": 5},
    "occlusion": {},
    "ablation": {},
    "lime": {"samples": {"name": "random", "kept": 0.5, "number": 32}},
    "kernel_shap": {"samples": {"name": "shapley", "number": 32}},
}
NETWORKS = {
    "relu": (small, (64, 1, 8, 8)),
    "convmixer": (lambda: convmixer(32, 4, 5, 4, 2), (32, 3, 64, 64)),
}


def steps(name: str):
    """Return a network's plain step and all others, by name."""
    make, shape = NETWORKS[name]
    torch.manual_seed(0)
    module = make().to(memory_format=torch.channels_last).train()
    inputs = torch.randn(shape).contiguous(memory_format=torch.channels_last)
    targets = torch.arange(len(inputs)) % 2
    wanted = torch.ones(len(inputs), *shape[2:])
    wanted[:, -2:, -2:] = 0
    side = torch.arange(shape[2]) * 4 // shape[2]
    given = Given(
        baselines=torch.randn(16, *shape[1:]),
        segments=side[:, None] * 4 + side,
        draws=Draws(0, range(len(inputs))),
    )

    def plain(more=None):
        module.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(module(inputs), targets)
        (loss if more is None else loss + more()).backward()

    def explained(how):
        return lambda: explanation_loss(module, inputs, targets, how, wanted, "mask", given=given)

    def difference():
        with quiet(module):
            return property_difference(module, inputs, inputs.flip(0), targets)

    every = {key: explained({"name": key, **how}) for key, how in EXPLAINERS.items()}
    every["difference"] = difference
    return plain, {key: (lambda loss=loss: plain(loss)) for key, loss in every.items()}


def seconds(function) -> float:
    """Return processor time of a call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--repeats", type=int, default=12)
    asked.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=list(NETWORKS))
    asked.add_argument("--only", nargs="+", choices=[*EXPLAINERS, "difference"])
    given = asked.parse_args()
    torch.set_num_threads(1)
    for name in given.networks:
        plain, others = steps(name)
        plain()
        print(f"\n{name}: a step of cross-entropy takes {1e3 * seconds(plain):.2f} ms")
        for key, step in others.items():
            if given.only and key not in given.only:
                continue
            step()
            pairs = [(seconds(plain), seconds(step)) for _ in range(given.repeats)]
            cost = statistics.median(step / unit for unit, step in pairs)
            goal = f"   goal {GOALS[key]}" if key in GOALS else ""
            print(f"{key:22} {cost:6.2f} ×{goal}", flush=True)


if __name__ == "__main__":
    main()
