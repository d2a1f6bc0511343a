r"""The causal graph of a class: which units its logit hangs on, found from the top downwards.

The path interventions of ExplaiNN (nbereux/Interventional-Explanations-of-Neural-Networks): a
parent's edges to all children that are already in the graph are replaced, and the parent joins them
if that moves the logit. Ours tests every parent over the same images, in pairs, adjusts for the
number of parents, and asks for a least effect; units that hold the logit up are told from units
that hold it down. The original's rule is kept beside it under its own name.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from zollstock.arrays import Array
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.trace.edges import weights_of
from zollstock.trace.effects import Effects
from zollstock.trace.first_order import per_edge
from zollstock.trace.interventions import Context
from zollstock.trace.layers import INPUT, Layer, Wiring
from zollstock.trace.network import Network
from zollstock.trace.path_interventions import parent_effects
from zollstock.trace.rules import CHOICES, RULES, Divergence, Tested
from zollstock.trace.structure import Graph, Node


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
        One of `zollstock.trace.rules.RULES`.
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
    whole, given = network.values(inputs).double().cpu().numpy(), settings or {}
    grown = _Grown(wiring, (top, index), whole)
    for target in range(top, -1, -1):
        children, sources = grown.waiting(target)
        if not children or not sources:
            continue
        layer = wiring.layers[target]
        chosen = _chosen(network, layer, children[-1], rule, given)
        asked = partial(
            parent_effects,
            inputs=inputs,
            layer=layer,
            children=children,
            intervention=intervention,
            context=context,
            others=others,
            only=chosen,
        )
        without = asked(network).without.double().cpu().numpy()
        tested = RULES[rule](whole, without, given, _divergence(network, asked))
        grown.add(target, chosen, tested, (whole - without).mean(1))
    return Graph(tuple(grown.nodes), tuple(grown.edges), grown.tried, tuple(grown.fallbacks))


def _chosen(
    network: Network, layer: Layer, child: int, rule: str, settings: Mapping[str, Any]
) -> list[int]:
    """Return which parents of a layer a rule tries."""
    choose = CHOICES.get(rule)
    sums = per_edge(layer, weights_of(network, layer))[child].double().cpu().numpy()
    chosen = None if choose is None else choose(sums, settings)
    return list(range(layer.inputs)) if chosen is None else chosen


def _divergence(network: Network, asked: Callable[[Network], Effects]) -> Divergence:
    """Return what tells how far each parent moves the probabilities of all classes, (K,)."""

    def divergence() -> Array:
        found = asked(network.following_all())
        before, after = found.whole.double().log_softmax(-1), found.without.double().log_softmax(-1)
        apart: Array = (before.exp() * (before - after)).sum(-1).mean(1).cpu().numpy()
        return apart

    return divergence


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

    def add(self, target: int, tried: Sequence[int], tested: Tested, effects: Array) -> None:
        """Take in the parents of a layer that were kept, of those that were tried."""
        layer = self.wiring.layers[target]
        children, sources = self.waiting(target)
        self.tried[layer.name] = len(tried)
        if tested.fallback:
            self.fallbacks.append(layer.name)
        joined = layer.joined()
        for row in map(int, np.flatnonzero(tested.kept)):
            unit = tried[row]
            # What a sum of several layers brings is one value: each of them is a parent.
            for source in sources:
                name = self.wiring.layers[source].name
                place = self._places.setdefault((source, unit), len(self.nodes))
                if place == len(self.nodes):
                    effect = float(effects[row])
                    share = effect / self.scale if self.scale else float("nan")
                    self.nodes.append(
                        Node(name, unit, effect, share, float(tested.p[row]), float(tested.q[row]))
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
