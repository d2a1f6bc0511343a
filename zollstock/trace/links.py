"""First-order effects of edges link by link, so that a skip's edges are apart from the others'.

Where a layer reads the sum of what several layers return, W[e, i] carries all of it. An edge of a
link carries what comes through that link alone: what the layer receives changes by what it does if
the link's source alone changes, `zollstock.trace.edges.received_through`. Effects are slope times
W[e, i]∗(that change), summed along the frames or with the mean slope, as in
`zollstock.trace.first_order`. The exact counterpart is `zollstock.trace.effects.edge_effects` with
`received`. Where links are joined by a sum alone, their effects add up to the whole edge's; behind
an activation they need not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from zollstock.errors import ZollstockError
from zollstock.trace.along import whole_slopes
from zollstock.trace.edges import received_through
from zollstock.trace.first_order import edge_products
from zollstock.trace.layers import INPUT, Link, Wiring
from zollstock.trace.network import Network
from zollstock.trace.units import read


@dataclass(frozen=True)
class LinkEffects:
    """First-order effects of the edges of one link, along one path.

    Attributes
    ----------
    path
        Σ over steps of the slope times what comes through the link, (outputs, inputs).
    mean
        The mean slope times what is lost at the end frame if the link carries what it did at the
        first, (outputs, inputs).
    """

    path: torch.Tensor
    mean: torch.Tensor


def joined_links(wiring: Wiring) -> list[Link]:
    """Return the links into layers that several links end in: skips, and what they go past."""
    targets = [link.target for link in wiring.links]
    return [
        link
        for link in wiring.links
        if link.target < len(wiring.layers) and targets.count(link.target) > 1
    ]


def link_effects(
    network: Network, frames: torch.Tensor, wiring: Wiring, links: Sequence[Link] | None = None
) -> dict[Link, LinkEffects]:
    """Return the first-order effects of edges link by link.

    Parameters
    ----------
    network, wiring
        What is looked at.
    frames
        Of one image, in the order of the path, (S, …).
    links
        Which, into layers; by default `joined_links`.

    Raises
    ------
    ZollstockError
        If there are fewer than two frames, or a link ends in the answer.
    """
    chosen = joined_links(wiring) if links is None else list(links)
    if len(frames) < 2 or any(link.target == len(wiring.layers) for link in chosen):
        raise ZollstockError(
            "trace: links",
            f"{len(frames)} frame(s), links into {sorted({link.target for link in chosen})}",
            "two frames or more, links into layers",
            "A link into the answer has no weights: ask for its units.",
        )
    if not chosen:
        return {}
    layers = wiring.layers
    places = {layers[link.target].returned for link in chosen}
    _, _, slopes = whole_slopes(network, sorted(places))(frames)
    read_at = {layers[link.target].received for link in chosen}
    read_at |= {layers[link.source].returned for link in chosen if link.source != INPUT}
    values = read(network, frames, sorted(read_at))
    found = {}
    for link in chosen:
        target = layers[link.target]
        own = values[target.received]
        source = frames if link.source == INPUT else values[layers[link.source].returned]
        before = received_through(network, frames[1:], wiring, link, source[:-1])
        after = received_through(network, frames[:-1], wiring, link, source[1:])
        # Behind an activation it is another change at the start of a step than at its end.
        step = (own[1:] - before + after - own[:-1]) / 2
        whole = own[-1:] - received_through(network, frames[-1:], wiring, link, source[:1])
        slope = slopes[target.returned]
        between = (slope[1:] + slope[:-1]) / 2
        found[link] = LinkEffects(
            edge_products(network, target, step, between),
            edge_products(network, target, whole, between.mean(0, keepdim=True)),
        )
    return found
