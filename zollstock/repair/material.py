"""What a model is repaired with: training images, frames of properties, wanted explanations."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from zollstock.errors import ZollstockError
from zollstock.models.normalisation import Normalisation

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Paths:
    """Frames of images other than those of the study, along one property.

    Attributes
    ----------
    frames
        uint8, (P, S, H, W, 3), of the model's input size; every path has S frames.
    labels
        The class of each path, (P,): it is the same along it.
    """

    frames: Images
    labels: Labels

    def __post_init__(self) -> None:
        shape = self.frames.shape
        if self.frames.dtype != np.uint8 or len(shape) != 5 or shape[-1] != 3 or not shape[0]:
            raise ZollstockError(
                "repair: paths",
                f"are {self.frames.dtype} of shape {shape}",
                "uint8 of shape (P, S, H, W, 3), P at least 1",
                "Pass whole paths of a property.",
            )
        if shape[1] < 2 or np.shape(self.labels) != shape[:1]:
            raise ZollstockError(
                "repair: paths",
                f"have {shape[1]} frames and {np.shape(self.labels)} labels for {shape[0]} paths",
                "two frames or more, and a label a path",
                "Leave out paths that failed.",
            )


@dataclass(frozen=True)
class Material:
    """What a method may use.

    Attributes
    ----------
    images
        uint8, (N, H, W, 3), of the model's input size.
    labels
        Their classes, (N,).
    groups
        What each image shows of the property, as an integer, (N,), where it is known; a group of
        the methods that ask for them is a class with such a number.
    paths
        Of each property that is to matter no longer.
    wanted
        Where each image may be looked at: 1, or 0, (N, H, W); NaN where nothing is wanted.
    """

    images: Images
    labels: Labels
    groups: npt.NDArray[np.integer] | None = None
    paths: Mapping[str, Paths] = field(default_factory=dict)
    wanted: npt.NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        count = len(self.images)
        for name, values in (("labels", self.labels), ("groups", self.groups)):
            if values is not None and np.shape(values) != (count,):
                raise ZollstockError(
                    f"repair: {name}",
                    f"have shape {np.shape(values)} beside {count} images",
                    "one a image",
                    "Pass arrays of equal length.",
                )
        if self.wanted is not None and self.wanted.shape != self.images.shape[:3]:
            raise ZollstockError(
                "repair: wanted",
                f"has shape {self.wanted.shape} beside images of {self.images.shape[:3]}",
                "a map of each image, of its size",
                "Resize it; NaN stands where nothing is wanted.",
            )

    def need_paths(self, method: str) -> Mapping[str, Paths]:
        """Return the paths; an error if there are none."""
        if not self.paths:
            raise _lacking(method, "paths", "frames of a property")
        return self.paths

    def need_wanted(self, method: str) -> npt.NDArray[np.float32]:
        """Return the wanted maps; an error if there are none."""
        if self.wanted is None or not np.isfinite(self.wanted).any():
            raise _lacking(method, "wanted", "where images may be looked at")
        return self.wanted

    def cells(self, method: str) -> npt.NDArray[np.intp]:
        """Return the number of each image's group, class and property together, (N,)."""
        if self.groups is None:
            raise _lacking(method, "groups", "what each image shows of the property")
        pairs = np.stack([np.asarray(self.labels), np.asarray(self.groups)], 1)
        found: npt.NDArray[np.intp] = np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1)
        return found

    def digest(self) -> str:
        """Return a checksum of all there is but images and labels."""
        found = hashlib.sha256()
        arrays = {"groups": self.groups, "wanted": self.wanted}
        for name, paths in sorted(self.paths.items()):
            arrays |= {f"frames {name}": paths.frames, f"labels {name}": paths.labels}
        for name, values in arrays.items():
            if values is not None:
                found.update(f"{name} {values.shape} {values.dtype}".encode())
                found.update(np.ascontiguousarray(values).data)
        return found.hexdigest()


def balanced(cells: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Return each image's share such that every group is shown as often, (N,)."""
    counts = np.bincount(cells)
    shares: npt.NDArray[np.float64] = 1.0 / counts[cells]
    return shares / shares.sum()


def inputs_of(
    frames: Images, normalisation: Normalisation, device: torch.device | str
) -> torch.Tensor:
    """Return frames as a module takes them, (n, channels, H, W)."""
    found = normalisation.apply(frames, device)
    return found.contiguous(memory_format=torch.channels_last)


def wanted_from_paths(paths: Paths) -> npt.NDArray[np.float32]:
    """Return where a path leaves its picture as it is: 1, and 0 where any frame differs, (P, H, W).

    So frames say where a property is, without a mask of anyone's.
    """
    apart = (paths.frames != paths.frames[:, :1]).any(axis=(1, 4))
    return (~apart).astype(np.float32)


def _lacking(method: str, what: str, meaning: str) -> ZollstockError:
    return ZollstockError(
        f"repair: {method}",
        f"is given no {what}",
        meaning,
        f"Pass {what}, or use a method that needs none.",
    )
