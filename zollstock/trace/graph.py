r"""The causal graph of a class: which units its logit hangs on, found from the top downwards.

The path interventions of ExplaiNN (nbereux/Interventional-Explanations-of-Neural-Networks): a
parent's edges to all children that are already in the graph are replaced, and the parent joins them
if that moves the logit. Ours tests every parent over the same images, in pairs, adjusts for the
number of parents, and asks for a least effect; units that hold the logit up are told from units
that hold it down. The original's rule is kept beside it under its own name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.stats import t as student

from zollstock.arrays import Array
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.significance.multiplicity import q_values
from zollstock.trace.interventions import Context
from zollstock.trace.layers import INPUT, Wiring
from zollstock.trace.network import Network
from zollstock.trace.path_interventions import parent_effects
from zollstock.trace.structure import Graph, Node

_Z = 1.65
_FALLBACK = 0.001


@dataclass(frozen=True)
class Tested:
    """What a rule says of the parents of a layer, K of them."""

    kept: np.ndarray[Any, np.dtype[np.bool_]]
    p: Array
    q: Array
    fallback: bool = False


Rule = Callable[[Array, Array, Mapping[str, Any]], Tested]


def paired(whole: Array, without: Array, settings: Mapping[str, Any]) -> Tested:
    """Keep parents whose replacement moves the output of the same images, either way.

    A two-sided t-test of the paired differences, adjusted over the layer's parents
    (Benjamini & Hochberg), and a least mean effect.

    Parameters
    ----------
    whole
        The followed output as it is, (N,).
    without
        With each parent's edges replaced, (K, N).
    settings
        ``level``: the false discovery rate, by default .05. ``least``: share of the mean absolute
        output that the mean effect must reach, by default .01.

    Raises
    ------
    ZollstockError
        With fewer than 2 images.
    """
    if len(whole) < 2:
        raise ZollstockError(
            "trace: images", "one image", "two or more, to test over", "Choose more images."
        )
    effects = whole - without
    # The same effect at each image leaves the test without a variance, and no doubt.
    with np.errstate(divide="ignore", invalid="ignore"):
        found = effects.mean(1) / (effects.std(1, ddof=1) / np.sqrt(len(whole)))
    p = 2 * student.sf(np.abs(np.nan_to_num(found)), len(whole) - 1)
    p = np.clip(p, np.finfo(float).tiny, 1.0)
    q = q_values(p)
    large = np.abs(effects.mean(1)) >= float(settings.get("least", 0.01)) * np.abs(whole).mean()
    return Tested((q <= float(settings.get("level", 0.05))) & large, p, q)


def explainn(whole: Array, without: Array, settings: Mapping[str, Any]) -> Tested:
    """Keep parents as the original does: one-sided, unpaired, without adjustment.

    mean(Y_w) < mean(Y) − 1.65·√(s_w²/N + s_Y²/(N + 1)); only if no parent of the layer passes,
    those with mean(Y_w/Y − 1) < −.001.

    Parameters
    ----------
    whole, without
        As in `paired`.
    settings
        ``fallback``: whether the second rule is asked, by default True. ``top``: how many parents
        of the largest relative effect are kept as well, by default 0; the original's option is 3.

    Raises
    ------
    ZollstockError
        With fewer than 2 images, of which the original takes a variance.
    """
    count = len(whole)
    if count < 2:
        raise ZollstockError(
            "trace: images", "one image", "two or more, to test over", "Choose more images."
        )
    spread = np.sqrt(without.var(1, ddof=1) / count + whole.var(ddof=1) / (count + 1))
    kept = without.mean(1) < whole.mean() - _Z * spread
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.nan_to_num((without / whole - 1).mean(1))
    fallback = False
    if not kept.any() and settings.get("fallback", True):
        kept = relative < -_FALLBACK
        fallback = bool(kept.any())
    if top := int(settings.get("top", 0)):
        kept = kept.copy()
        kept[np.argsort(relative, kind="stable")[:top]] = True
    blank = np.full(len(without), np.nan)
    return Tested(kept, blank, blank, fallback)


RULES: Mapping[str, Rule] = {"paired": paired, "explainn": explainn}


def causal_graph(
    network: Network,
    inputs: torch.Tensor,
    wiring: Wiring,
    index: int,
    *,
    rule: str = "paired",
    settings: Mapping[str, Any] | None = None,
    intervention: str = "hard",
    context: Context | None = None,
    others: torch.Tensor | None = None,
) -> Graph:
    """Return the causal graph of the unit that the followed output is.

    Parameters
    ----------
    network
        Its followed output is the class's logit, `zollstock.trace.network.follow_class`.
    inputs
        Images of the class that are classified right, (N, …).
    wiring
        Of the network. Parents are followed along links on which units are told apart; what goes
        another way, such as through queries and keys, is not in the graph.
    index
        Of the class, among the units of the last layer.
    rule
        One of `RULES`.
    settings
        Of the rule.
    intervention, context, others
        Of `zollstock.trace.effects.edge_effects`.

    Raises
    ------
    ZollstockError
        If there is no such rule or class.
    """
    if rule not in RULES:
        raise ZollstockError(
            "trace: rule", f"is '{rule}'", f"one of {', '.join(RULES)}", did_you_mean(rule, RULES)
        )
    top = len(wiring.layers) - 1
    if not 0 <= index < wiring.layers[top].outputs:
        raise ZollstockError(
            "trace: class",
            f"is number {index}",
            f"0 to {wiring.layers[top].outputs - 1}",
            "Name a class of the model.",
        )
    whole = network.values(inputs).double().cpu().numpy()
    grown = _Grown(wiring, (top, index), whole)
    for target in range(top, -1, -1):
        children, sources = grown.waiting(target)
        if not children or not sources:
            continue
        layer = wiring.layers[target]
        found = parent_effects(
            network, inputs, layer, children, intervention, context=context, others=others
        )
        without = found.without.double().cpu().numpy()
        tested = RULES[rule](whole, without, settings or {})
        grown.add(target, tested, (whole - without).mean(1))
    return Graph(tuple(grown.nodes), tuple(grown.edges), grown.tried, tuple(grown.fallbacks))


class _Grown:
    """A graph as it grows downwards."""

    def __init__(self, wiring: Wiring, top: tuple[int, int], whole: Array) -> None:
        self.wiring, self.scale = wiring, float(np.abs(whole).mean())
        name = wiring.layers[top[0]].name
        self.nodes = [Node(name, top[1], float(whole.mean()), 1.0, np.nan, np.nan)]
        self.edges: list[tuple[int, int]] = []
        self.tried: dict[str, int] = {}
        self.fallbacks: list[str] = []
        self._places = {top: 0}

    def waiting(self, target: int) -> tuple[list[int], list[int]]:
        """Return the units of a layer that are in the graph, and the layers that they read."""
        children = sorted(unit for place, unit in self._places if place == target)
        links = self.wiring.into(target)
        return children, [one.source for one in links if one.source != INPUT and one.aligned]

    def add(self, target: int, tested: Tested, effects: Array) -> None:
        """Take in the parents of a layer that were kept."""
        layer = self.wiring.layers[target]
        children, sources = self.waiting(target)
        self.tried[layer.name] = layer.inputs
        if tested.fallback:
            self.fallbacks.append(layer.name)
        joined = layer.joined()
        for unit in map(int, np.flatnonzero(tested.kept)):
            # What a sum of several layers brings is one value: each of them is a parent.
            for source in sources:
                name = self.wiring.layers[source].name
                place = self._places.setdefault((source, unit), len(self.nodes))
                if place == len(self.nodes):
                    effect = float(effects[unit])
                    share = effect / self.scale if self.scale else float("nan")
                    self.nodes.append(
                        Node(
                            name, unit, effect, share, float(tested.p[unit]), float(tested.q[unit])
                        )
                    )
                self.edges += [
                    (place, self._places[target, child])
                    for child in children
                    if bool(joined[child, unit])
                ]


def members(graph: Graph, layers: Sequence[str], counts: Sequence[int]) -> torch.Tensor:
    """Return which units of some layers are in a graph, bool (Σ counts,)."""
    found = []
    for layer, count in zip(layers, counts, strict=True):
        mask = torch.zeros(count, dtype=torch.bool)
        mask[graph.units(layer)] = True
        found.append(mask)
    return torch.cat(found)
