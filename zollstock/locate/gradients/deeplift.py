"""DeepLIFT with the rescale rule (Shrikumar et al. 2017)."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.errors import ZollstockError
from zollstock.locate.baselines import baseline, rng_of
from zollstock.locate.differentiable import GradientModel, differentiated, slope_of
from zollstock.locate.gradients import Maps, as_maps
from zollstock.locate.record import check_linear
from zollstock.locate.rescale import Rescaled

_POINTS = 32  # of the rule for what follows the logits
_APART = 0.01  # share of the change that may be missing


def attribute(
    model: GradientModel, frames: npt.NDArray[np.uint8], settings: Mapping[str, Any], seed: int = 0
) -> Maps:
    """Return m·(x − b) summed over channels, which sums to y(x) − y(b).

    The multiplier m goes back through the network like a gradient, but past every activation as
    Δout/Δin between picture and baseline, wherever and however often it is called. What comes after
    the logits, such as the softmax, has several inputs, which the rule does not cover: there the
    mean gradient along the straight line between both frames' logits is taken, which also adds up.

    Parameters
    ----------
    model, frames
        See `zollstock.locate.gradients`.
    settings
        ``baseline`` and ``blur``, see `zollstock.locate.baselines`; ``uncovered``, what becomes of
        a layer that the rule does not cover, such as layer norm or attention: ``refuse``, or
        ``gradient`` for its own at the picture, with which the map need not add up.
    seed
        Of the study, for a baseline of noise.

    Raises
    ------
    ZollstockError
        If the model has a layer that the rule does not cover, naming it, and that is refused.
    """
    whole = settings.get("uncovered", "refuse") == "refuse"
    maps = []
    for frame, pixels in zip(frames, model.pixels(frames), strict=True):
        rng = rng_of(frame, "deeplift", seed)
        start = baseline(settings["baseline"], pixels, rng, settings["blur"])
        maps.append(_contributions(model, pixels, start, whole))
    return as_maps(torch.stack(maps))


def _contributions(
    model: GradientModel, pixels: torch.Tensor, start: torch.Tensor, whole: bool = True
) -> torch.Tensor:
    """Return the contribution of every pixel and channel of one picture, (H, W, channels).

    With `whole` they must sum to the change, and layers that do not let them are refused.
    """
    model.network.prepare(pixels[None])  # outside of the rule
    if model.network.single:
        raise ZollstockError(
            "locate: deeplift",
            "a model takes one frame at a time",
            "one that takes picture and baseline together",
            "Use integrated_gradients for it.",
        )
    with torch.enable_grad():
        leaf = torch.stack([pixels, start]).detach().requires_grad_()
        with Rescaled():
            logits = model.network.logits(leaf)
        if whole and logits.requires_grad:
            check_linear(logits, leaf, "locate: deeplift", "integrated_gradients")
        ends = logits.detach()
        multiplier = mean_slope(model.of_logits, ends[:1], ends[1:])[0]
        slope = differentiated((logits[0] * multiplier).sum()[None], leaf)[0]
    found = slope * (pixels - start)
    if not whole:
        return found
    values = model.of_logits(ends)
    change, missing = float(values[0] - values[1]), float(found.cpu().double().sum())
    missing -= change
    scale = max(abs(change), float(found.cpu().double().abs().sum()))
    if abs(missing) > _APART * scale + 1e-6:
        raise ZollstockError(
            "locate: deeplift",
            f"contributions sum to {change + missing:.4g}, and the output changes by {change:.4g}",
            "equal numbers, as the rule promises",
            "The model calls something that the rule does not see; use integrated_gradients.",
        )
    return found


def mean_slope(
    answer: Callable[[torch.Tensor], torch.Tensor],
    ends: torch.Tensor,
    starts: torch.Tensor,
    *,
    points: int = _POINTS,
    further: bool = False,
) -> torch.Tensor:
    """Return the mean gradient of an output by the logits along straight lines, (N, classes).

    Parameters
    ----------
    answer
        From logits, K rows, to K outputs; each hangs on its own row.
    ends, starts
        Logits, (N, classes).
    points
        Of the Gauss–Legendre rule; one will do of what is linear.
    further
        Whether the gradient is to be differentiated itself.
    """
    nodes, weights = np.polynomial.legendre.leggauss(points)
    at = torch.from_numpy((nodes + 1) / 2).to(ends)[:, None, None]
    share = torch.from_numpy(weights / 2).to(ends)[:, None, None]
    step = ends - starts
    with torch.enable_grad():
        line = (starts + at * step).flatten(0, 1)
        line = line if line.requires_grad else line.requires_grad_()
        slopes = slope_of(answer(line), line, further=further)
    mean = (share * slopes.view(points, *step.shape)).sum(0)
    # Where the curve is too sharp for the points, what is missing is shared out by size.
    missing = (answer(ends) - answer(starts)).to(mean) - (mean * step).sum(1)
    squares = (step * step).sum(1)
    share_of_it = missing / torch.where(squares == 0, torch.ones_like(squares), squares)
    return mean + step * share_of_it[:, None]
