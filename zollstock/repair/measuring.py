"""What a model does before and after a repair: accuracies by name, and property gradients."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from zollstock.arrays import Array
from zollstock.models.normalisation import Normalisation
from zollstock.repair.explained import quiet
from zollstock.repair.material import Images, Labels, Paths, inputs_of
from zollstock.scoring.statistics import evaluate
from zollstock.trace.network import logits_of


def probabilities(
    module: nn.Module,
    images: Images,
    normalisation: Normalisation,
    device: torch.device | str = "cpu",
    batch_size: int = 512,
) -> Array:
    """Return the probability of each class, (N, C), in evaluation mode."""
    with quiet(module), torch.no_grad():
        parts = [
            logits_of(module(inputs_of(images[start : start + batch_size], normalisation, device)))
            for start in range(0, len(images), batch_size)
        ]
    found: Array = torch.cat(parts).double().softmax(1).cpu().numpy()
    return found


def accuracies(
    found: npt.NDArray[np.floating], labels: Labels, groups: npt.NDArray[np.integer] | None = None
) -> dict[str, float]:
    """Return shares of images that are classified correctly, under their exact names.

    Parameters
    ----------
    found
        Probabilities or logits, (N, C).
    labels
        (N,).
    groups
        What each image shows of a property, (N,).

    Returns
    -------
    dict
        ``accuracy``: the plain mean over images. With groups, of which one is a class with what is
        shown: ``worst_group``, the least mean of a group, and ``mean_of_groups``, the plain mean
        of their means. Nothing is weighted by shares of a training set, as some papers' "average"
        is.
    """
    right = np.asarray(found).argmax(1) == np.asarray(labels)
    told = {"accuracy": float(right.mean())}
    if groups is not None:
        pairs = np.stack([np.asarray(labels), np.asarray(groups)], 1)
        cells = np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1)
        means = np.bincount(cells, right) / np.bincount(cells)
        told |= {"worst_group": float(means.min()), "mean_of_groups": float(means.mean())}
    return told


class Followed(NamedTuple):
    """What a model says along paths.

    Attributes
    ----------
    series
        The probability of the label, (P, S).
    found
        Probabilities of all classes, (P·S, C), path by path.
    """

    series: Array
    found: Array


def followed_along(
    module: nn.Module,
    paths: Paths,
    normalisation: Normalisation,
    device: torch.device | str = "cpu",
) -> Followed:
    """Return what a model says along paths."""
    count, steps = paths.frames.shape[:2]
    flat = paths.frames.reshape(count * steps, *paths.frames.shape[2:])
    found = probabilities(module, flat, normalisation, device)
    labels = np.repeat(np.asarray(paths.labels), steps)
    return Followed(found[np.arange(len(found)), labels].reshape(count, steps), found)


def gradient_of(said: Followed, paths: Paths) -> dict[str, float]:
    """Return the numbers of `property_gradient` from what a model says along paths."""
    scores = np.asarray(evaluate("epgm", said.series))
    labels = np.repeat(np.asarray(paths.labels), said.series.shape[1])
    return {"epgm": float(scores.mean()), **accuracies(said.found, labels)}


def property_gradient(
    module: nn.Module,
    paths: Paths,
    normalisation: Normalisation,
    device: torch.device | str = "cpu",
) -> dict[str, float]:
    """Return how much the probability of the label moves along paths, and how often it is right.

    Returns
    -------
    dict
        ``epgm``: the mean over paths of `zollstock.scoring`'s statistic of that name, the total up
        and down; ``accuracy``: over all frames, the plain mean.
    """
    return gradient_of(followed_along(module, paths, normalisation, device), paths)
