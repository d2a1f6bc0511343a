"""What segmenters and fills may need beside the picture: handed in by who runs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.errors import ZollstockError

_MEANINGS = {
    "labels": "a label picture of the user's",
    "parts": "the drawn world's parts",
    "mask": "the property's mask",
    "frame": "another frame of the path",
    "pictures": "other pictures",
}


@dataclass(frozen=True)
class Context:
    """What belongs to one picture; all of its height H and width W.

    Attributes
    ----------
    labels
        A label picture of the user's, integers, (H, W).
    parts
        The drawn world's parts, integers, (H, W).
    mask
        A property's mask, (H, W), inside above half of its largest possible value: bool, uint8
        or a number of [0, 1].
    frame
        Another frame of the path, uint8, (H, W, 3).
    pictures
        Other pictures, uint8, each (H, W, 3).
    samples
        How many samples are drawn, N; fills that draw something for each need it.
    """

    labels: npt.NDArray[Any] | None = None
    parts: npt.NDArray[Any] | None = None
    mask: npt.NDArray[Any] | None = None
    frame: npt.NDArray[np.uint8] | None = None
    pictures: Sequence[npt.NDArray[np.uint8]] | None = None
    samples: int = 1

    def need(self, name: str, shape: tuple[int, int]) -> npt.NDArray[Any]:
        """Return what is called `name`, checked to be of the picture's size.

        Parameters
        ----------
        name
            An attribute; of ``pictures`` all are stacked, (P, H, W, 3).
        shape
            H and W of the picture.

        Raises
        ------
        ZollstockError
            If it was not handed in, or has another size.
        """
        value = getattr(self, name)
        if value is None or (name == "pictures" and not len(value)):
            raise ZollstockError(
                f"locate: {name}",
                "is not there for this picture",
                _MEANINGS[name],
                "Choose segments and a fill that this study has, or set the property that has it.",
            )
        whole = {"labels": "iub", "parts": "iub", "mask": "iubf"}.get(name)
        if whole is not None and (np.ndim(value) != 2 or np.asarray(value).dtype.kind not in whole):
            raise ZollstockError(
                f"locate: {name}",
                f"is an array of shape {np.shape(value)} and kind {np.asarray(value).dtype}",
                "one number a pixel" + ("" if "f" in whole else ", a whole one"),
                "Hand in a picture of one channel.",
            )
        several = [np.asarray(one) for one in value] if name == "pictures" else [np.asarray(value)]
        for one in several:
            if one.shape[:2] != shape:
                raise ZollstockError(
                    f"locate: {name}",
                    f"has {one.shape[0]}×{one.shape[1]} pixels",
                    f"{shape[0]}×{shape[1]}, the size of the picture",
                    "Bring it to the model's input size.",
                )
        return np.stack(several) if name == "pictures" else several[0]
