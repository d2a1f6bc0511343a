"""What torch recorded of a pass: the functions between a model's input and its logits.

It holds every call, however a model makes it, so that a method can see what it is dealing with.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch.autograd.graph import get_gradient_edge

from zollstock.errors import ZollstockError

# Linear in what flows through, whatever the numbers they were given.
_LINEAR = {
    "Add", "Sub", "Neg", "Sum", "Mean", "Cat", "Stack", "Clone", "ToCopy", "Copys", "CopySlices",
    "View", "UnsafeView", "ReshapeAlias", "Reshape", "Alias", "AsStrided", "T", "Transpose",
    "Permute", "Squeeze", "Unsqueeze", "Expand", "Repeat", "Flip", "Roll", "Slice", "Select",
    "Split", "SplitWithSizes", "Unbind", "Narrow", "Index", "IndexSelect", "Gather", "AvgPool2D",
    "AdaptiveAvgPool2D", "MkldnnAdaptiveAvgPool2D", "ConstantPadNd", "ReflectionPad2D",
    "ReplicationPad2D", "UpsampleBilinear2D", "UpsampleNearest2D", "UpsampleBicubic2D",
    "PixelShuffle", "PixelUnshuffle", "Unfold", "Im2Col", "AccumulateGrad", "Diagonal", "Movedim",
}  # fmt: skip
# Linear where all but one of what they take is fixed.
_PRODUCTS = {
    "Mul", "Mm", "Bmm", "Addmm", "Baddbmm", "Mv", "Dot", "Convolution", "MkldnnConvolution",
    "CudnnConvolution", "Linear", "Addmv", "MkldnnLinear",
}  # fmt: skip
_NORMS = {"NativeBatchNorm", "CudnnBatchNorm", "MiopenBatchNorm", "BatchNorm"}


def nodes_of(found: torch.Tensor) -> Iterator[Any]:
    """Yield every node of the record that a tensor hangs on, each once."""
    waiting, seen = [found.grad_fn], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        yield node
        waiting += [following for following, _ in node.next_functions]


def name_of(node: Any) -> str:  # noqa: ANN401
    """Return a node's name: ``Relu`` of ``ReluBackward0``."""
    name = str(node.name()).rpartition("::")[2]
    return name.rstrip("0123456789").removesuffix("Backward").replace("Backwards", "s")


def check_linear(
    found: torch.Tensor,
    leaf: torch.Tensor,
    where: str,
    instead: str,
    known: tuple[str, ...] = ("_Rescale", "_Pooled"),
    expected: str = "linear layers, activations that act on one number, and max pooling",
) -> None:
    """Check that all between an input and a tensor is linear, or known to a rule.

    Parameters
    ----------
    found, leaf
        What the record ends and begins in.
    where
        The method, for the message.
    instead
        Another method, that can do without.
    known
        Names of nodes that have a rule.
    expected
        What the rules cover, for the message.

    Raises
    ------
    ZollstockError
        Naming what is not.
    """
    flowing = _from(leaf, found)
    strange = set()
    for node in flowing:
        name = name_of(node)
        if name in known or name in _LINEAR or _fixed(node, name, flowing):
            continue
        strange.add(name)
    if strange:
        raise ZollstockError(
            where,
            f"a model has {', '.join(sorted(strange))}",
            expected,
            f"Use {instead} for it.",
        )


def _from(leaf: torch.Tensor, found: torch.Tensor) -> set[Any]:
    """Return the nodes that hang on a leaf, itself included; weights may have records too."""
    users: dict[Any, list[Any]] = {}
    for node in nodes_of(found):
        for following, _ in node.next_functions:
            if following is not None:
                users.setdefault(following, []).append(node)
    reached = {get_gradient_edge(leaf).node}
    waiting = list(reached)
    while waiting:
        new = [user for user in users.get(waiting.pop(), []) if user not in reached]
        reached.update(new)
        waiting += new
    return reached


def _fixed(node: Any, name: str, hanging: set[Any]) -> bool:  # noqa: ANN401
    """Return whether only one of the factors of a product hangs on the input."""
    flowing = [place for place, (one, _) in enumerate(node.next_functions) if one in hanging]
    if name in _PRODUCTS:
        # What is added is no factor: the first of these, and a bias behind.
        adds = name.startswith(("Add", "Badd"))
        return len([place for place in flowing if place or not adds]) <= 1
    if name == "Div":
        return flowing == [0]
    return name in _NORMS and flowing == [0] and not getattr(node, "_saved_training", False)
