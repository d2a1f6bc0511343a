"""Networks that are built, not trained, with a planted property: which units carry it is known.

Every unit is of one of three kinds. The *carriers* read the property and act on the class. The
*decoys* read it and act on nothing. The *others* act on the class and read only what the property
leaves alone. The property changes the first colour of a picture, and no other unit reads it, so
that the circuit is known exactly, whatever the picture: carriers, and the edges from one carrier
(or the first colour) to the next (or the class).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from zollstock.arrays import Array
from zollstock.seeds import rng_for
from zollstock.significance.roc import auc

Flags = npt.NDArray[np.bool_]

_CARRIER, _DECOY, _OTHER = 0, 1, 2
_SIDE = 12


class PlantedNet(nn.Module):
    """Two convolutions, each pooled, and two linear layers; (N, 3, 12, 12) to logits (N, 2)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.fc1 = nn.Linear(width * 9, width)
        self.fc2 = nn.Linear(width, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        x = functional.avg_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.avg_pool2d(functional.relu(self.conv2(x)), 2)
        return self.fc2(functional.relu(self.fc1(x.flatten(1))))


@dataclass(frozen=True)
class Planted:
    """A network with a planted circuit.

    Attributes
    ----------
    module
        The network; the property acts on class 0.
    units
        By a layer's name which units are carriers, (units,).
    edges
        By a layer's name which edges carry the property to class 0, (outputs, inputs).
    """

    module: PlantedNet
    units: Mapping[str, Flags]
    edges: Mapping[str, Flags]


def plant(
    seed: int, width: int = 12, carriers: int = 2, dtype: torch.dtype = torch.float64
) -> Planted:
    """Return a network with a planted circuit.

    Parameters
    ----------
    seed
        Names the weights, and which units are which.
    width
        Units of each layer, at least ``2 · carriers + 1``.
    carriers
        How many carry the property in each layer; as many are decoys.
    dtype
        Of the weights.
    """
    rng = rng_for("planted", seed)
    kinds = np.repeat([_CARRIER, _DECOY, _OTHER], [carriers, carriers, width - 2 * carriers])
    roles = [rng.permutation(kinds) for _ in range(3)]
    # The property is in the first colour, and acts on class 0.
    reads = [np.array([_CARRIER, _OTHER, _OTHER]), *roles]
    gives = [*roles, np.array([_CARRIER, _OTHER])]
    module = PlantedNet(width).eval().requires_grad_(False)
    units, edges = {}, {}
    layers: dict[str, nn.Conv2d | nn.Linear] = {
        "conv1": module.conv1, "conv2": module.conv2, "fc1": module.fc1, "fc2": module.fc2,
    }  # fmt: skip
    for (name, layer), above, below in zip(layers.items(), gives, reads, strict=True):
        weights, carry = _weights(rng, layer, above, below, last=name == "fc2")
        layer.weight.copy_(torch.from_numpy(weights))
        assert layer.bias is not None
        # Above 0, so that few rectified units are off for good.
        layer.bias.copy_(torch.from_numpy(rng.uniform(0.1, 0.3, len(above))))
        units[name] = above == _CARRIER
        edges[name] = carry
    return Planted(module.to(dtype), units, edges)


def planted_frames(
    seed: int, count: int, steps: int = 5, dtype: torch.dtype = torch.float64
) -> torch.Tensor:
    """Return frames of pictures whose first colour is raised in a patch, (count, steps, 3, 12, 12).

    Parameters
    ----------
    seed
        Names the pictures.
    count
        Pictures.
    steps
        Frames of each.
    dtype
        Of the frames.
    """
    found = np.empty((count, steps, 3, _SIDE, _SIDE))
    for image in range(count):
        rng = rng_for("planted frames", seed, image)
        base = rng.uniform(0, 0.5, (3, _SIDE, _SIDE))
        patch = np.zeros((_SIDE, _SIDE))
        top, left = rng.integers(0, _SIDE // 2, 2)
        patch[top : top + _SIDE // 2, left : left + _SIDE // 2] = 0.5
        for step, share in enumerate(np.linspace(0, 1, steps)):
            found[image, step] = base
            found[image, step, 0] += share * patch
    return torch.from_numpy(found).to(dtype)


def aurocs(truth: Mapping[str, Flags], scores: Mapping[str, torch.Tensor]) -> dict[str, float]:
    """Return how well scores tell what carries the property, layer by layer, and ``all``.

    Parameters
    ----------
    truth
        `Planted.units` or `Planted.edges`.
    scores
        Of each image, (N, …), by the name of the layer; the absolute value of their mean counts.

    Returns
    -------
    dict
        Areas under the ROC curve. In ``all`` only units of the same layer are compared, since a
        layer's scale is its own. NaN for a layer with one kind alone.
    """
    found: dict[str, float] = {}
    values, flags, groups = [], [], []
    for number, (name, carries) in enumerate(truth.items()):
        value: Array = scores[name].double().mean(0).abs().cpu().numpy().ravel()
        flag = carries.ravel()
        found[name] = auc(value, flag)
        values.append(value)
        flags.append(flag)
        groups.append(np.full(len(flag), number))
    found["all"] = auc(np.concatenate(values), np.concatenate(flags), np.concatenate(groups))
    return found


def _weights(
    rng: np.random.Generator,
    layer: nn.Conv2d | nn.Linear,
    above: npt.NDArray[np.int64],
    below: npt.NDArray[np.int64],
    last: bool,
) -> tuple[Array, Flags]:
    """Return a layer's weights, and which edges carry."""
    size = layer.weight[0].numel() // len(below)
    wide = rng.uniform(-0.5, 1, (len(above), len(below), size)) / np.sqrt(size * len(below))
    carries = (above == _CARRIER)[:, None] & (below == _CARRIER)[None]
    # Above 0 throughout: no two ways cancel, and the truth is not a matter of luck.
    wide[carries] = rng.uniform(0.1, 0.3, (int(carries.sum()), size)) / size
    # Decoys move more than carriers, so that what moves is not what acts.
    moved = (above == _DECOY)[:, None] & (below != _OTHER)[None]
    wide[moved] = rng.uniform(0.4, 0.8, (int(moved.sum()), size)) / size
    wide[(above != _DECOY)[:, None] & (below == _DECOY)[None]] = 0
    wide[(above == _OTHER)[:, None] & (below == _CARRIER)[None]] = 0
    if last:  # others act on the class more than carriers, so that what acts is not what moves
        wide[(above == _CARRIER)[:, None] & (below == _OTHER)[None]] *= 4
    return wide.reshape(tuple(layer.weight.shape)), carries
