"""DeepLIFT with the rescale rule (Shrikumar et al. 2017), right to second order.

See `zollstock.repair.secants` for how, and `zollstock.locate.gradients.deeplift` for what comes
after the logits.
"""

import weakref
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.locate.differentiable import slope_of
from zollstock.locate.gradients.deeplift import mean_slope
from zollstock.locate.record import check_linear
from zollstock.repair.activations import Softened
from zollstock.repair.explained import Explained, Given
from zollstock.repair.secants import Recording, Replayed
from zollstock.trace.network import logits_of

DEFAULTS: dict[str, Any] = {"multiply_by_inputs": True}
_APART = 1e-3
_checked: "weakref.WeakSet[nn.Module]" = weakref.WeakSet()


def attribute(
    explained: Explained, inputs: torch.Tensor, settings: Mapping[str, Any], given: Given
) -> torch.Tensor:
    """Return m·(x − b), which sums to y(x) − y(b); the multiplier m alone without the factor.

    Parameters
    ----------
    explained, inputs, given
        See `zollstock.repair.explainers`; b is ``given.baseline``.
    settings
        ``multiply_by_inputs``, the factor x − b.

    Raises
    ------
    ZollstockError
        If the module has a layer that the rule does not cover, naming it.
    """
    start = given.start(inputs)
    found = multipliers(explained, inputs, start)
    return found * (inputs - start) if settings["multiply_by_inputs"] else found


def multipliers(explained: Explained, inputs: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
    """Return the multiplier of every input against its baseline, (N, …).

    Raises
    ------
    ZollstockError
        As `attribute`.
    """
    further = torch.is_grad_enabled()
    # Looked at once: what has a rule with ReLU has one with Softplus.
    core = explained.module.module if isinstance(explained.module, Softened) else explained.module
    new = core not in _checked
    recording = Recording(2 * len(inputs))
    with recording:
        ends = logits_of(explained.module(torch.cat([inputs, starts])))
    first, second = ends.chunk(2)
    head = mean_slope(explained.of_logits, first, second, points=explained.points, further=further)
    with torch.enable_grad():
        leaf = inputs.detach().clone().requires_grad_()
        with Replayed(len(inputs), iter(recording.slopes)) as mode:
            linear = logits_of(explained.module(leaf))
        if new and linear.requires_grad:
            check_linear(linear, leaf, "repair: deeplift", "expected_gradients", ("_Convolved",))
        with mode.for_inputs():
            found = slope_of(
                (linear * head).sum(1), leaf, further=further, where="repair: deeplift"
            )
    if new:
        _check_sums(explained, ends.detach(), (found * (inputs - starts)).detach())
        _checked.add(core)
    return found


@torch.no_grad()
def _check_sums(explained: Explained, ends: torch.Tensor, found: torch.Tensor) -> None:
    """Check that contributions sum to the change, which they do not if something was not seen."""
    values = explained.of_logits(ends).double()
    change = values[: len(found)] - values[len(found) :]
    missing = (found.double().flatten(1).sum(1) - change).abs()
    scale = torch.maximum(change.abs(), found.double().flatten(1).abs().sum(1))
    if bool((missing > _APART * scale + 1e-6).any()):
        worst = int((missing - _APART * scale).argmax())
        total = float(found[worst].double().sum())
        raise ZollstockError(
            "repair: deeplift",
            f"contributions sum to {total:.4g}, and the output changes by {change[worst]:.4g}",
            "equal numbers, as the rule promises",
            "The module calls something that the rule does not see; use expected_gradients.",
        )
