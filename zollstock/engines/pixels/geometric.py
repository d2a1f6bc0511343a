"""The picture turned, shifted, scaled, sheared or tilted, with a stated rule for its corners."""

import math
from collections.abc import Sequence
from typing import Any

from zollstock.engines.pixels.base import PixelsEngine
from zollstock.engines.pixels.light import Frames, Picture
from zollstock.engines.pixels.operations import OPERATIONS, edited, recipe_of
from zollstock.engines.pixels.warps import kept_box, matrices
from zollstock.engines.registry import register
from zollstock.images.fitting import Size, fitted
from zollstock.images.table import ImageRecord


@register("geometric")
class GeometricEngine(PixelsEngine):
    """Turns one knob of `zollstock.engines.pixels.operations` that moves things.

    Parameters
    ----------
    operation
        Its name.
    corners
        What comes in from outside: ``reflect``, the picture mirrored at its edges; a colour; or
        ``crop``, nothing: frames then show the largest part about the middle that stays inside
        the photograph all along the axis, enlarged to their size.
    towards
        Direction in degrees, 0 to the right and 90 upwards, for those that have one.
    **others
        Of `PixelsEngine`.
    """

    kind = "geometric"

    def __init__(
        self,
        *,
        operation: str,
        corners: str | Sequence[int] = "reflect",
        towards: float | None = None,
        **others: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**others)
        self.operation = operation
        self.corners = corners
        self._wides: dict[Size, Size] = {}
        self.options: dict[str, Any] = {} if towards is None else {"towards": float(towards)}

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        knob = OPERATIONS[self.operation]
        told = {"operation": self.operation, "meaning": knob.meaning, "unit": knob.unit}
        return super().facts() | told | {"corners": self.corners} | self.options

    def picture(self, image: ImageRecord) -> Picture:
        """Return the photograph at the size of the frames; with ``crop`` the part that is kept."""
        wide = self._wide(image)
        height, width = self.size_for(image)
        upper, left = (wide.shape[0] - height) // 2, (wide.shape[1] - width) // 2
        return wide[upper : upper + height, left : left + width].copy()

    def frames(self, picture: Picture, image: ImageRecord, seed: int) -> Frames:
        """Return the frames; nothing is drawn."""
        if self.corners != "crop":
            return edited(self.operation, picture, self.axis, **self._options)
        wide = self._wide(image)
        height, width = self.size_for(image)
        upper, left = (wide.shape[0] - height) // 2, (wide.shape[1] - width) // 2
        frames = edited(self.operation, wide, self.axis, **self.options)
        return frames[:, upper : upper + height, left : left + width].copy()

    @property
    def _options(self) -> dict[str, Any]:
        return self.options | {"corners": self.corners}

    @property
    def gives_recipes(self) -> bool:
        """Whether nothing but the unedited picture comes into a frame."""
        return self.corners != "crop"

    def recipe(self, seed: int) -> dict[str, Any] | None:
        """Return how frames are made again, but where they show more than the unedited picture."""
        if not self.gives_recipes:
            return None
        return recipe_of(self.operation, self.axis, 0, **self._options)

    def _wide(self, image: ImageRecord) -> Picture:
        """Return the photograph so large that cutting the corners off leaves a frame."""
        size = self.size_for(image)
        wide = self._around(size) if self.corners == "crop" else size
        return fitted(image.pixels(), wide, self.fit)

    def _around(self, size: Size) -> Size:
        """Return the smallest size of which a frame is left."""
        if size in self._wides:
            return self._wides[size]
        wide = size
        while True:
            found = matrices(self.operation, self.axis, wide, **self.options)
            left, upper, right, lower = kept_box(found, wide)
            short = max(size[0] - (lower - upper), size[1] - (right - left))
            if short <= 0:
                self._wides[size] = wide
                return wide
            # An even number of pixels, so that the frame lies in the middle.
            more = [2 * math.ceil(short * side / min(size) / 2) for side in size]
            wide = (wide[0] + more[0], wide[1] + more[1])
