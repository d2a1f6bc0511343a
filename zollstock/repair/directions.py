"""The direction in a layer that a property moves activations in, from frames of its paths.

Concept directions of ClArC come from a classifier on artefact labels. Frames need none: what an
activation changes by along a path is what the property does to it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.repair.material import Paths
from zollstock.repair.run import Run
from zollstock.trace.network import logits_of

_LEAST = 1e-6


@dataclass(frozen=True)
class Subspace:
    """What properties do to a layer.

    Attributes
    ----------
    basis
        Orthonormal columns, (features, directions).
    centre
        The mean activation over all frames, (features,).
    """

    basis: torch.Tensor
    centre: torch.Tensor


def find_layer(run: Run, name: str | None) -> nn.Linear | nn.Conv2d:
    """Return a layer by its name; by default the last linear one, whose answer is the logits.

    Raises
    ------
    ZollstockError
        If there is none, or it is of another kind.
    """
    if name is None:
        return last_linear(run)
    layer = dict(run.module.named_modules()).get(name)
    if isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.groups == 1):
        return layer
    kind = "no layer of the model" if layer is None else f"a {type(layer).__name__}"
    raise ZollstockError(
        f"{run.where}.layer",
        f"is '{name}', {kind}",
        "a linear layer, or a convolution without groups",
        "Name one, or leave it out: it is the last linear layer then.",
    )


def last_linear(run: Run) -> nn.Linear:
    """Return the linear layer whose answer is the logits.

    Raises
    ------
    ZollstockError
        If there is none.
    """
    found: list[tuple[nn.Linear, torch.Tensor]] = []
    hooks = [
        part.register_forward_hook(lambda part, _, answer: found.append((part, answer)))
        for part in run.module.modules()
        if isinstance(part, nn.Linear)
    ]
    try:
        logits = run.in_batches(lambda x: logits_of(run.module(x)), run.material.images[:2])
    finally:
        for hook in hooks:
            hook.remove()
    answer = found[-1][1].cpu() if found else logits[:0]
    # One output of two classes is the difference of their logits.
    if not any(torch.equal(answer, head) for head in (logits, logits[:, 1:] - logits[:, :1])):
        raise ZollstockError(
            f"{run.where}.layer",
            "is not given, and the model's logits come from no linear layer",
            "a model with a linear head",
            "Name a layer.",
        )
    return found[-1][0]


@contextmanager
def held(layer: nn.Module) -> Iterator[list[torch.Tensor]]:
    """Hold what a layer receives, of a linear one, or returns, of a convolution, at each call."""
    found: list[torch.Tensor] = []
    if isinstance(layer, nn.Linear):
        hook = layer.register_forward_pre_hook(lambda _, received: found.append(received[0]))
    else:
        hook = layer.register_forward_hook(lambda _, __, returned: found.append(returned))
    try:
        yield found
    finally:
        hook.remove()


def features(run: Run, layer: nn.Module, frames: torch.Tensor) -> torch.Tensor:
    """Return a layer's activations of inputs, (n, features): of maps their mean over places."""
    with held(layer) as found:
        run.module(frames)
    values = found[-1]
    return values.flatten(2).mean(2) if isinstance(layer, nn.Conv2d) else values.flatten(0, -2)


def subspace(run: Run, layer: nn.Module, paths: Mapping[str, Paths], directions: int) -> Subspace:
    """Return what properties do to a layer.

    Of each property the mean change of activations from the first frame to the others, and,
    where more directions are asked for, the main ones of what is left of the changes.

    Parameters
    ----------
    run
        Its module is looked at, in evaluation mode.
    layer
        A linear layer or a convolution.
    paths
        Of each property.
    directions
        Of each property.

    Raises
    ------
    ZollstockError
        If a property changes nothing there.
    """
    columns, means = [], []
    for name in sorted(paths):
        frames = paths[name].frames
        count, steps = frames.shape[:2]
        flat = frames.reshape(count * steps, *frames.shape[2:])
        values = run.in_batches(lambda x: features(run, layer, x), flat).double()
        rows = values.view(count, steps, -1)
        change = (rows[:, 1:] - rows[:, :1]).flatten(0, 1)
        mean = change.mean(0)
        size = float(mean.norm())
        if size <= _LEAST * float(rows.abs().max()):
            raise ZollstockError(
                run.where,
                f"'{name}' moves the layer's activations nowhere on average",
                "a layer in which the property is seen",
                "Name another layer.",
            )
        unit = mean / size
        left = change - (change @ unit)[:, None] * unit
        more = torch.linalg.svd(left, full_matrices=False)[2][: directions - 1]
        columns.append(torch.cat([unit[None], more]).T)
        means.append(values.mean(0))
    basis, triangle = torch.linalg.qr(torch.cat(columns, 1))
    kept = triangle.diagonal().abs() > _LEAST
    return Subspace(basis[:, kept], torch.stack(means).mean(0))
