"""ClickMe's maps of Imagenette's pictures: where people looked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from zollstock.errors import ZollstockError
from zollstock.models.card import Model
from zollstock.models.data.base import Pictures
from zollstock.models.data.clickme import ClickMe, read_clickme
from zollstock.repair.agreement import CEILING
from zollstock.repair.named_maps import input_size
from zollstock.repair.wanted import Maps

COARSE, KERNEL, SIGMA = 64, 9, 10.0
"""What maps are brought to before they are blurred, in pixels, and by what."""

__all__ = ["CEILING", "wanted"]


def wanted(pictures: Pictures, model: Model, settings: Mapping[str, Any]) -> Maps:
    """Return maps from 0 to 1 as a model sees its pictures; NaN where nobody clicked.

    As ixai does it: resized to 64², blurred, resized to the picture, and its least number made 0,
    its highest 1.

    Parameters
    ----------
    pictures
        Of the source ``clickme``.
    model
        Its geometry is used.
    settings
        ``folder``.

    Raises
    ------
    ZollstockError
        If a map has numbers that are not finite, or pictures are others.
    """
    part = read_clickme(Path(settings["folder"]), "train")
    found = np.full((len(pictures.names), *input_size(pictures, model)), np.nan, np.float32)
    for number, name in enumerate(pictures.names):
        first, _, place = name.partition("_")
        if first != "train" or not place.isdigit() or int(place) >= len(part.exps):
            raise ZollstockError(
                settings["folder"],
                f"has no map of the training picture '{name}'",
                "models that are trained on the source clickme",
                "Set training.data: {source: clickme, path: …} of the model.",
            )
        whole = _smooth(part, int(place))
        if whole is not None:
            found[number] = _spread(model.geometry.apply_to_weights(whole))
    return found


def _smooth(part: ClickMe, place: int) -> Maps | None:
    """Return a map of its picture's size, from 0 to 1; None of one that is the same everywhere."""
    given = part.exps[place].float()
    if not torch.isfinite(given).all():
        raise ZollstockError(
            f"{part.root}: the map of '{part.names[place]}'",
            "has numbers that are not finite",
            "how much people clicked where",
            "Fetch the files again.",
        )
    if given.amax() == given.amin():
        return None
    kernel = torch.exp(-((torch.arange(KERNEL) - KERNEL // 2) ** 2) / (2 * SIGMA**2))
    kernel = kernel / kernel.sum()
    found = _resized(given[None, None], (COARSE, COARSE))
    edge = (KERNEL // 2,) * 4
    found = functional.conv2d(
        functional.pad(found, edge, mode="reflect"), torch.outer(kernel, kernel)[None, None]
    )
    return _spread(_resized(found, tuple(part.images.shape[2:]))[0, 0].numpy())


def _resized(values: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    return functional.interpolate(
        values, size=list(size), mode="bilinear", antialias=True, align_corners=False
    )


def _spread(values: Maps) -> Maps:
    """Return a map whose least number is 0 and whose highest is 1."""
    low, span = values.min(), np.ptp(values)
    return (values - low) / span if span else values
