"""Light, colour, sharpness, noise, compression: of the picture, or of a part of it."""

from typing import Any

from zollstock.engines.pixels.base import PixelsEngine
from zollstock.engines.pixels.light import Frames, Picture
from zollstock.engines.pixels.operations import OPERATIONS, edited, recipe_of
from zollstock.engines.registry import register
from zollstock.images.table import ImageRecord


@register("photometric")
class PhotometricEngine(PixelsEngine):
    """Turns one knob of `zollstock.engines.pixels.operations` that moves nothing.

    Parameters
    ----------
    operation
        Its name.
    **others
        Of `PixelsEngine`.
    """

    kind = "photometric"

    def __init__(self, *, operation: str, **others: Any) -> None:  # noqa: ANN401
        super().__init__(**others)
        self.operation = operation

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        knob = OPERATIONS[self.operation]
        told = {"operation": self.operation, "meaning": knob.meaning, "unit": knob.unit}
        return super().facts() | told

    def frames(self, picture: Picture, image: ImageRecord, seed: int) -> Frames:
        """Return the frames; the seed draws the field of noise."""
        return edited(self.operation, picture, self.axis, seed, mask=self.weights(image))

    @property
    def gives_recipes(self) -> bool:
        """Whether no file of the user's has a part in the frames."""
        return self.mask is None

    def recipe(self, seed: int) -> dict[str, Any] | None:
        """Return how frames are made again, but under a mask."""
        return recipe_of(self.operation, self.axis, seed) if self.gives_recipes else None
