"""From what a model returns to logits."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.errors import ZollstockError

_LEAST = 1e-12  # a probability of 0 has no logit


def find_logits(returned: Any, count: int, classes: int) -> torch.Tensor:  # noqa: ANN401
    """Return the logits in what a model returned.

    Parameters
    ----------
    returned
        A tensor; or a tuple, a dict or an object with named entries. Of these the entry
        ``logits`` is taken, or else the only one that has the shape of logits.
    count, classes
        Frames of the batch, and classes of the model.

    Returns
    -------
    Tensor of shape (N, classes), or (N, 1) where a model of two classes has one output

    Raises
    ------
    ZollstockError
        If there are none, or several, or if they have another shape.
    """
    if isinstance(returned, torch.Tensor):
        shaped = _shaped(returned, count, classes)
        if shaped is None:
            raise _other_shape(returned, count, classes)
        return shaped
    entries = _entries(returned)
    if isinstance(entries.get("logits"), torch.Tensor):
        return find_logits(entries["logits"], count, classes)
    shapes = {
        name: _shaped(value, count, classes)
        for name, value in entries.items()
        if isinstance(value, torch.Tensor)
    }
    fitting = {name: value for name, value in shapes.items() if value is not None}
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    held = ", ".join(
        f"{name}: {tuple(value.shape)}"
        if isinstance(value, torch.Tensor)
        else f"{name}: {type(value).__name__}"
        for name, value in list(entries.items())[:6]
    )
    raise ZollstockError(
        "models: family",
        f"the model returned a {type(returned).__name__}" + (f" ({held})" if held else ""),
        f"logits of shape {(count, classes)}, in one place",
        "Wrap the model so that it returns the logits alone, or calls them 'logits'.",
    )


def returning_logits(module: torch.nn.Module, classes: int) -> torch.nn.Module:
    """Let a module return the logits of all classes, (N, classes), whatever it returns itself.

    Losses take logits in one tensor, a column a class. Layers, weights and their names stay.

    Parameters
    ----------
    module
        Returns logits as `find_logits` finds them; it is changed in place, and returned.
    classes
        How many it has.
    """

    def hook(_: torch.nn.Module, given: tuple[torch.Tensor, ...], returned: Any) -> torch.Tensor:  # noqa: ANN401
        found = find_logits(returned, len(given[0]), classes)
        return as_logits(found, classes, "logits", found.dtype)

    module.register_forward_hook(hook)
    return module


def as_logits(
    found: torch.Tensor, classes: int, outputs: str, dtype: torch.dtype = torch.float32
) -> torch.Tensor:
    """Return logits of all classes; gradients pass.

    Probabilities become their logarithms, whose softmax they are; those of classes that do not
    exclude each other the logits whose sigmoid they are. One output of a model of two classes, z,
    speaks for the second one, as a sigmoid does: −z/2 and z/2. With 0 and z the softmax would be
    the same, but the first class's own logit would heed nothing.

    Parameters
    ----------
    found
        Of `find_logits`.
    classes
        How many the model has.
    outputs
        See `zollstock.models.card.Model`.
    dtype
        Of what is returned.
    """
    found = found.to(dtype)
    alone = found.shape[1] == 1 and classes == 2
    if outputs == "probabilities":
        if alone:
            found = torch.cat([1 - found, found], dim=1)
        return found.clamp_min(torch.finfo(torch.float32).tiny).log()
    if outputs == "sigmoids":
        return found.double().clamp(_LEAST, 1 - _LEAST).logit().to(dtype)
    return torch.cat([-found / 2, found / 2], dim=1) if alone else found


def as_probabilities(
    logits: npt.NDArray[np.float32], *, independent: bool = False, scale: float = 1.0
) -> npt.NDArray[np.float32]:
    """Return probabilities over the last axis; NaN stays NaN.

    Parameters
    ----------
    logits
        Of `as_logits`, any shape.
    independent
        Whether each class has a sigmoid of its own, instead of a softmax over all.
    scale
        What they are multiplied by before.
    """
    wide = logits.astype(np.float64) * scale
    if independent:
        return (0.5 * (1 + np.tanh(wide / 2))).astype(np.float32)  # a sigmoid that cannot overflow
    wide = np.exp(wide - wide.max(axis=-1, keepdims=True))
    return (wide / wide.sum(axis=-1, keepdims=True)).astype(np.float32)


def _shaped(value: torch.Tensor, count: int, classes: int) -> torch.Tensor | None:
    """Return a tensor as (N, classes) or (N, 1); None if it has no such shape."""
    shape = tuple(value.shape)
    if shape == (count, classes) or (shape == (count, 1) and classes == 2):
        return value
    if shape == (classes,) and count == 1:  # squeezed by the model
        return value[None]
    if shape in {(count,), ()} and classes == 2 and value.numel() == count:
        return value.reshape(count, 1)
    return None


def _entries(returned: Any) -> dict[str, Any]:  # noqa: ANN401
    if isinstance(returned, Mapping):
        return {str(name): value for name, value in returned.items()}
    if hasattr(returned, "_asdict"):
        return dict(returned._asdict())
    if isinstance(returned, tuple | list):
        return {str(place): value for place, value in enumerate(returned)}
    if is_dataclass(returned):
        return {field.name: getattr(returned, field.name) for field in fields(returned)}
    return dict(getattr(returned, "__dict__", {}))


def _other_shape(value: torch.Tensor, count: int, classes: int) -> ZollstockError:
    shape = tuple(value.shape)
    step = "Name as many classes as the model has outputs."
    if shape in {(count,), (count, 1)}:
        step = "A model of one output has two classes: what it denies, then what it affirms."
    elif len(shape) == 2 and shape[0] == count:
        step = f"Name the {shape[1]} classes of its outputs, in their order."
    return ZollstockError(
        "models: classes",
        f"the model returned an array of shape {shape}",
        f"logits of shape {(count, classes)}, one column per class",
        step,
    )
