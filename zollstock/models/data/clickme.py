"""Imagenette's pictures that have ClickMe maps; see `zollstock.images.layouts.clickme`."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from zollstock.errors import ZollstockError
from zollstock.images.layouts.clickme import CLASSES, check_files, files_of
from zollstock.images.reading import RGB
from zollstock.models.data.base import Pictures

_MEAN, _STD = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


@dataclass(frozen=True)
class ClickMe:
    """A part.

    Attributes
    ----------
    root
        Its folder.
    images, exps
        As the files hold them, (N, 3, H, W) and (N, H, W).
    labels
        Names of classes, (N,).
    names
        Of the pictures: the part, and the place in the file.
    places
        Of pictures that are the first of their kind.
    normalised
        Whether pictures are less ImageNet's mean and over its deviation.
    """

    root: Path
    images: torch.Tensor
    exps: torch.Tensor
    labels: Sequence[str]
    names: Sequence[str]
    places: Sequence[int]
    normalised: bool

    def picture(self, place: int) -> RGB:
        """Return a picture, uint8, (H, W, 3)."""
        found = self.images[place]
        if found.dtype != torch.uint8:
            found = found.float()
            if self.normalised:
                mean, std = (torch.tensor(one)[:, None, None] for one in (_MEAN, _STD))
                found = found * std + mean
            found = (255 * found).round().clamp(0, 255).to(torch.uint8)
        return np.ascontiguousarray(found.permute(1, 2, 0).numpy())


def training_set(data: Mapping[str, Any], classes: Sequence[str], seed: int) -> Pictures:
    """Return the part to train on.

    Parameters
    ----------
    data
        ``path``, the folder.
    classes, seed
        Decide nothing here.
    """
    return _pictures(read_clickme(Path(data["path"]), "train"))


def test_sets(data: Mapping[str, Any], seed: int) -> Iterator[tuple[str, Pictures]]:
    """Yield the part to test with, and as many pictures of the other one."""
    test = _pictures(read_clickme(Path(data["path"]), "val"))
    yield "clickme, val", test
    yield "clickme, train", training_set(data, (), seed).some(len(test.labels))


@lru_cache(maxsize=2)
def read_clickme(root: Path, part: str) -> ClickMe:
    """Read a part, ``train`` or ``val``. Nothing that is in the files is executed.

    Raises
    ------
    ZollstockError
        If a file is missing, holds something else, or does not fit the others.
    """
    check_files(root)
    files = files_of(root, part)
    images, labels, exps = (_tensor(file) for file in files.values())
    if exps.ndim == 4 and exps.shape[1] == 1:
        exps = exps[:, 0]
    count = len(labels)
    for kind, found, wanted in (
        ("images", images, images.ndim == 4 and images.shape[1:2] == (3,)),
        ("labels", labels, labels.ndim == 1),
        ("exps", exps, exps.ndim == 3),
    ):
        if not wanted or len(found) != count or not count:
            raise ZollstockError(
                files[kind],
                f"has shape {tuple(found.shape)} beside {count} labels",
                "pictures (N, 3, H, W), labels (N,) and maps (N, 1, H, W) of one N",
                "Fetch the files again.",
            )
    strange = sorted({*labels.tolist()} - {*CLASSES})
    if strange:
        raise ZollstockError(
            files["labels"],
            f"has the label {strange[0]}",
            f"ImageNet's numbers {', '.join(map(str, CLASSES))}",
            "Fetch the file again.",
        )
    low, high = (float(one) for one in torch.aminmax(images))
    if not (np.isfinite([low, high]).all() and low > -3 and (high < 3 or images.dtype == _BYTE)):
        raise ZollstockError(
            files["images"],
            f"holds numbers from {low:g} to {high:g}",
            "bytes, numbers from 0 to 1, or these normalised as for ImageNet",
            "Fetch the file again.",
        )
    seen: dict[bytes, int] = {}
    for place in range(count):
        digest = hashlib.sha256(images[place].contiguous().numpy().tobytes()).digest()
        seen.setdefault(digest, place)
    return ClickMe(
        root,
        images,
        exps,
        [CLASSES[int(label)] for label in labels],
        [f"{part}_{place:05d}" for place in range(count)],
        sorted(seen.values()),
        normalised=images.dtype != _BYTE and (low < 0 or high > 1),
    )


_BYTE = torch.uint8


def _tensor(file: Path) -> torch.Tensor:
    try:
        # What is mapped from the disk is read when it is asked for.
        found = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # torch fails on harmed or foreign bytes in a dozen ways
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ZollstockError(
            file,
            f"cannot be read ({first[:120]})",
            "one tensor, as torch.save writes it",
            "Fetch it again, or save it with this version of torch.",
        ) from None
    if isinstance(found, list | tuple) and all(torch.is_tensor(one) for one in found):
        try:
            found = torch.stack(list(found))
        except RuntimeError:
            found = None
    if not torch.is_tensor(found):
        raise ZollstockError(file, "holds no tensor", "one tensor", "Fetch it again.")
    return found


def _pictures(found: ClickMe) -> Pictures:
    return Pictures(
        f"{found.root}, {found.names[0].partition('_')[0]}",
        [found.labels[place] for place in found.places],
        lambda place: found.picture(found.places[place]),
        names=[found.names[place] for place in found.places],
    )
