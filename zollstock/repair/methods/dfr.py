"""Last-layer retraining (DFR: Kirichenko et al. 2023) on a set that is balanced."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.arrays import Array
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.repair.directions import features, last_linear
from zollstock.repair.run import Run
from zollstock.seeds import rng_for

DEFAULTS: dict[str, Any] = {"on": "frames", "strength": 1.0, "draws": 10}
SETS = ("frames", "groups")


def repair(run: Run) -> None:
    """Fit a logistic regression to what the last linear layer receives, in place of the layer.

    ``on``: ``frames`` of all paths, on which every class shows the property alike; or images of
    which each of the ``groups`` has as many, the mean over ``draws`` such sets. ``strength``: C of
    scikit-learn, 1/ridge, of features that are divided by their deviation.

    Raises
    ------
    ZollstockError
        If the layer has no biases, or a class is not in the set.
    """
    layer = last_linear(run)
    if layer.bias is None:
        raise ZollstockError(
            run.where, "the last layer has no biases", "a layer with biases", "Use another method."
        )
    sets = _sets(run)
    found = []
    for frames, labels in sets:
        values = run.in_batches(lambda x: features(run, layer, x), frames).double().numpy()
        found.append(fitted(values, labels, layer.out_features, run.settings["strength"]))
    weight, bias = (np.mean(parts, axis=0) for parts in zip(*found, strict=True))
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.copy_(torch.from_numpy(bias))
    run.history["images"] = [len(labels) for _, labels in sets]


def fitted(
    values: Array, labels: npt.NDArray[np.integer], classes: int, strength: float
) -> tuple[Array, Array]:
    """Return weights, (classes, features), and biases, (classes,), of a logistic regression.

    Raises
    ------
    ZollstockError
        If a class has no row.
    """
    from sklearn.linear_model import LogisticRegression

    missing = sorted(set(range(classes)) - set(labels.tolist()))
    if missing:
        raise ZollstockError(
            "repair: dfr", f"has nothing of class {missing[0]}", "each class", "Add some."
        )
    mean, deviation = values.mean(0), values.std(0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    fit = LogisticRegression(C=strength, max_iter=2000).fit((values - mean) / deviation, labels)
    weight, bias = fit.coef_, fit.intercept_
    if classes == 2:  # one row stands for the difference of both logits
        weight, bias = np.stack([-weight[0], weight[0]]) / 2, np.array([-bias[0], bias[0]]) / 2
    weight = weight / deviation
    return weight, bias - weight @ mean


def _sets(run: Run) -> list[tuple[npt.NDArray[np.uint8], npt.NDArray[np.integer]]]:
    """Return the balanced sets of frames and labels."""
    if run.settings["on"] == "frames":
        paths = run.material.need_paths(run.method)
        frames = [one.frames.reshape(-1, *one.frames.shape[2:]) for one in paths.values()]
        labels = [np.repeat(one.labels, one.frames.shape[1]) for one in paths.values()]
        return [(np.concatenate(frames), np.concatenate(labels))]
    if run.settings["on"] != "groups":
        raise ZollstockError(
            f"{run.where}.on",
            f"is '{run.settings['on']}'",
            f"one of {', '.join(SETS)}",
            did_you_mean(run.settings["on"], SETS),
        )
    cells, found = run.material.cells(run.method), []
    least = np.bincount(cells).min()
    for number in range(int(run.settings["draws"])):
        rng = rng_for(run.seed, "repair", "dfr", number)
        rows = np.concatenate(
            [rng.permutation(np.flatnonzero(cells == cell))[:least] for cell in np.unique(cells)]
        )
        found.append((run.material.images[rows], np.asarray(run.material.labels)[rows]))
    return found
