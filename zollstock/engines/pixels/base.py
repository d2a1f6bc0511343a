"""What all engines that compute on pixels share: size of frames, axis, masks."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path as FilePath
from typing import Any, ClassVar

import numpy as np

from zollstock.engines.base import StepDone, source_version
from zollstock.engines.pixels.knobs import ZERO
from zollstock.engines.pixels.light import Frames, Picture, Values, Weights
from zollstock.errors import ZollstockError
from zollstock.images import belonging, fitting, masks
from zollstock.images.belonging import file_of
from zollstock.images.fitting import Size, common_size, fitted
from zollstock.images.masks import MIDDLE, mask_of
from zollstock.images.reading import UnusableImage, pixel_sha256, read_rgb
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape


def axis_of(start: float, stop: float, steps: int) -> Values:
    """Return evenly spaced values, to ten digits: −0.7, not −0.7000000000000001, and 0 is 0."""
    axis = np.linspace(start, stop, steps)
    digits = 9 - int(np.floor(np.log10(max(abs(start), abs(stop)))))
    return np.asarray(np.round(axis, digits) + ZERO)


class PixelsEngine:
    """Computes a path's frames from the photograph. The unedited picture is the photograph itself.

    Parameters
    ----------
    start, stop, steps
        The axis: evenly spaced values.
    size
        Height and width of the frames. By default the images' own, where it is the same for all
        and not large, else 256×256; see `zollstock.images.fitting.common_size`.
    fit
        How photographs are brought to that size: ``crop``, ``stretch`` or ``pad``.
    mask
        Where the picture may change; see `zollstock.images.masks.mask_of`. None: everywhere.
    where
        ``inside`` or ``outside`` of the mask.
    """

    version = source_version(
        FilePath(__file__).parent,
        *(FilePath(module.__file__ or "") for module in (belonging, fitting, masks)),
    )
    kind: ClassVar[str]
    """What is computed, for the manifest."""

    def __init__(
        self,
        *,
        start: float,
        stop: float,
        steps: int,
        size: Sequence[int] | None = None,
        fit: str = "crop",
        mask: str | None = None,
        where: str = "inside",
    ) -> None:
        self.axis = axis_of(start, stop, steps)
        self.asked = size
        self.fit = fit
        self.mask = mask
        self.where = where
        self._size: Size | None = None if size is None else common_size([], size)

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Return the common size; raise if a file of the user's is missing or wrong."""
        self.take_size(*common_size(images, self.asked))
        height, width = self.size_for(images[0])
        for image in images:
            self.inputs(image)
        return PathShape(len(self.axis), height, width)

    def take_size(self, height: int, width: int) -> None:
        """Be told the size that `shape` gave."""
        self._size = (height, width)

    def size_for(self, image: ImageRecord) -> Size:
        """Return height and width of the frames."""
        return common_size([image], self.asked) if self._size is None else self._size

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return checksums of what is read for an image."""
        weights = self.weights(image)
        if weights is None or MIDDLE.fullmatch(str(self.mask).strip()):
            return {}
        levels = np.rint(weights * 255).astype(np.uint8)
        return {"mask": pixel_sha256(levels)}

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        facts: dict[str, Any] = {"computed": self.kind, "axis": self.axis.tolist(), "fit": self.fit}
        return facts | ({"mask": self.mask, "where": self.where} if self.mask else {})

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Compute the path."""
        picture = self.picture(image)
        frames = self.frames(picture, image, seed)
        step_done(len(frames))
        return EditPath(frames, self.axis.copy(), picture, self.recipe(seed))

    def states(self, image: ImageRecord, seed: int) -> list[ImageRecord]:
        """Return the picture at each step, for an engine that goes on from there, then as it is."""
        path = self.path(image, seed, lambda finished: None)
        return [_held(image, picture) for picture in (*path.frames, path.unedited)]

    @property
    def gives_recipes(self) -> bool:
        """Whether frames are a function of the unedited picture and of numbers alone."""
        return False

    def recipe(self, seed: int) -> dict[str, Any] | None:
        """Return how frames are made again from the unedited picture; None where they are kept."""
        return None

    def picture(self, image: ImageRecord) -> Picture:
        """Return the photograph at the size of the frames."""
        return fitted(image.pixels(), self.size_for(image), self.fit)

    def weights(self, image: ImageRecord) -> Weights | None:
        """Return where the picture may change, (H, W); None for everywhere."""
        if self.mask is None:
            return None
        inside = mask_of(self.mask, image, *self.size_for(image), self.fit)
        return 1 - inside if self.where == "outside" else inside

    def frames(self, picture: Picture, image: ImageRecord, seed: int) -> Frames:
        """Return the frames, (S, H, W, 3), at the values of the axis."""
        raise NotImplementedError


@dataclass(frozen=True)
class HeldImage(ImageRecord):
    """An image whose pixels are at hand, not in a file."""

    held: Picture = field(kw_only=True)

    def pixels(self) -> Picture:
        """Return them."""
        return self.held


def _held(image: ImageRecord, picture: Picture) -> HeldImage:
    known = {one.name: getattr(image, one.name) for one in fields(ImageRecord)}
    return HeldImage(**known, held=picture)


def read_picture_of(pattern: str, image: ImageRecord, key: str) -> Picture:
    """Return a picture of the user's that belongs to an image; see `belonging.file_of`.

    Raises
    ------
    ZollstockError
        Naming the file and the key of the settings.
    """
    file = file_of(pattern, image, key)
    try:
        return read_rgb(file)
    except UnusableImage as reason:
        raise ZollstockError(
            file,
            f"cannot be read as the {key} of '{image.id}' ({reason})",
            "a picture",
            f"Put it there, or correct the property's {key}.",
        ) from None
