"""What is around the subject of a picture: blurred, without colour, or replaced."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from zollstock.engines.pixels.base import PixelsEngine, read_picture_of
from zollstock.engines.pixels.light import Frames, Picture
from zollstock.engines.pixels.operations import blended, edited
from zollstock.engines.registry import register
from zollstock.images.fitting import fitted
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord


@register("background")
class BackgroundEngine(PixelsEngine):
    """Changes what is black in the mask; the subject, white in it, stays to the byte.

    Parameters
    ----------
    operation
        ``blur`` (the subject's colours do not bleed into it), ``grey``, ``colour`` or
        ``picture``: the last two replace it by degrees.
    mask
        Where the subject is; see `zollstock.images.masks.mask_of`.
    colour
        Red, green and blue of the operation ``colour``.
    picture
        Of the operation ``picture``: one, or where each image's lies; see
        `zollstock.images.belonging.file_of`.
    **others
        Of `PixelsEngine`.
    """

    kind = "background"

    def __init__(
        self,
        *,
        operation: str,
        mask: str,
        colour: Sequence[int] = (128, 128, 128),
        picture: str | None = None,
        **others: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(mask=mask, where="outside", **others)
        self.operation = operation
        self.colour = colour
        self.other = picture if operation == "picture" else None

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return checksums of the mask and of the new background."""
        found = super().inputs(image)
        if self.other is not None:
            other = read_picture_of(self.other, image, "picture")
            found["picture"] = pixel_sha256(other)
        return found

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        told: dict[str, Any] = {"operation": self.operation}
        if self.operation == "colour":
            told["colour"] = list(self.colour)
        return super().facts() | told | ({"picture": self.other} if self.other else {})

    def frames(self, picture: Picture, image: ImageRecord, seed: int) -> Frames:
        """Return the frames; nothing is drawn."""
        weights = self.weights(image)
        assert weights is not None, "there is a mask"
        if self.operation in {"blur", "grey"}:
            return edited(self.operation, picture, self.axis, mask=weights)
        behind = np.empty_like(picture)
        if self.other is None:
            behind[:] = np.array(self.colour, np.uint8)
        else:
            behind = fitted(read_picture_of(self.other, image, "picture"), picture.shape[:2])
        shares = self.axis[:, None, None].astype(np.float32) * weights
        return blended(picture, np.broadcast_to(behind, (len(shares), *behind.shape)), shares)
