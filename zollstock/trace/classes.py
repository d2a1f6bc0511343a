"""Causal graphs of classes: found on some images of a class, judged on others, found again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from zollstock.arrays import Array
from zollstock.seeds import rng_for
from zollstock.trace.class_images import ClassImages
from zollstock.trace.graph import causal_graph, members
from zollstock.trace.interventions import Context
from zollstock.trace.layers import Layer, Wiring
from zollstock.trace.network import Change, Network, Place, hooked
from zollstock.trace.stability import Stability, agreement_of, over_images, over_noise
from zollstock.trace.structure import Graph

Logits = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class ClassGraph:
    """The causal graph of a class, and what it is worth.

    Attributes
    ----------
    graph
        The graph.
    judged
        ``nodes``, ``images``, ``judged``, ``held_out``; ``keep`` and ``remove``, the share of
        images that are still of the class with the graph's units alone and with all others;
        ``random_keep`` and ``random_remove``, means over random graphs with as many units in each
        layer.
    """

    graph: Graph
    judged: dict[str, Any]


def class_graph(
    network: Network,
    logits: Logits,
    wiring: Wiring,
    images: ClassImages,
    *seed: object,
    settings: Mapping[str, Any],
) -> ClassGraph:
    """Return the causal graph of a class and what it is worth on other images.

    Parameters
    ----------
    network
        Follows the class's logit.
    logits
        From inputs to all logits, through the same module.
    wiring
        Of the network.
    images
        Of the class.
    *seed
        Names the draws.
    settings
        The section ``graph``: ``rule`` and its settings, ``intervention``, ``strength``,
        ``random``.
    """
    graph = _found(network, wiring, images, images.found_on, images.names, settings, *seed)
    layers = inner_layers(wiring)
    chosen = members(graph, [one.name for one in layers], [one.outputs for one in layers])
    drawn = [
        same_size(chosen, layers, "graph", images.name, draw, *seed)
        for draw in range(int(settings["random"]))
    ]

    def right(kept: torch.Tensor) -> float:
        return _right(network, logits, images, kept, layers)

    return ClassGraph(
        graph,
        {
            "nodes": len(graph.nodes) - 1,
            "units": int(chosen.numel()),
            "images": len(images.found_on),
            "judged": len(images.judged_on),
            "held_out": images.held_out,
            "keep": right(chosen),
            "random_keep": float(np.mean([right(one) for one in drawn])),
            "remove": right(~chosen),
            "random_remove": float(np.mean([right(~one) for one in drawn])),
            "fallbacks": ", ".join(graph.fallbacks),
        },
    )


def class_stability(
    network: Network,
    wiring: Wiring,
    images: ClassImages,
    *seed: object,
    settings: Mapping[str, Any],
    repeats: int,
    strengths: Sequence[float],
) -> pd.DataFrame:
    """Return whether the graph is found again: over images, and over soft interventions.

    Images are drawn with replacement, the interventions the same; weights become uniform numbers
    from 0 up to each strength, the images the same. The original lets both vary at once.

    Returns
    -------
    DataFrame
        A row a layer, kind of repeat (``images`` or ``noise``) and strength: jaccard, appearance
        (mean of the units selected at least once), selected (how many those are), size (mean over
        repeats).
    """
    layers = inner_layers(wiring)

    def select(
        inputs: torch.Tensor, names: Sequence[str], how: Mapping[str, Any], *more: object
    ) -> np.ndarray:
        graph = _found(network, wiring, images, inputs, names, how, *more, *seed)
        found = members(graph, [one.name for one in layers], [one.outputs for one in layers])
        return found.numpy()

    def of_rows(rows: np.ndarray) -> np.ndarray:
        return select(images.found_on[rows], [images.names[row] for row in rows], settings)

    def of_noise(strength: float, repeat: int) -> np.ndarray:
        how = dict(settings) | {"intervention": "soft", "strength": 0.0, "width": strength}
        return select(images.found_on, images.names, how, "noise", strength, repeat)

    rows = _by_layer(
        "images",
        np.nan,
        over_images(of_rows, images.names, images.name, *seed, repeats=repeats),
        layers,
    )
    for strength in strengths:
        # Without noise every repeat is the same.
        found = (
            over_noise(of_noise, [strength], repeats)[strength]
            if strength
            else agreement_of([of_noise(strength, 0)] * repeats)
        )
        rows += _by_layer("noise", strength, found, layers)
    return pd.DataFrame(rows)


def nodes_of(graph: Graph) -> pd.DataFrame:
    """Return a graph's nodes as a table: layer, unit, effect, share, p, q."""
    return pd.DataFrame([vars(node) for node in graph.nodes])


def inner_layers(wiring: Wiring) -> list[Layer]:
    """Return the layers whose units a graph may hold: all but the last one, which is the answer."""
    return list(wiring.layers[:-1])


def same_size(chosen: torch.Tensor, layers: Sequence[Layer], *seed: object) -> torch.Tensor:
    """Return a random set with as many units in each layer, bool (Σ units,)."""
    parts = []
    for layer, mine in zip(layers, chosen.split([layer.outputs for layer in layers]), strict=True):
        mask = torch.zeros_like(mine)
        order = rng_for(*seed, layer.name).permutation(len(mine))[: int(mine.sum())]
        mask[torch.from_numpy(order.copy())] = True
        parts.append(mask)
    return torch.cat(parts)


def _found(
    network: Network,
    wiring: Wiring,
    images: ClassImages,
    inputs: torch.Tensor,
    names: Sequence[str],
    settings: Mapping[str, Any],
    *seed: object,
) -> Graph:
    how = {
        "beta": settings["strength"],
        "width": settings.get("width", 0.01),
        "share": settings["strength"],
    }
    context = Context(how, (images.name, *seed), names, None, images.other_names)
    return causal_graph(
        network,
        inputs,
        wiring,
        images.index,
        rule=settings["rule"],
        settings=settings,
        intervention=settings["intervention"],
        context=context,
        others=images.others,
    )


def _right(
    network: Network,
    logits: Logits,
    images: ClassImages,
    kept: torch.Tensor,
    layers: Sequence[Layer],
) -> float:
    """Return the share of images that are of the class with some units alone, the others at 0."""
    changes: dict[Place, Change] = {}
    for layer, mask in zip(layers, kept.split([one.outputs for one in layers]), strict=True):
        changes[layer.returned] = _times(mask.reshape(-1, *[1] * (-layer.axis - 1)))
    with torch.no_grad(), hooked(network.module, changes):
        found = [logits(part).argmax(1) == images.index for part in images.judged_on.split(128)]
    return float(torch.cat(found).double().mean())


def _times(mask: torch.Tensor) -> Change:
    return lambda value: value * mask.to(value)


def _by_layer(
    kind: str, strength: float, found: Stability, layers: Sequence[Layer]
) -> list[dict[str, Any]]:
    rows = []
    first = 0
    for layer in layers:
        appearance: Array = found.appearance[first : first + layer.outputs]
        first += layer.outputs
        once = appearance > 0
        rows.append(
            {
                "layer": layer.name,
                "kind": kind,
                "strength": strength,
                "jaccard": found.jaccard,
                "appearance": float(appearance[once].mean()) if once.any() else np.nan,
                "selected": int(once.sum()),
                "size": float(appearance.sum()),
            }
        )
    return rows
