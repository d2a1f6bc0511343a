"""Layers with weights, and which of them feed which: found in one run of the network.

What a layer receives is followed back through torch's own record of the run (autograd's graph)
until other layers with weights are met. So a network may be written in any way: functional
activations, modules that are used twice, a dict as its answer, additions around a block.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.trace.alignment import aligned_blocks
from zollstock.trace.network import RECEIVED, RETURNED, Network, Place, checked

INPUT = -1
"""Stands for the network's input among the sources of a layer."""

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


@dataclass(frozen=True)
class Layer:
    """One call of a module with weights.

    Attributes
    ----------
    path
        Of the module.
    call
        Which of its calls in a pass.
    outputs
        Its units: channels of a convolution, neurons of a linear layer.
    inputs
        Units that it reads: channels, or blocks of `block` features.
    block
        Features that belong to one unit read: of a linear layer behind flattened maps the places
        of a channel, else 1.
    axis
        Of its units in what it returns, from the end: −1 of a linear layer.
    groups
        Of a convolution: units o and i are joined only within a group; of a depthwise one every
        channel reads itself alone.
    shape
        Of its weights.
    """

    path: str
    call: int
    outputs: int
    inputs: int
    block: int
    axis: int
    groups: int
    shape: tuple[int, ...]

    @property
    def name(self) -> str:
        """The path, with the number of the call from the second one on."""
        return self.path if not self.call else f"{self.path}#{self.call + 1}"

    @property
    def received(self) -> Place:
        """Where its input is seen."""
        return (self.path, self.call, RECEIVED)

    @property
    def returned(self) -> Place:
        """Where its output is seen, before any activation."""
        return (self.path, self.call, RETURNED)

    @property
    def depthwise(self) -> bool:
        """Whether no channel reads another one."""
        return self.groups > 1 and self.groups == self.inputs

    def joined(self) -> torch.Tensor:
        """Return which units have an edge, bool (outputs, inputs)."""
        rows = torch.arange(self.outputs) // (self.outputs // self.groups)
        columns = torch.arange(self.inputs) // (self.inputs // self.groups)
        return rows[:, None] == columns[None]


@dataclass(frozen=True)
class Link:
    """That a layer reads another one's output, with no layer with weights between them.

    Attributes
    ----------
    source, target
        Places in `Wiring.layers`; a source may be `INPUT`, and a target ``len(layers)``, which
        stands for the answer.
    skip
        Whether the source reaches the target through other layers as well: what it carries goes
        past them.
    aligned
        Whether the target's k-th unit read is the source's k-th unit, as a probe of gradients
        found. A layer norm between them mixes all others in, slightly.
    """

    source: int
    target: int
    skip: bool
    aligned: bool


@dataclass(frozen=True)
class Wiring:
    """The layers with weights, in the order of their calls, and their links."""

    layers: tuple[Layer, ...]
    links: tuple[Link, ...]

    def place(self, name: str) -> int:
        """Return which layer has a name."""
        names = [layer.name for layer in self.layers]
        if name not in names:
            raise ZollstockError(
                "trace: layers", f"names '{name}'", f"one of {', '.join(names)}", "Name one."
            )
        return names.index(name)

    def into(self, target: int) -> list[Link]:
        """Return the links that end in a layer."""
        return [link for link in self.links if link.target == target]


@dataclass
class _Seen:
    path: str
    call: int
    module: nn.Module
    received: torch.Tensor | None = None
    node: Any = None
    returned: torch.Tensor | None = None
    start: Any = field(default=None)


def find_wiring(network: Network, inputs: torch.Tensor) -> Wiring:
    """Return a network's layers with weights and their links.

    Parameters
    ----------
    network
        What is looked at.
    inputs
        One or a few, (N, …), of which the first is run.

    Raises
    ------
    ZollstockError
        If no layer with weights acts on the answer, or the network cannot be followed.
    """
    seen, leaf, answer = _run(network, inputs[:1])
    nodes = {id(one.node): place for place, one in enumerate(seen)}
    sources = [
        *(_sources(one.start, nodes, leaf) for one in seen),
        _sources(answer.grad_fn, nodes, leaf),
    ]
    reach = _reach(sources)
    if not any(one >= 0 for one in reach[-1]):
        raise ZollstockError(
            "trace",
            "no layer with weights was found in a network",
            "convolutions or linear layers that the answer hangs on",
            "Layers must be modules (nn.Conv2d, nn.Linear) that the network calls.",
        )
    layers = [_layer(one) for one in seen]
    pairs = [(one, target) for target, found in enumerate(sources) for one in sorted(found)]
    blocks = aligned_blocks(
        network,
        inputs[:1],
        [(layer.returned, layer.received, layer.axis, layer.outputs) for layer in layers],
        [(s, t) for s, t in pairs if s != INPUT and t < len(layers)],
        [(len(layer.shape) > 2, layer.inputs) for layer in layers],
    )
    return Wiring(
        tuple(_with_block(layer, place, blocks) for place, layer in enumerate(layers)),
        tuple(
            Link(
                source,
                target,
                any(source in reach[one] for one in sources[target] if one not in (INPUT, source)),
                blocks.get((source, target)) is not None,
            )
            for source, target in pairs
        ),
    )


