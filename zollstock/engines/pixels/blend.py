"""From one picture to another."""

from typing import Any

import numpy as np

from zollstock.engines.pixels.base import PixelsEngine, read_picture_of
from zollstock.engines.pixels.light import Frames, Picture
from zollstock.engines.pixels.operations import blended
from zollstock.engines.registry import register
from zollstock.images.fitting import fitted
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord


@register("blend")
class BlendEngine(PixelsEngine):
    """(1 − value) × the photograph + value × another picture.

    Parameters
    ----------
    picture
        The other one, or where each image's lies; see `zollstock.images.belonging.file_of`.
    **others
        Of `PixelsEngine`.
    """

    kind = "blend"

    def __init__(self, *, picture: str, **others: Any) -> None:  # noqa: ANN401
        super().__init__(**others)
        self.other = picture

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return checksums of the other picture and the mask."""
        other = read_picture_of(self.other, image, "picture")
        return super().inputs(image) | {"picture": pixel_sha256(other)}

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        return super().facts() | {"picture": self.other}

    def frames(self, picture: Picture, image: ImageRecord, seed: int) -> Frames:
        """Return the frames; nothing is drawn."""
        other = fitted(read_picture_of(self.other, image, "picture"), picture.shape[:2], self.fit)
        shares = self.axis[:, None, None].astype(np.float32)
        weights = self.weights(image)
        made = np.broadcast_to(other, (len(self.axis), *other.shape))
        return blended(picture, made, shares if weights is None else shares * weights)
