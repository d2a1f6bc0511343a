"""Pictures of a well-known dataset with a part to train on and one to test with."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zollstock.images.layouts.arrays import arrays_of
from zollstock.images.layouts.base import Asked
from zollstock.images.reading import RGB
from zollstock.models.data.base import Pictures


def training_set(data: Mapping[str, Any], classes: Sequence[str], seed: int) -> Pictures:
    """Return the part ``train`` of a dataset.

    Parameters
    ----------
    data
        ``layout``, and ``path``, its folder, or None of one that a package brings.
    classes, seed
        Decide nothing here.
    """
    return _part(data, "train")


def test_sets(data: Mapping[str, Any], seed: int) -> Iterator[tuple[str, Pictures]]:
    """Yield the part ``test``, and as many pictures of the part ``train``."""
    test = _part(data, "test")
    yield f"{data['layout']}, test", test
    yield f"{data['layout']}, train", _part(data, "train").some(len(test.labels))


def _part(data: Mapping[str, Any], split: str) -> Pictures:
    found = arrays_of(data["layout"], Asked(Path(data["path"] or "."), split))

    def read(place: int) -> RGB:
        return np.ascontiguousarray(found.to_rgb(np.asarray(found.pictures[place])))

    return Pictures(
        f"{found.file}, {split}",
        [found.classes[int(k)] for k in found.labels],
        read,
        names=[f"{split}_{place:05d}" for place in range(len(found.labels))],
    )
