"""Predictions on disk: one Zarr group per property and model."""

from pathlib import Path
from typing import Any

import numpy as np
import zarr

from zollstock.errors import ZollstockError
from zollstock.inference.run import Predictions

_DIMENSIONS = {
    "axis": ("image", "step"),
    "logits": ("image", "step", "class"),
    "probabilities": ("image", "step", "class"),
    "unedited_logits": ("image", "class"),
    "unedited_probabilities": ("image", "class"),
}


def write_predictions(predictions: Predictions, root: Path) -> None:
    """Write the arrays with named dimensions; image ids and class names are attributes."""
    group = zarr.create_group(root, overwrite=True)
    for name, dimensions in _DIMENSIONS.items():
        group.create_array(name, data=getattr(predictions, name), dimension_names=dimensions)
    group.attrs.update(
        {
            "images": predictions.images,
            "classes": list(predictions.classes),
            "facts": predictions.facts,
        }
    )


def read_predictions(root: Path) -> Predictions:
    """Read what `write_predictions` wrote.

    Raises
    ------
    ZollstockError
        If the group is missing or incomplete.
    """
    try:
        group = zarr.open_group(root, mode="r")
        arrays: dict[str, Any] = {name: np.asarray(group[name][...]) for name in _DIMENSIONS}  # type: ignore[index]
        attrs = dict(group.attrs)
    except (FileNotFoundError, KeyError, ValueError) as error:
        raise ZollstockError(
            root, f"holds no predictions ({error})", "a Zarr group", "Run the workflow again."
        ) from None
    return Predictions(
        images=[str(name) for name in attrs["images"]],  # type: ignore[union-attr]
        classes=tuple(str(name) for name in attrs["classes"]),  # type: ignore[union-attr]
        facts=dict(attrs["facts"]),  # type: ignore[arg-type]
        **arrays,
    )
