"""Predictions, frames and curves with named dimensions."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zollstock.errors import ZollstockError
from zollstock.inference.predictions import Predictions
from zollstock.paths import EditPath
from zollstock.scoring.follow import Followed

if TYPE_CHECKING:
    from xarray import DataArray, Dataset


def _xarray() -> Any:  # noqa: ANN401 - a module
    """Return xarray; only who asks for labelled arrays needs it."""
    try:
        return import_module("xarray")
    except ImportError:
        raise ZollstockError(
            "xarray",
            "is not installed",
            "the package, for arrays with named dimensions",
            "Install it: pip install xarray. Tables and NumPy arrays need none.",
        ) from None


def predictions_as_dataset(predictions: Predictions, images: list[str], **about: str) -> "Dataset":
    """Return predictions by image, draw, step and class.

    Parameters
    ----------
    predictions
        Of N paths.
    images
        Ids, in the order of the first dimension.
    **about
        Attributes of the data set.

    Returns
    -------
    Dataset
        ``probability`` and ``logit`` (image, draw, step, class), ``unedited_probability`` and
        ``unedited_logit`` (image, draw, class), ``axis`` (image, draw, step). NaN where a path
        has no such step or draw.
    """
    xarray = _xarray()
    draws = sorted(set(predictions.draws))
    places = {image: place for place, image in enumerate(images)}
    rows = [places[image] for image in predictions.images]
    columns = [draws.index(draw) for draw in predictions.draws]
    names: Mapping[str, tuple[str, tuple[str, ...]]] = {
        "probability": ("probabilities", ("step", "class")),
        "logit": ("logits", ("step", "class")),
        "unedited_probability": ("unedited_probabilities", ("class",)),
        "unedited_logit": ("unedited_logits", ("class",)),
        "axis": ("axis", ("step",)),
    }
    variables = {}
    for name, (attribute, dimensions) in names.items():
        values = getattr(predictions, attribute)
        whole = np.full((len(images), len(draws), *values.shape[1:]), np.nan, values.dtype)
        whole[rows, columns] = values
        variables[name] = (("image", "draw", *dimensions), whole)
    coordinates = {"image": images, "draw": draws, "class": list(predictions.classes)}
    return xarray.Dataset(variables, coordinates, about)


def curve_as_series(followed: Followed, row: int, name: str, model: str) -> pd.Series:
    """Return what is followed of a model along a path, by the value of the property `name`."""
    used = np.isfinite(followed.axis[row])
    axis = pd.Index(followed.axis[row][used], name=name)
    return pd.Series(followed.series[row][used], index=axis, name=model)


def path_as_array(path: EditPath, name: str, **about: str) -> "DataArray":
    """Return a path's frames by the property's value, y, x and channel; uint8."""
    coordinates = {name: path.axis, "channel": ["red", "green", "blue"]}
    dimensions = (name, "y", "x", "channel")
    return _xarray().DataArray(path.frames, coordinates, dimensions, "frames", about)
