"""Losses on attributions: how far they are from what was wanted."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.repair.explained import Given
from zollstock.repair.explainers import explain
from zollstock.trace.network import logits_of

Penalty = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Normalise = Callable[[torch.Tensor], torch.Tensor]
_LEAST = 1e-8


def squared(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return the mean of (a − w)²."""
    return ((found - wanted) ** 2).mean()


def absolute(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return the mean of |a − w|."""
    return (found - wanted).abs().mean()


def cosine(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return the mean over pictures of 1 − cos(a, w)."""
    return (1 - torch.cosine_similarity(found.flatten(1), wanted.flatten(1), dim=1)).mean()


def mask(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return the mean over pictures of Σ ((1 − w)·a)²: nothing may count where w is 0.

    That is the penalty of Ross et al. 2017 (RRR), whose mask is 1 − w.
    """
    return (((1 - wanted) * found) ** 2).flatten(1).sum(1).mean()


PENALTIES: dict[str, Penalty] = {
    "squared": squared,
    "absolute": absolute,
    "cosine": cosine,
    "mask": mask,
}
"""From attributions and what is wanted, of one shape, to a number."""


def ixai(attributions: torch.Tensor) -> torch.Tensor:
    """Return maps from 0 to 1, (N, H, W), as ixai normalises: |a|, its mean over channels, min–max.

    Of each picture: (m − min m)/(max m − min m + 1e-8).
    """
    maps = attributions.abs().mean(1)
    low, high = maps.amin((1, 2), keepdim=True), maps.amax((1, 2), keepdim=True)
    return (maps - low) / (high - low + _LEAST)


NORMALISATIONS: dict[str, Normalise] = {"ixai": ixai}
"""From attributions, (N, channels, H, W), to maps, (N, H, W)."""


def explanation_loss(
    model: nn.Module,
    x: torch.Tensor,
    target: torch.Tensor,
    explainer: Mapping[str, Any],
    wanted: torch.Tensor,
    penalty: str | Penalty = "squared",
    *,
    given: Given | None = None,
    output: str = "logit",
    normalise: str | Normalise | None = None,
) -> torch.Tensor:
    """Return how far attributions are from what is wanted, differentiable in the weights.

    The model is explained in evaluation mode and left as it was; what is wanted gets no gradient.
    Biases of a network of ReLUs learn nothing from it, see `zollstock.repair.explainers.explain`.

    Parameters
    ----------
    model, x, target, given, output
        See `zollstock.repair.explainers.explain`.
    explainer
        ``name`` and settings.
    wanted
        Maps, (N, H, W), with which attributions are compared summed over channels; or of the
        inputs' shape, with which they are compared as they are.
    penalty
        A key of `PENALTIES`, or a function of attributions and what is wanted.
    normalise
        A key of `NORMALISATIONS`, or a function of attributions; None leaves them.

    Raises
    ------
    ZollstockError
        As `zollstock.repair.explainers.explain`; or if there is no such penalty or normalisation,
        or if what is wanted has another shape.
    """
    measure = _of(penalty, PENALTIES, "penalty")
    found = explain(model, x, target, explainer, given, output=output)
    if normalise is not None:
        found = _of(normalise, NORMALISATIONS, "normalise")(found)
    elif wanted.ndim == 3:
        found = found.sum(1)
    if wanted.shape != found.shape:
        raise ZollstockError(
            "repair: wanted",
            f"has shape {tuple(wanted.shape)}",
            f"{tuple(found.shape)}, as the attributions, or a map of each picture",
            "Resize it.",
        )
    return measure(found, wanted.detach().to(found))


def property_difference(
    model: nn.Module, first: torch.Tensor, second: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Return the mean of (log p(y | first) − log p(y | second))² over pairs of frames.

    It is of first order, and asks for no attribution: what differs between both frames of a path
    is the property, whatever engine made them.

    Parameters
    ----------
    model
        As it is to answer: its mode is the caller's.
    first, second
        Inputs of each path's two frames, (P, channels, H, W).
    labels
        The class of each path, (P,).
    """
    return squared_difference(likelihoods(model, first, second, labels))


def likelihoods(
    model: nn.Module, first: torch.Tensor, second: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Return log p(y) of first and second frames, (2, P); see `property_difference`."""
    likely = logits_of(model(torch.cat([first, second]))).log_softmax(1)
    return likely.gather(1, labels.repeat(2)[:, None]).view(2, -1)


def squared_difference(likely: torch.Tensor) -> torch.Tensor:
    """Return the mean of the squared differences of two rows of numbers, (2, P)."""
    return ((likely[0] - likely[1]) ** 2).mean()


def _of(given: Any, known: Mapping[str, Any], what: str) -> Any:  # noqa: ANN401
    if callable(given):
        return given
    if given not in known:
        raise ZollstockError(
            f"repair: {what}",
            f"is '{given}'",
            f"one of {', '.join(known)}, or a function",
            did_you_mean(str(given), known),
        )
    return known[given]
