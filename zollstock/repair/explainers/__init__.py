"""Explainers that are differentiable in the weights: a module each, found by its name.

A module offers ``DEFAULTS``, its settings, and ``attribute(explained, inputs, settings, given)``:
of a `zollstock.repair.explained.Explained`, normalised inputs, (N, channels, H, W), and a
`zollstock.repair.explained.Given` to attributions of the inputs' shape. They are signed, and what
is drawn hangs on `Given.draws`, never on a place in the batch. Use `explain`.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from zollstock.entries import find_entry, known_entries
from zollstock.repair.activations import Softened
from zollstock.repair.defaults import with_defaults
from zollstock.repair.explained import Draws, Explained, Given, quiet

SMOOTH = "smooth"
"""A setting of every explainer: β of the Softplus that stands for ReLU; None leaves ReLU."""


def known_explainers() -> list[str]:
    """Return the names of all explainers."""
    return known_entries(sys.modules[__name__])


def settings_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an explainer with those that were not given.

    Parameters
    ----------
    settings
        ``name``, and some of the explainer's settings.

    Raises
    ------
    ZollstockError
        If there is no such explainer, or it has no such setting.
    """
    entry = find_entry(sys.modules[__name__], settings["name"])
    defaults = {SMOOTH: None, **entry.DEFAULTS}
    return with_defaults(settings, defaults, f"repair: {settings['name']}")


def explain(
    module: nn.Module,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    settings: Mapping[str, Any],
    given: Given | None = None,
    *,
    output: str = "logit",
) -> torch.Tensor:
    """Return attributions of the inputs' shape, differentiable in the weights.

    The module is explained in evaluation mode and left in the mode that it was in; batch norms
    keep what they know. Attributions of a network of ReLUs teach its biases nothing: see
    `zollstock.repair.activations`; ``smooth`` explains the same network with Softplus.

    Parameters
    ----------
    module
        Takes the inputs; returns logits, or what holds them.
    inputs
        As the module takes them, (N, channels, H, W).
    targets
        The class of each that is explained, (N,).
    settings
        ``name`` of the explainer and its settings; ``smooth``, see above.
    given
        Baselines, segments and chance.
    output
        A key of `zollstock.repair.explained.OUTPUTS`.

    Raises
    ------
    ZollstockError
        If there is no such explainer, it lacks something, or it cannot be right for the module.
    """
    whole = settings_of(settings)
    given = given or Given()
    if len(given.draws.keys) != len(inputs):
        given = replace(given, draws=Draws.of_content(inputs, given.draws.seed))
    with quiet(module):
        # Made in evaluation mode, so that what wraps the module is in it as well.
        seen = module if whole[SMOOTH] is None else Softened(module, whole[SMOOTH]).eval()
        return attribute(Explained(seen, targets, output), inputs.detach(), whole, given)


def attribute(
    explained: Explained, inputs: torch.Tensor, settings: Mapping[str, Any], given: Given
) -> torch.Tensor:
    """Return what an explainer says, of whole settings; see `explain`."""
    entry = find_entry(sys.modules[__name__], settings["name"])
    found: torch.Tensor = entry.attribute(explained, inputs, settings, given)
    return found
