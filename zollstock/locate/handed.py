"""What methods put in or cut by that is not made from the picture itself: the user's, the study's.

Label pictures of the user's, and other images of the study that take the place of what is taken
away. Both are read when a method asks, at the size at which a model sees the picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.images.belonging import is_called
from zollstock.images.fitting import Size
from zollstock.images.geometry import Geometry
from zollstock.images.label_pictures import fitted_labels, label_picture, resized_labels
from zollstock.images.table import ImageRecord
from zollstock.locate.kept import made_by
from zollstock.seeds import seed_for

Pictures = list[npt.NDArray[np.uint8]]
RANDOM = "random"


@dataclass(frozen=True)
class Frames:
    """How a property's frames come from the image.

    Attributes
    ----------
    size
        Height and width before a model resizes them.
    fit
        How the image is brought to that size.
    """

    size: Size
    fit: str


class Handed:
    """What is handed in for one image.

    Parameters
    ----------
    record
        The image.
    geometry
        The model's.
    size
        Height and width at which the model sees the image.
    frames
        Property → how its frames come from the image.
    images
        All images of the study.
    seed
        Of the study.
    """

    def __init__(
        self,
        record: ImageRecord,
        geometry: Geometry,
        size: Size,
        frames: Mapping[str, Frames],
        images: Sequence[ImageRecord],
        seed: int,
    ) -> None:
        self._record, self._frames, self._images = record, frames, images
        self._geometry, self._seen = geometry, replace(geometry, size=size)
        self._seed = seed
        self._labels: dict[str, Indices] = {}
        self._pictures: dict[str, npt.NDArray[np.uint8]] = {}

    def labels(self, segments: Mapping[str, Any], of: str = "") -> Indices:
        """Return the user's segments of the picture, or as the frames of a property have them.

        Parameters
        ----------
        segments
            Plain settings of the segmenter ``labels``.
        of
            The property; "" for the picture.
        """
        found = self._read(str(segments["path"]))
        if not of:
            return resized_labels(found, self._seen)
        frames = self._frames[of]
        return resized_labels(fitted_labels(found, frames.size, frames.fit), self._geometry)

    def pictures(self, fill: Mapping[str, Any]) -> Pictures:
        """Return what the fill ``picture`` puts in, each uint8, (H, W, 3); none if there is none.

        There is none where the fill names the image itself.
        """
        return [self._picture(record) for record in self.others(fill)]

    def others(self, fill: Mapping[str, Any]) -> list[ImageRecord]:
        """Return the images that a fill puts in.

        They are drawn by a hash of both images, so that another image of the study changes at
        most one of them.

        Raises
        ------
        ZollstockError
            If the fill names no image of the study, or the study has no other.
        """
        word, own = str(fill["image"]), self._record
        others = [one for one in self._images if one.id != own.id and one.sha256 != own.sha256]
        if word == RANDOM:
            if not others:
                raise ZollstockError(
                    "locate: fill picture",
                    "finds no other picture in this study",
                    "two images at least that differ",
                    "Choose another fill.",
                )
            others.sort(key=lambda one: seed_for(self._seed, "locate", "picture", own.id, one.id))
            return others[: int(fill["number"])]
        named = [one for one in self._images if is_called(one, word)]
        if not named:
            raise ZollstockError(
                "locate: fill picture",
                f"names the image '{word}'",
                "the id or name of an image of this study, or random",
                did_you_mean(word, [one.id for one in self._images]),
            )
        return [one for one in others if one.id == named[0].id]

    def mark(self, settings: Mapping[str, Any]) -> str:
        """Return what a method's maps hang on beside the picture, as one checksum; "" of most.

        Parameters
        ----------
        settings
            Plain: ``segments`` and ``fill``.
        """
        segments, fill = settings.get("segments", {}), settings.get("fill", {})
        content: dict[str, Any] = {}
        if segments.get("name") == "labels":
            labels = self._read(str(segments["path"]))
            content["labels"] = [labels.shape, sha256(labels.tobytes()).hexdigest()]
        if fill.get("name") == "picture":
            content["pictures"] = [one.sha256 for one in self.others(fill)]
        return made_by(**content) if content else ""

    def _read(self, pattern: str) -> Indices:
        if pattern not in self._labels:
            self._labels[pattern] = label_picture(pattern, self._record)
        return self._labels[pattern]

    def _picture(self, record: ImageRecord) -> npt.NDArray[np.uint8]:
        if record.id not in self._pictures:
            self._pictures[record.id] = self._seen.apply(record.pixels()[None])[0]
        return self._pictures[record.id]
