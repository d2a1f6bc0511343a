"""A network whose inside is looked at: a module, and the number that is followed of its answer."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.locate.differentiable import GradientModel

Answer = Callable[[torch.Tensor], torch.Tensor]
Place = tuple[str, int, str]
"""A module's path, which of its calls in a pass, and ``received`` or ``returned``."""
Change = Callable[[torch.Tensor], torch.Tensor | None]

RECEIVED, RETURNED = "received", "returned"


@dataclass(frozen=True)
class Network:
    """A module and the number that is followed.

    Attributes
    ----------
    module
        Whose layers are looked at, in evaluation mode.
    answer
        From inputs (N, …) to the followed output, (N,); calls `module` once.
    logits
        From inputs to the logits of all classes, (N, C); calls `module` once. None where there are
        none.
    """

    module: nn.Module
    answer: Answer
    logits: Answer | None = None

    def __post_init__(self) -> None:
        training = next((name for name, one in self.module.named_modules() if one.training), None)
        if training is not None:
            raise ZollstockError(
                "trace",
                f"layer '{training}' of a network is in training mode",
                "evaluation mode: else an image's answer hangs on the others of its batch",
                "Call .eval() on the network.",
            )

    def values(self, inputs: torch.Tensor, batch: int = 256) -> torch.Tensor:
        """Return the followed output without gradients, (N,), in batches.

        Raises
        ------
        ZollstockError
            If it is no number a row, or not finite.
        """
        with torch.no_grad():
            return torch.cat(
                [checked(self.answer(part), len(part)) for part in inputs.split(batch)]
            )

    def following_all(self) -> "Network":
        """Return the network whose answer is the logits of all classes, (N, C).

        Raises
        ------
        ZollstockError
            If it is not known where they are.
        """
        if self.logits is None:
            raise ZollstockError(
                "trace",
                "a network whose logits are not known is asked for all classes",
                "one that says how they are found",
                "Make it by follow_class or follow_model, or pass `logits`.",
            )
        return replace(self, answer=self.logits)


def follow_class(module: nn.Module, index: int) -> Network:
    """Return a network whose followed output is a class's logit.

    Parameters
    ----------
    module
        Takes (N, …); returns logits, (N, C), or a dict, tuple or object that holds them as
        `zollstock.inference.outputs.find_logits` finds them.
    index
        Of the class.
    """

    def logits(inputs: torch.Tensor) -> torch.Tensor:
        return logits_of(module(inputs))

    return Network(module, lambda inputs: logits(inputs)[:, index], logits)


def follow_model(model: GradientModel) -> Network:
    """Return a model of the library as a network; its inputs are `GradientModel.pixels`."""
    return Network(model.network.module, model, model.network.logits)


def logits_of(returned: Any) -> torch.Tensor:  # noqa: ANN401
    """Return the logits of what a module returned, (N, C).

    Raises
    ------
    ZollstockError
        If no tensor of two dimensions is found in it.
    """
    found = returned
    if not isinstance(found, torch.Tensor):
        tensors = {
            name: value
            for name, value in _entries(returned).items()
            if isinstance(value, torch.Tensor) and value.ndim == 2
        }
        only = next(iter(tensors.values())) if len(tensors) == 1 else None
        found = tensors.get("logits", only)
    if not isinstance(found, torch.Tensor) or found.ndim != 2:
        raise ZollstockError(
            "trace",
            f"a network returned a {type(returned).__name__} without logits to be told",
            "a tensor (N, C), or something that holds one, named 'logits' if there are several",
            "Wrap the network so that it returns its logits.",
        )
    return found


def _entries(returned: Any) -> Mapping[Any, Any]:  # noqa: ANN401
    if isinstance(returned, Mapping):
        return returned
    if isinstance(returned, tuple | list):
        return dict(enumerate(returned))
    return dict(getattr(returned, "__dict__", {}))


def checked(values: torch.Tensor, count: int) -> torch.Tensor:
    """Return answers, one finite number a row.

    Raises
    ------
    ZollstockError
        If they are not.
    """
    if values.shape != (count,):
        raise ZollstockError(
            "trace",
            f"the followed output has shape {tuple(values.shape)}, for {count} inputs",
            "one number an input",
            "Follow one class, contrast or margin.",
        )
    if not bool(torch.isfinite(values).all()):
        raise ZollstockError(
            "trace",
            "a network's answer is not finite",
            "numbers",
            "Look for NaN in the images and in the weights.",
        )
    return values


@contextmanager
def hooked(module: nn.Module, changes: Mapping[Place, Change]) -> Iterator[None]:
    """Let functions see, and replace, what modules receive and return.

    Parameters
    ----------
    module
        The network's.
    changes
        For each place a function of the tensor there; it returns what is put in its place, or None.
        Of a tuple the first entry is meant. Calls are counted anew in every pass.
    """
    counts: dict[str, int] = {}
    modules = dict(module.named_modules())
    paths = {path for path, _, _ in changes}
    handles = [module.register_forward_pre_hook(lambda *_: counts.clear())]
    for path in paths:
        before, after = _hooks(path, counts, changes)
        handles.append(modules[path].register_forward_pre_hook(before))
        handles.append(modules[path].register_forward_hook(after))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _hooks(path: str, counts: dict[str, int], changes: Mapping[Place, Change]) -> tuple[Any, Any]:
    def before(_: nn.Module, received: Any) -> Any:  # noqa: ANN401
        counts[path] = counts.get(path, -1) + 1
        change = changes.get((path, counts[path], RECEIVED))
        if change is None or not received:
            return None
        new = change(received[0])
        return None if new is None else (new, *received[1:])

    def after(_: nn.Module, __: Any, returned: Any) -> Any:  # noqa: ANN401
        change = changes.get((path, counts[path], RETURNED))
        if change is None:
            return None
        new = change(first_tensor(returned))
        if new is None or isinstance(returned, torch.Tensor):
            return new
        return type(returned)((new, *returned[1:]))

    return before, after


def first_tensor(value: Any) -> Any:  # noqa: ANN401
    """Return a tensor, or the first entry of a tuple or list."""
    return value[0] if isinstance(value, tuple | list) and value else value
