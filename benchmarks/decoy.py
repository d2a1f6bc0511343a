"""Run every method of repair on decoy digits, and print what each costs and brings.

Run ``python benchmarks/decoy.py`` from the repository: some eight minutes on one free core.

A small network of convolutions learns 900 of scikit-learn's digits with a patch whose grey tells
the class (the world `decoy_digits`). Each method repairs it with the same images and with frames in
which the patch is set otherwise, of the same images; methods of explanations know where the patch
is. Weight and epoch are chosen on 150 other digits without any group label: least property gradient
within .01 of the best accuracy on their intervened frames. Numbers are of 497 further digits, means
and deviations over seeds, which part the digits and draw the weights anew.

- with, without: accuracy where the patch tells the class, and where it tells nothing
- epgm: total up and down of the label's probability over the patch's ten levels
- cost: processor time of the whole method, in units of as many epochs of cross-entropy alone
"""

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - the thread counts must be set before
import torch  # noqa: E402
from torch import nn  # noqa: E402

from benchmarks.decoy_digits import decoy_digits  # noqa: E402
from zollstock.models.normalisation import Normalisation  # noqa: E402
from zollstock.models.small import small  # noqa: E402
from zollstock.repair.choosing import frontier, least_gradient, of_epochs  # noqa: E402
from zollstock.repair.material import Material, Paths  # noqa: E402
from zollstock.repair.measuring import (  # noqa: E402
    accuracies,
    probabilities,
    property_gradient,
)
from zollstock.repair.methods import repaired  # noqa: E402

WATCHED = 150
NORMALISATION = Normalisation((0.5,) * 3, (0.5,) * 3, 1)
EXPLAINERS = {
    "saliency": {"name": "saliency"},
    "input_x_gradient": {"name": "input_x_gradient"},
    "integrated_gradients": {"name": "integrated_gradients", "points": 4},
    "expected_gradients": {"name": "expected_gradients", "samples": 5},
    "deeplift": {"name": "deeplift"},
    "deeplift_shap": {"name": "deeplift_shap", "samples": 2},
}
METHODS = {
    "erm": [{"name": "erm"}],
    "group_balanced": [{"name": "group_balanced"}],
    "group_dro": [{"name": "group_dro", "rate": rate} for rate in (0.01, 0.1)],
    "jtt": [{"name": "jtt", "factor": factor} for factor in (5.0, 20.0)],
    **{
        f"rrr {name}": [
            {"name": "rrr", "explainer": explainer, "weight": weight} for weight in (1.0, 10.0)
        ]
        for name, explainer in EXPLAINERS.items()
    },
    "difference": [
        {"name": "difference", "weight": weight, "edited": edited}
        for weight in (1.0, 10.0)
        for edited in (0.0, 1.0)
    ],
    "counterfactual": [{"name": "counterfactual", "weight": weight} for weight in (1.0, 4.0)],
    **{
        f"projection {form}": [
            {"name": "projection", "form": form, "layer": layer, "directions": count}
            for layer in ("6", "8")
            for count in (4, 16)
        ]
        for form in ("closed", "trained")
    },
    "projection penalised": [
        {"name": "projection", "form": "penalised", "layer": "6", "directions": 4, "weight": weight}
        for weight in (0.1, 1.0)
    ],
    "dfr": [{"name": "dfr", "strength": strength} for strength in (0.01, 0.1)],
}


def network(seed: int) -> nn.Sequential:
    """Return untrained weights."""
    torch.manual_seed(seed)
    return small()


class Validation:
    """What is watched after each epoch, and how long that took."""

    def __init__(self, paths: Paths) -> None:
        self.paths, self.seconds = paths, 0.0

    def __call__(self, module: nn.Module) -> dict[str, float]:
        """Return accuracy and property gradient under names of their own."""
        start = time.process_time()
        found = property_gradient(module, self.paths, NORMALISATION)
        self.seconds += time.process_time() - start
        return {f"valid_{name}": value for name, value in found.items()}


