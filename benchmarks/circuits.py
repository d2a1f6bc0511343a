"""Measure what circuits of a LeNet on scikit-learn's digits are worth.

Run ``python benchmarks/circuits.py`` from the repository: some minutes on one thread.

- First-order effects of units and edges along frames (a patch is lightened step by step) beside
  exact ones (frame-swapped): Spearman's correlation of the means over images, a row a layer, of
  all, and of those whose exact effect is above the noise (|mean| > 2 standard errors over images).
- Freezing the best units and as many at random: the share of the score that is removed.
- Causal graphs of all ten classes by each rule, found on 40 images, judged on 40 others: how many
  images are right with the graph's units alone, and with them removed (0), beside random graphs.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - the thread counts must be set before
import torch  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

from zollstock.models.lenet import LeNet, lenet  # noqa: E402
from zollstock.ranks import spearman  # noqa: E402
from zollstock.trace.graph import causal_graph  # noqa: E402
from zollstock.trace.holding import Candidates, ranked_sets  # noqa: E402
from zollstock.trace.layers import find_wiring  # noqa: E402
from zollstock.trace.mediation import mediate, random_sets  # noqa: E402
from zollstock.trace.methods import find_method  # noqa: E402
from zollstock.trace.network import follow_class, hooked  # noqa: E402
from zollstock.trace.units import find_sites  # noqa: E402

LAYERS = ("conv1", "conv2", "fc1", "fc2")


def digits(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return digits, (N, 1, 32, 32) from 0 to 1, and their labels."""
    found = load_digits()
    pictures = torch.tensor(found.images[:count] / 16, dtype=torch.float32)[:, None]
    return torch.nn.functional.interpolate(pictures, (32, 32), mode="bilinear"), torch.tensor(
        found.target[:count]
    )


def train(pictures: torch.Tensor, labels: torch.Tensor, epochs: int = 15) -> LeNet:
    """Return a LeNet that knows digits."""
    torch.manual_seed(0)
    module = lenet()
    optimiser = torch.optim.Adam(module.parameters(), 2e-3)
    for _ in range(epochs):
        for rows in torch.randperm(len(pictures)).split(64):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(module(pictures[rows]), labels[rows]).backward()
            optimiser.step()
    return module.eval()


def path(pictures: torch.Tensor, steps: int = 6) -> torch.Tensor:
    """Return frames, (N, S, 1, 32, 32), in which a bar on the left is lightened."""
    bar = torch.zeros(1, 32, 32)
    bar[:, 4:28, 8:13] = 0.8
    shares = torch.linspace(0, 1, steps)[None, :, None, None, None]
    return torch.maximum(pictures[:, None], shares * bar)


def first_order(module, pictures, labels) -> None:
    """Print the correlations with exact effects."""
    frames = path(pictures[labels == 1][:24])
    network = follow_class(module, 1)
    wiring = find_wiring(network, frames[0])
    sites = find_sites(network, frames[0], wiring)[:-1]
    for what, places in (("units", sites), ("edges", wiring.layers)):
        exact = getattr(find_method("exact"), what)(network, frames, places, {}, 0)
        for name in ("conductance", "eap_ig"):
            found = getattr(find_method(name), what)(network, frames, places, {}, 0)
            for key, effects in exact.items():
                one, other = effects.double().mean(0).ravel(), found[key].double().mean(0).ravel()
                error = effects.double().std(0).ravel() / len(frames) ** 0.5
                above = (one.abs() > 2 * error) & (one != 0)
                noted = spearman(one[above].tolist(), other[above].tolist())
                print(
                    f"{what} {name:12s} {key:6s} all {spearman(one.tolist(), other.tolist()):.3f}"
                    f"  above noise {noted:.3f} ({int(above.sum())} of {len(one)})"
                )


def mediation(module, pictures, labels) -> None:
    """Print what freezing the best units, found on other images, removes."""
    ones = pictures[labels == 1]
    network = follow_class(module, 1)
    found_on, frames = path(ones[:24]), path(ones[24:64])
    wiring = find_wiring(network, frames[0])
    sites = tuple(find_sites(network, frames[0], wiring)[:-1])
    candidates = Candidates(sites)
    for name in ("conductance", "eap_ig", "exact", "change"):
        scores = find_method(name).units(network, found_on, sites, {}, 0)
        mean = candidates.numbers({key: value.mean(0) for key, value in scores.items()}).abs()
        sets = ranked_sets(mean, [0.05, 0.1, 0.2])
        done = mediate(network, frames, candidates, sets)
        print(f"{name:12s} best 5, 10, 20 %: removed {done.removed.round(3)}, kept "
              f"{done.faithfulness.round(3)}")  # fmt: skip
    drawn = mediate(network, frames, candidates, random_sets(candidates.count, 0.1, 50, 0))
    print(f"random 10 %: removed {drawn.removed.mean():.3f} (at most {drawn.removed.max():.3f}); "
          f"score {done.whole.mean():.2f}")  # fmt: skip


@torch.no_grad()
def right(module, pictures, index: int, kept: dict[str, list[int]]) -> float:
    """Return the share of pictures that are of a class with only some units left."""
    changes = {}
    for name, units in kept.items():
        mask = torch.zeros(len(module.get_submodule(name).weight))
        mask[units] = 1
        wide = mask.reshape(-1, *[1] * (2 if name.startswith("conv") else 0))
        changes[name, 0, "returned"] = lambda value, wide=wide: value * wide
    with hooked(module, changes):
        return float((module(pictures).argmax(1) == index).float().mean())


def graphs(module, pictures, labels) -> None:
    """Print keep and remove of the graphs of all classes."""
    sizes = {name: len(module.get_submodule(name).weight) for name in LAYERS}
    rng = np.random.default_rng(0)
    for rule, settings in (("explainn", {}), ("paired", {"least": 0}), ("paired", {"least": 0.01}),
                           ("paired", {"least": 0.05})):  # fmt: skip
        rows = []
        for index in range(10):
            those = pictures[(labels == index) & (module(pictures).argmax(1) == index)]
            network = follow_class(module, index)
            wiring = find_wiring(network, those)
            graph = causal_graph(network, those[:40], wiring, index, rule=rule, settings=settings)
            units = {name: graph.units(name) for name in LAYERS}
            drawn = {
                name: rng.permutation(sizes[name])[: len(some)].tolist()
                for name, some in units.items()
            }
            scores = []
            for chosen in (units, drawn):
                rest = {
                    name: sorted(set(range(sizes[name])) - set(some))
                    for name, some in chosen.items()
                }
                scores += [right(module, those[40:80], index, one) for one in (chosen, rest)]
            rows.append([sum(map(len, units.values())), *scores])
        nodes, keep, cut, keep_drawn, cut_drawn = np.mean(rows, 0)
        print(f"{rule:8s} {settings!s:15s} {nodes:5.1f} nodes: keep {keep:.3f} (random "
              f"{keep_drawn:.3f}), remove {cut:.3f} (random {cut_drawn:.3f})")  # fmt: skip


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    pictures, labels = digits(1797)
    module = train(pictures[:1200], labels[:1200])
    with torch.no_grad():
        hits = module(pictures[1200:]).argmax(1) == labels[1200:]
    print(f"accuracy {float(hits.float().mean()):.3f}")
    module.requires_grad_(False)
    first_order(module, pictures, labels)
    mediation(module, pictures, labels)
    graphs(module, pictures, labels)


if __name__ == "__main__":
    main()
