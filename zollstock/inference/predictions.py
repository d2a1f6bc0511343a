"""Predictions on disk: one Zarr group per property and model."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from zollstock.errors import ZollstockError


@dataclass(frozen=True)
class Predictions:
    """What a model says along every path.

    Attributes
    ----------
    images
        Image ids, length N.
    classes
        Class names, length C.
    axis
        float64, shape (N, S).
    logits, probabilities
        float32, shape (N, S, C).
    unedited_logits, unedited_probabilities
        float32, shape (N, C): for the unedited images.
    """

    images: list[str]
    classes: tuple[str, ...]
    axis: npt.NDArray[np.float64]
    logits: npt.NDArray[np.float32]
    probabilities: npt.NDArray[np.float32]
    unedited_logits: npt.NDArray[np.float32]
    unedited_probabilities: npt.NDArray[np.float32]
    facts: dict[str, str | int] = field(default_factory=dict)


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
        attrs: dict[str, Any] = dict(group.attrs)
        return Predictions(
            images=[str(name) for name in attrs["images"]],
            classes=tuple(str(name) for name in attrs["classes"]),
            facts=dict(attrs["facts"]),
            **arrays,
        )
    except (FileNotFoundError, KeyError, ValueError) as error:
        raise ZollstockError(
            root, f"holds no predictions ({error})", "a Zarr group", "Run the workflow again."
        ) from None
