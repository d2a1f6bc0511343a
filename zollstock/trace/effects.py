"""Exact effects of units and edges: the network is run with each of them replaced, many at a time.

Groups of units or edges are a dimension of their own (`torch.vmap`), so that what lies before the
place of an intervention is computed once for all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch

from zollstock.errors import ZollstockError
from zollstock.inference.batching import out_of_memory
from zollstock.trace.edges import act, each_edge, on_weights, weights_of
from zollstock.trace.interventions import Context, find_intervention, named
from zollstock.trace.layers import Layer
from zollstock.trace.network import Change, Network, Place, checked, hooked
from zollstock.trace.units import Site, read

Changes = Callable[[torch.Tensor, slice], Mapping[Place, Change]]

ROWS = 1024
"""Answers that are computed at once: groups × inputs."""
_NUMBERS = 2**26
"""Weights that are held at once: groups × those of a layer."""


@dataclass(frozen=True)
class Effects:
    """What groups of units or edges do.

    Attributes
    ----------
    whole
        The followed output as it is, (N,).
    without
        With each group replaced, (K, N).
    """

    whole: torch.Tensor
    without: torch.Tensor

    @property
    def effects(self) -> torch.Tensor:
        """What the output owes to each group: whole − without, (K, N)."""
        return self.whole - self.without


def unit_effects(
    network: Network,
    inputs: torch.Tensor,
    site: Site,
    intervention: str = "hard",
    *,
    context: Context | None = None,
    others: torch.Tensor | None = None,
    groups: torch.Tensor | None = None,
    rows: int = ROWS,
) -> Effects:
    """Return the exact effects of units of one place.

    Parameters
    ----------
    network, inputs
        What is looked at, (N, …).
    site
        Where the units are.
    intervention
        Of `zollstock.trace.interventions`.
    context
        Its settings, seed and names.
    others
        Other inputs, (M, …), of which `Context.others` is taken at this place.
    groups
        Units that are replaced together, bool (K, units); by default each alone.
    rows
        See `ROWS`.
    """
    context = named(context, site.name)
    new = _replacements(network, inputs, site.place, intervention, context, others)
    masks = torch.eye(site.units, dtype=torch.bool) if groups is None else groups
    _check(masks, (site.units,), site.name)

    def changes(mask: torch.Tensor, part: slice) -> dict[Place, Change]:
        wide = site.spread(mask)
        return {site.place: lambda value: torch.where(wide, new[part], value)}

    return grouped(network, inputs, len(masks), masks.__getitem__, changes, rows)


def edge_effects(
    network: Network,
    inputs: torch.Tensor,
    layer: Layer,
    intervention: str = "hard",
    *,
    context: Context | None = None,
    others: torch.Tensor | None = None,
    received: torch.Tensor | None = None,
    groups: torch.Tensor | None = None,
    rows: int = ROWS,
) -> Effects:
    """Return the exact effects of edges of one layer.

    Parameters
    ----------
    network, inputs
        What is looked at, (N, …).
    layer
        Whose edges.
    intervention, context, others
        As in `unit_effects`. One on weights replaces W[e, i]; one on values what e reads of i.
    received
        What the layer receives instead, as `zollstock.trace.edges.received_through` finds it for a
        skip; no intervention is asked then.
    groups
        Edges that are replaced together, bool (K, outputs, inputs); by default each alone, in the
        order of `zollstock.trace.edges.each_edge`.
    rows
        See `ROWS`.
    """
    weights = weights_of(network, layer)
    context = named(context, layer.name)
    difference, new = None, received
    if new is None and find_intervention(intervention).ON_WEIGHTS:
        difference = find_intervention(intervention).replacement(weights, context) - weights
    elif new is None:
        new = _replacements(network, inputs, layer.received, intervention, context, others)
    shape = (layer.outputs, layer.inputs)
    edges = each_edge(layer)
    if groups is not None:
        _check(groups, shape, layer.name)

    def masks(part: slice) -> torch.Tensor:
        return _one_hot(edges[part], shape) if groups is None else groups[part]

    def changes(mask: torch.Tensor, part: slice) -> dict[Place, Change]:
        wide = on_weights(layer, mask)
        current: list[torch.Tensor] = []

        def add(value: torch.Tensor) -> torch.Tensor:
            if difference is not None:
                return value + act(network, layer, current[-1], wide * difference)
            assert new is not None
            return value + act(network, layer, new[part] - current[-1], wide * weights)

        def note(value: torch.Tensor) -> None:
            current.append(value)

        return {layer.received: note, layer.returned: add}

    count = len(edges) if groups is None else len(groups)
    most = max(1, _NUMBERS // max(weights.numel(), 1))
    return grouped(network, inputs, count, masks, changes, rows, most)


def grouped(
    network: Network,
    inputs: torch.Tensor,
    count: int,
    masks: Callable[[slice], torch.Tensor],
    changes: Changes,
    rows: int = ROWS,
    most: int = ROWS,
) -> Effects:
    """Return the answers under a change for each mask.

    Parameters
    ----------
    network, inputs
        What is looked at, (N, …).
    count
        How many masks, K, at least 1.
    masks
        Some of them, made when they are used, (k, …).
    changes
        From one mask, and the part of the inputs that is run, to what is changed where.
    rows
        The most answers computed at once.
    most
        The most masks at once.

    Raises
    ------
    ZollstockError
        If there are no inputs, or an answer is not finite.
    """
    if not len(inputs):
        raise ZollstockError("trace", "no images", "at least one", "Choose images.")
    columns = []
    size = min(len(inputs), rows)
    # No mask comes first, so that the answer as it is costs no run of its own.
    none = torch.zeros_like(masks(slice(0, 1))[:1])
    for first in range(0, len(inputs), size):
        part = slice(first, min(first + size, len(inputs)))
        step = min(most, max(1, rows // (part.stop - part.start)))
        found = [
            _at_once(network, inputs[part], torch.cat([none, masks(slice(0, step))]), changes, part)
        ]
        found += [
            _at_once(network, inputs[part], masks(slice(k, min(k + step, count))), changes, part)
            for k in range(step, count, step)
        ]
        columns.append(torch.cat(found))
    answers = torch.cat(columns, 1)
    return Effects(answers[0], answers[1:])


def _at_once(
    network: Network, inputs: torch.Tensor, masks: torch.Tensor, changes: Changes, part: slice
) -> torch.Tensor:
    masks = masks.to(inputs.device)

    def answer(mask: torch.Tensor) -> torch.Tensor:
        with hooked(network.module, changes(mask, part)):
            return network.answer(inputs)

    with torch.no_grad():
        try:
            found = torch.vmap(answer)(masks)
        except RuntimeError as error:
            if out_of_memory(error):
                raise
            # Networks that write in place, or ask for a number, cannot be vmapped.
            found = torch.stack([answer(mask) for mask in masks])
    # Of a network that follows all classes a row is several numbers.
    shape = (len(masks), len(inputs), *found.shape[2:])
    return checked(found.flatten(), found.numel()).reshape(shape)


def _replacements(
    network: Network,
    inputs: torch.Tensor,
    place: Place,
    intervention: str,
    context: Context,
    others: torch.Tensor | None,
) -> torch.Tensor:
    current = read(network, inputs, [place])[place]
    if others is not None:
        context = replace(context, others=read(network, others, [place])[place])
    found: torch.Tensor = find_intervention(intervention).replacement(current, context)
    return found


def _check(groups: torch.Tensor, shape: tuple[int, ...], name: str) -> None:
    if groups.dtype != torch.bool or groups.shape[1:] != shape:
        raise ZollstockError(
            f"trace: {name}",
            f"groups of shape {tuple(groups.shape)} and type {groups.dtype}",
            f"bool, (K, {', '.join(map(str, shape))})",
            "Say of each unit or edge whether it is replaced.",
        )


def _one_hot(edges: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    masks = torch.zeros((len(edges), *shape), dtype=torch.bool)
    masks[torch.arange(len(edges)), edges[:, 0], edges[:, 1]] = True
    return masks
