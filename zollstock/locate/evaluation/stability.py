"""Whether a map holds: for another output, under noise, and against every coalition of a grid."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array, Flags, Indices
from zollstock.errors import ZollstockError
from zollstock.locate.evaluation.likeness import likeness, mean_likeness, pearson
from zollstock.locate.truth import composites, shapley
from zollstock.ranks import spearman
from zollstock.seeds import rng_for

Frames = npt.NDArray[np.uint8]
Predict = Callable[[Frames], npt.ArrayLike]
Attribute = Callable[[Frames], npt.ArrayLike]

_MOST = 16  # cells: 65,536 pictures


def target_difference(one: npt.ArrayLike, other: npt.ArrayLike) -> dict[str, float]:
    """Return the likeness of the maps of two outputs of one picture.

    Maps that are alike whatever is asked do not explain what was asked: small is good here.
    """
    return likeness(one, other)


def input_difference(
    attribute: Attribute, image: Frames, *seed: object, noise: float = 0.05, draws: int = 4
) -> dict[str, float]:
    """Return the mean likeness of a picture's map and of its maps under noise.

    Parameters
    ----------
    attribute
        From pictures, uint8 (n, H, W, 3), to maps (n, H, W).
    image
        uint8, (H, W, 3).
    *seed
        Names the draws, e.g. study seed and image id.
    noise
        Standard deviation of what is added to each value, as a share of 255.
    draws
        How many noisy pictures.
    """
    frames = np.concatenate([image[None], noisy_copies(image, *seed, noise=noise, draws=draws)])
    first, *others = np.asarray(attribute(frames), np.float64)
    return mean_likeness(first, others)


def noisy_copies(image: Frames, *seed: object, noise: float, draws: int) -> Frames:
    """Return a picture under noise, (draws, H, W, 3); see `input_difference`."""
    drawn = rng_for("input_difference", *seed).normal(0, noise * 255, (draws, *image.shape))
    return np.clip(np.rint(image + drawn), 0, 255).astype(np.uint8)


def output_correlation(
    outputs: npt.ArrayLike, kept: npt.ArrayLike, values: npt.ArrayLike
) -> dict[str, float]:
    """Return how the outputs on samples follow the sum of what they keep.

    Pearson's and Spearman's correlation over samples of y_n and Σ_j z_nj·a_j.

    Parameters
    ----------
    outputs
        Shape (N,).
    kept
        Which pieces each sample keeps, (N, M).
    values
        Attribution of each piece, (M,); NaN counts as 0.
    """
    y, z = np.asarray(outputs, np.float64), np.asarray(kept, np.float64)
    a = np.nan_to_num(np.asarray(values, np.float64))
    if z.shape != (len(y), len(a)):
        raise ZollstockError(
            "samples", f"have shape {z.shape}", f"{(len(y), len(a))}", "Pass a row a sample."
        )
    said = z @ a
    return {"pearson": pearson(y, said), "spearman": spearman(y, said)}


@dataclass(frozen=True)
class Reference:
    """Every coalition of a grid's cells.

    Attributes
    ----------
    labels
        Which cell each pixel is of, (H, W).
    effects
        Shapley value of each cell, (M,).
    kept
        Which cells each picture keeps, (2^M, M).
    outputs
        What the model said of it, (2^M,).
    """

    labels: Indices
    effects: Array
    kept: Flags
    outputs: Array

    def agreement(self, values: npt.ArrayLike) -> dict[str, float]:
        """Return how a map, (H, W), agrees with it.

        ``effects``: Spearman's correlation of its sum per cell with the Shapley values;
        ``pearson`` and ``spearman``: see `output_correlation`, over all coalitions.
        """
        signed = np.nan_to_num(np.asarray(values, np.float64))
        mass = np.bincount(self.labels.ravel(), signed.ravel(), len(self.effects))
        found = {"effects": spearman(mass, self.effects)}
        return found | output_correlation(self.outputs, self.kept, mass)


def exhaustive_reference(
    predict: Predict,
    image: Frames,
    fill: npt.ArrayLike,
    rows: int = 4,
    columns: int = 4,
    batch: int = 64,
) -> Reference:
    """Return the outputs of all coalitions of a grid's cells, 65,536 for 4 × 4.

    Parameters
    ----------
    predict
        From pictures, uint8 (n, H, W, 3), to the followed output, (n,).
    image
        uint8, (H, W, 3).
    fill
        What is put in the place of a cell, 0 to 255, (H, W, 3) or (1, 1, 3).
    rows, columns
        Of the grid; at most 16 cells.
    batch
        Pictures that are made and predicted at once.
    """
    cells, (height, width) = rows * columns, image.shape[:2]
    if not 1 <= cells <= _MOST or rows > height or columns > width:
        raise ZollstockError(
            "grid", f"is {rows}×{columns}", f"at most {_MOST} cells of a pixel", "Take fewer."
        )
    down, across = np.arange(height) * rows // height, np.arange(width) * columns // width
    labels = down[:, None] * columns + across
    start = np.broadcast_to(np.clip(np.rint(np.asarray(fill)), 0, 255), image.shape)
    start = start.astype(np.uint8)
    step = image.astype(np.float32) - start
    weights = (labels == np.arange(cells)[:, None, None]).astype(np.float32)
    numbers = np.arange(1 << cells)
    outputs = np.concatenate([
        np.asarray(
            predict(composites(start, step, weights, numbers[first : first + batch])), np.float64
        ).reshape(-1)
        for first in range(0, len(numbers), batch)
    ])  # fmt: skip
    kept = ((numbers[:, None] >> np.arange(cells)) & 1).astype(bool)
    return Reference(labels, shapley(outputs), kept, outputs)
