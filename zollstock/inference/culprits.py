"""Which module of a model answers equal input differently."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.inference.forward import Forward, apart

_NUMBERS = 2048  # of a frame, that are kept of a tensor
_TRIES = 16


@dataclass(frozen=True)
class Call:
    """One call of a module: what went in and came out, a row a frame."""

    name: str
    given: list[torch.Tensor]
    returned: list[torch.Tensor]


def culprit(forward: Forward, frames: npt.NDArray[np.uint8], batch: Sequence[int]) -> str:
    """Return the innermost module whose output differs though its input does not.

    What a module calls as a function (``F.dropout``) is its own doing.

    Parameters
    ----------
    forward
        The model.
    frames
        All that go together first.
    batch
        Which of them go together then.
    """
    share = forward.rounding
    batch = list(batch)
    first = _calls(forward, frames)
    for _ in range(_TRIES):
        for one, two in zip(first, _calls(forward, frames[batch]), strict=False):
            if one.name != two.name:
                break  # another branch was taken
            if _differ(one.given, two.given, batch, share / 10):
                continue
            if _differ(one.returned, two.returned, batch, share):
                return _words(forward.module, one.name)
    return _words(forward.module, "")


def _words(module: torch.nn.Module, name: str) -> str:
    kind = type(module.get_submodule(name)).__name__
    return f"'{name}' ({kind})" if name else f"the model's own forward ({kind})"


def _differ(
    one: Sequence[torch.Tensor], two: Sequence[torch.Tensor], batch: Sequence[int], share: float
) -> bool:
    pairs = zip(one, two, strict=False)
    return any(len(b) == len(batch) and apart(a[batch], b, share) > 0 for a, b in pairs)


def _calls(forward: Forward, frames: npt.NDArray[np.uint8]) -> list[Call]:
    """Return the calls of a forward pass, in the order in which they end."""
    found: list[Call] = []
    handles = []
    single = forward.way is not None and forward.way.single
    count = 1 if single else len(frames)

    def noting(name: str) -> Any:  # noqa: ANN401
        def hook(module: torch.nn.Module, given: Any, returned: Any) -> None:  # noqa: ANN401
            found.append(Call(name, _rows(given, count), _rows(returned, count)))

        return hook

    for name, module in forward.module.named_modules():
        if not isinstance(module, torch.jit.ScriptModule):
            handles.append(module.register_forward_hook(noting(name)))
    try:
        forward.outputs(frames)
    finally:
        for handle in handles:
            handle.remove()
    return found


def _rows(held: Any, count: int) -> list[torch.Tensor]:  # noqa: ANN401
    """Return a sample of each tensor that has a row, or several, a frame."""
    if isinstance(held, dict):
        held = list(held.values())
    if isinstance(held, tuple | list):
        return [rows for part in held for rows in _rows(part, count)]
    if not isinstance(held, torch.Tensor) or not held.dim() or held.shape[0] % count:
        return []
    rows = held.detach().reshape(count, -1)
    step = max(1, rows.shape[1] // _NUMBERS)
    return [rows[:, ::step].float().cpu()]