def tested(module: nn.Module, test) -> dict[str, float]:
    """Return what is told of a model."""
    found = {
        name: accuracies(probabilities(module, images, NORMALISATION), test.labels)["accuracy"]
        for name, images in (("with", test.with_decoy()), ("without", test.without_decoy()))
    }
    paths = Paths(test.paths(), test.labels)
    return found | {"epgm": property_gradient(module, paths, NORMALISATION)["epgm"]}


def run(seed: int, methods: list[str], epochs: int) -> dict[str, dict[str, float]]:
    """Return what each method does for one seed."""
    train, valid, test = (decoy_digits(part, seed) for part in ("train", "validation", "test"))
    material = Material(
        train.with_decoy(),
        train.labels,
        groups=train.labels,  # the patch's level, which is the class
        paths={"patch": Paths(train.paths(), train.labels)},
        wanted=train.masks(),
    )
    recipe = {"epochs": epochs, "batch_size": 32, "learning_rate": 3e-3, "mirror": False}
    common = {"training": recipe, "seed": seed, "normalisation": NORMALISATION}
    module = network(seed)
    plain = repaired(module, material, {"name": "erm"}, **common)
    start = time.process_time()  # once more, now that everything was called before
    repaired(module, material, {"name": "erm"}, **common)
    unit = time.process_time() - start
    module.load_state_dict(plain.state)
    module.eval()
    found = {"plain": tested(module, test) | {"cost": 1.0}}
    other = network(seed).eval()
    watch = Validation(Paths(valid.paths()[:WATCHED], valid.labels[:WATCHED]))
    for method in methods:
        states, candidates, cost = {}, {}, 0.0
        for number, settings in enumerate(METHODS[method]):
            watch.seconds, start = 0.0, time.process_time()
            result = repaired(module, material, settings, watch=watch, **common)
            cost += (time.process_time() - start - watch.seconds) / unit
            if result.epochs:
                told = of_epochs(result.history)
            else:
                other.load_state_dict(result.state)
                told = {0: property_gradient(other, watch.paths, NORMALISATION)}
            for epoch, state in enumerate(result.epochs or [result.state]):
                states[number, epoch], candidates[number, epoch] = state, told[epoch]
        key = least_gradient(candidates)
        other.load_state_dict(states[key])
        found[method] = tested(other, test) | {"cost": cost / len(METHODS[method])}
        chosen = {
            k: v for k, v in METHODS[method][key[0]].items() if k not in ("name", "explainer")
        }
        numbers = " ".join(f"{name} {value:.4f}" for name, value in found[method].items())
        print(f"seed {seed} {method}: {numbers}; {chosen}, epoch {key[1] + 1}", flush=True)
    return found


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--epochs", type=int, default=10)
    asked.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    given = asked.parse_args()
    torch.set_num_threads(1)
    rows = [run(seed, given.methods, given.epochs) for seed in range(given.seeds)]
    plain = np.mean([row["plain"]["epgm"] for row in rows])
    points = {}
    print(f"\n{'method':26} {'with':>12} {'without':>12} {'epgm':>14} {'of plain':>8} {'cost':>6}")
    for name in rows[0]:
        columns = {key: np.array([row[name][key] for row in rows]) for key in rows[0][name]}
        means = {key: values.mean() for key, values in columns.items()}
        points[name] = means["without"], means["epgm"]
        shown = " ".join(
            f"{means[key]:.{digits}f} ±{columns[key].std(ddof=len(rows) > 1):.{digits}f}"
            for key, digits in (("with", 3), ("without", 3), ("epgm", 4))
        )
        cost = "–" if means["cost"] < 0.5 else f"{means['cost']:.1f}"
        print(f"{name:26} {shown} {means['epgm'] / plain:8.1%} {cost:>6}")
    print("\nfrontier (accuracy without decoy, epgm):", ", ".join(frontier(points)))
    reached = [name for name, (right, moved) in points.items() if right >= 0.93]
    reached = [name for name in reached if points[name][1] <= 0.05 * plain]
    print("without decoy ≥ .93 and epgm ≤ 5 % of plain:", ", ".join(reached) or "none")


if __name__ == "__main__":
    main()
