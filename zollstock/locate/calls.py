"""Calls of torch functions, however a model makes them: as modules, functions or in place.

What a method does at an activation or a layer it does where the function is called
(`torch.overrides.TorchFunctionMode`), so that one module may be used at several places.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Call:
    """A call whose first argument hangs on the input.

    Attributes
    ----------
    name
        Of the function, without the underscores of its in-place and operator forms.
    function
        What is called.
    first
        Its first argument.
    rest, named
        All others.
    in_place
        Whether the result is written into `first`.
    """

    name: str
    function: Callable[..., Any]
    first: torch.Tensor
    rest: tuple[Any, ...]
    named: Mapping[str, Any]
    in_place: bool

    @property
    def alone(self) -> bool:
        """Whether no other tensor takes part."""
        others = [*self.rest, *self.named.values()]
        return not any(isinstance(other, torch.Tensor) for other in others)

    def of(self, value: torch.Tensor) -> torch.Tensor:
        """Return what the function makes of another first argument; it may be written into."""
        found: torch.Tensor = self.function(value, *self.rest, **self.named)
        return found

    def answered(self, found: torch.Tensor) -> torch.Tensor:
        """Return a result as the caller expects it."""
        return self.first.copy_(found) if self.in_place else found


def call_of(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any] | None,
    sees: Callable[[torch.Tensor], bool] = lambda x: x.requires_grad,
) -> Call | None:
    """Return a call; None if its first argument is no tensor that is seen.

    By default those are seen that hang on the input.
    """
    named = dict(kwargs or {})
    first = args[0] if args else named.pop("input", None)
    if not isinstance(first, torch.Tensor) or not sees(first):
        return None
    name = getattr(function, "__name__", "").partition(".")[0]  # `relu.default` of a program
    written = name.endswith("_") and not name.endswith("__")
    flagged = any(one is True for one in (*args[1:], *named.values()))
    return Call(name.strip("_"), function, first, tuple(args[1:]), named, written or flagged)
