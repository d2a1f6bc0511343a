"""Which unit of a layer is which input of the next one: told by gradients, not by shapes.

Of shapes alone a channel that is joined behind others (DenseNet's concatenation) would be taken for
another one, and a sum over all of them (attention) for one.
"""

from collections.abc import Sequence

import torch

from zollstock.trace.network import Change, Network, Place, hooked

_TRIED, _NEEDED = 12, 3

Ends = tuple[Place, Place, int, int]
"""Where a layer's output and input are seen, the axis of its units, and how many it has."""


def aligned_blocks(
    network: Network,
    inputs: torch.Tensor,
    layers: Sequence[Ends],
    pairs: Sequence[tuple[int, int]],
    reads: Sequence[tuple[bool, int]],
) -> dict[tuple[int, int], int | None]:
    """Return how many features of a target belong to each unit of a source.

    Parameters
    ----------
    network, inputs
        What is run, (1, …).
    layers
        Their places.
    pairs
        Source and target of each link.
    reads
        Of each layer whether it is a convolution, and how many channels or features it reads.

    Returns
    -------
    dict
        None where the k-th unit read is not the source's k-th.
    """
    found: dict[tuple[int, int], int | None] = {}
    for source in sorted({one for one, _ in pairs}):
        targets = [t for s, t in pairs if s == source]
        leaf, received = _direct(network, inputs, layers, source, targets)
        for target in targets:
            convolved, features = reads[target]
            units = layers[source][3]
            block, rest = divmod(features, units)
            fits = not rest and block > 0 and not (convolved and block > 1)
            same = fits and _same(leaf, received[target], layers[source], block, convolved)
            found[source, target] = block if same else None
    return found


def _direct(
    network: Network,
    inputs: torch.Tensor,
    layers: Sequence[Ends],
    source: int,
    targets: Sequence[int],
) -> tuple[torch.Tensor, dict[int, torch.Tensor]]:
    """Return a source's output as a leaf, and what targets receive of it through no other layer."""
    leaves: dict[int, torch.Tensor] = {}
    received: dict[int, torch.Tensor] = {}

    def output(place: int) -> Change:
        def change(value: torch.Tensor) -> torch.Tensor:
            if place != source:
                return value.detach()
            # Far from 0, so that few activations and maxima are without a slope.
            wide = value.detach()
            noise = torch.randn(wide.shape, generator=torch.Generator().manual_seed(0))
            scale = wide.abs().mean() + 1
            leaves[0] = (noise.to(wide) * scale).requires_grad_()
            return leaves[0] * 1  # in-place activations may not touch a leaf

        return change

    def note(place: int) -> Change:
        def change(value: torch.Tensor) -> None:
            received[place] = value * 1

        return change

    changes = {layers[place][0]: output(place) for place in range(len(layers))}
    changes |= {layers[place][1]: note(place) for place in targets}
    with torch.enable_grad(), hooked(network.module, changes):
        network.answer(inputs)
    return leaves[0], received


def _same(
    leaf: torch.Tensor, received: torch.Tensor, ends: Ends, block: int, convolved: bool
) -> bool:
    if not received.requires_grad:
        return False
    axis, units = ends[2], ends[3]
    reads_axis = 1 if convolved else -1
    informative = 0
    order = torch.randperm(units, generator=torch.Generator().manual_seed(1))[:_TRIED]
    for unit in sorted(order.tolist()):
        part = received.narrow(reads_axis, unit * block, block)
        weights = torch.rand(part.shape, generator=torch.Generator().manual_seed(2)).to(part) + 0.5
        slope = torch.autograd.grad(
            (part * weights).sum(), leaf, retain_graph=True, allow_unused=True
        )[0]
        if slope is None:
            return False
        mass = slope.abs().movedim(axis, 0).flatten(1).sum(1)
        if not bool(mass.any()):
            continue
        if int(mass.argmax()) != unit:
            return False
        informative += 1
        if informative == _NEEDED:
            break
    return informative > 0