def _run(network: Network, inputs: torch.Tensor) -> tuple[list[_Seen], torch.Tensor, torch.Tensor]:
    network.values(inputs)  # what a model prepares once is unseen by the hooks
    seen: list[_Seen] = []
    passes = [0]
    handles = [
        network.module.register_forward_pre_hook(lambda *_: passes.__setitem__(0, passes[0] + 1))
    ]
    for path, module in network.module.named_modules():
        if isinstance(module, (*_CONVOLUTIONS, nn.Linear)):
            handles += _listen(path, module, seen)
    leaf = inputs.detach().clone().requires_grad_()
    try:
        with torch.enable_grad():
            answer = checked(network.answer(leaf), len(inputs))
    finally:
        for handle in handles:
            handle.remove()
    if passes[0] != 1 or not answer.requires_grad:
        raise ZollstockError(
            "trace",
            f"a network is called {passes[0]} times for an answer"
            if passes[0] != 1
            else "an answer leaves torch's record, so that what it hangs on cannot be followed",
            "one call, of differentiable functions",
            "Follow the network's own logits.",
        )
    return [one for one in seen if one.node is not None], leaf, answer


def _listen(path: str, module: nn.Module, seen: list[_Seen]) -> list[Any]:
    count = [0]

    def before(_: nn.Module, received: Any) -> None:  # noqa: ANN401
        seen.append(_Seen(path, count[0], module, received[0], start=received[0].grad_fn))
        if received[0].is_leaf and received[0].requires_grad:
            seen[-1].start = received[0]
        count[0] += 1

    def after(_: nn.Module, __: Any, returned: torch.Tensor) -> None:  # noqa: ANN401
        one = next(one for one in reversed(seen) if one.path == path)
        # A layer that the input does not reach has no part in any path of frames.
        one.node = returned.grad_fn if one.start is not None else None
        one.returned = returned.detach()

    return [module.register_forward_pre_hook(before), module.register_forward_hook(after)]


def _sources(start: Any, nodes: dict[int, int], leaf: torch.Tensor) -> set[int]:  # noqa: ANN401
    """Return the layers that are met first on the way back from a node."""
    if start is leaf:
        return {INPUT}
    found: set[int] = set()
    waiting, done = [start], set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in done:
            continue
        done.add(id(node))
        if id(node) in nodes:
            found.add(nodes[id(node)])
        elif getattr(node, "variable", None) is leaf:
            found.add(INPUT)
        else:
            waiting += [one for one, _ in node.next_functions]
    return found


def _reach(sources: list[set[int]]) -> list[set[int]]:
    """Return, of each layer and the answer, all that reaches it."""
    reach: list[set[int]] = []
    for found in sources:
        whole = set(found)
        for one in found:
            if one != INPUT:
                whole |= reach[one]
        reach.append(whole)
    return reach


def _layer(one: _Seen) -> Layer:
    module: Any = one.module
    assert one.returned is not None
    shape = tuple(module.weight.shape)
    convolved = isinstance(module, _CONVOLUTIONS)
    return Layer(
        one.path,
        one.call,
        shape[0],
        module.in_channels if convolved else shape[1],
        1,
        1 - len(shape) if convolved else -1,
        module.groups if convolved else 1,
        shape,
    )


def _with_block(layer: Layer, place: int, blocks: dict[tuple[int, int], int | None]) -> Layer:
    found = {block for (_, target), block in blocks.items() if target == place and block}
    block = found.pop() if len(found) == 1 else 1
    return Layer(
        layer.path, layer.call, layer.outputs, layer.inputs // block, block,
        layer.axis, layer.groups, layer.shape,
    )  # fmt: skip


def total_units(layers: Iterable[Layer]) -> int:
    """Return how many units layers have together."""
    return sum(layer.outputs for layer in layers)


def layer_table(layers: Sequence[Layer]) -> pd.DataFrame:
    """Return the table ``layers`` of the stage: a row a layer, in the order of their calls."""
    return pd.DataFrame(
        {
            "place": range(len(layers)),
            "layer": [layer.name for layer in layers],
            "units": [layer.outputs for layer in layers],
            "inputs": [layer.inputs for layer in layers],
            "depthwise": [layer.depthwise for layer in layers],
        }
    )
