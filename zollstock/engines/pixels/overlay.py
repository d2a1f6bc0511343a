"""A picture or a text blended in: a patch, a watermark, a logo, a ruler."""

import math
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import numpy as np

from zollstock.engines.pixels.base import PixelsEngine
from zollstock.engines.pixels.layers import Layer, laid, layer_of_file, layer_of_text
from zollstock.engines.pixels.light import Frames, Picture, quantised
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError
from zollstock.files import sha256_of
from zollstock.images.belonging import file_of, is_called
from zollstock.images.listing import read_csv
from zollstock.images.table import ImageRecord
from zollstock.seeds import rng_for

Range = float | Sequence[float]
"""A number, or the ends of a range that one is drawn from for each image."""


class Place(NamedTuple):
    """Where it lies: centre across and down, and width, as shares of the picture; degrees."""

    x: float
    y: float
    width: float
    rotation: float


@register("overlay")
class OverlayEngine(PixelsEngine):
    """Blends a layer in: frame = picture + value · a · (mode(picture, layer) − picture).

    a is how much the layer itself covers: 1, or what its transparency says.

    Parameters
    ----------
    picture
        The layer's file, or where each image's lies; see `zollstock.images.belonging.file_of`.
        Exactly one of `picture` and `text` is given.
    text, colour, font
        The layer as text; see `zollstock.engines.pixels.layers.layer_of_text`.
    position
        ``middle``, ``random`` (inside the picture, by the seed of the path), or the centre,
        across and down, as shares of width and height.
    width
        Of the layer, as a share of the picture's; or the ends of a range, by the seed.
    rotation
        In degrees, anticlockwise; or the ends of a range, by the seed.
    places
        CSV with the columns ``image``, ``x`` and ``y``, and perhaps ``width`` and ``rotation``,
        which take the place of the keys.
    mode
        ``normal``: the layer itself; ``multiply``: x·l / 255, which darkens; ``screen``:
        255 − (255 − x)(255 − l) / 255, which lightens.
    **others
        Of `PixelsEngine`.
    """

    kind = "overlay"

    def __init__(
        self,
        *,
        picture: str | None = None,
        text: str | None = None,
        colour: Sequence[int] = (255, 255, 255),
        font: str | None = None,
        position: str | Sequence[float] = "middle",
        width: Range = 0.5,
        rotation: Range = 0.0,
        places: str | None = None,
        mode: str = "normal",
        **others: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**others)
        self.file, self.text, self.colour, self.font = picture, text, colour, font
        self.position, self.width, self.rotation = position, width, rotation
        self.places, self.mode = places, mode

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return checksums of the layer, the mask and the font, and the row of the table."""
        found = super().inputs(image)
        if self.file is not None:
            file = file_of(self.file, image, "picture")
            layer_of_file(file, 1)
            found["picture"] = sha256_of(file)
        if self.text is not None:
            layer_of_text(self.text, 8, self.colour, self.font)
            if self.font is not None:
                found["font"] = sha256_of(FilePath(self.font))
        if self.places is not None:
            found["place"] = repr(tuple(self.place(image, 0)))
        return found

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        layer = {"picture": self.file} if self.text is None else {"text": self.text}
        return super().facts() | layer | {"mode": self.mode}

    def place(self, image: ImageRecord, seed: int, shape: tuple[int, ...] = (1, 1)) -> Place:
        """Return where the layer lies in an image's picture.

        Parameters
        ----------
        image
            The image.
        seed
            Of its path.
        shape
            Height and width of the layer, for its proportions, where it lies by the seed.
        """
        rng = rng_for("place of an overlay", seed)
        across, down, share, turn = rng.random(4)
        width, rotation = _within(self.width, share), _within(self.rotation, turn)
        if self.places is not None:
            return self._listed(image, width, rotation)
        if self.position != "random":
            x, y = (0.5, 0.5) if isinstance(self.position, str) else map(float, self.position)
            return Place(x, y, width, rotation)
        height, wide = self.size_for(image)
        angle = math.radians(rotation)
        sine, cosine = abs(math.sin(angle)), abs(math.cos(angle))
        tall = shape[0] / shape[1]  # in widths of the layer
        halves = (
            width * (cosine + tall * sine) / 2,
            width * (sine + tall * cosine) * wide / height / 2,
        )
        x, y = (
            half + drawn * (1 - 2 * half) if half < 0.5 else 0.5
            for half, drawn in zip(halves, (across, down), strict=True)
        )
        return Place(x, y, width, rotation)

    def _listed(self, image: ImageRecord, width: float, rotation: float) -> Place:
        table = FilePath(str(self.places))
        rows = read_csv(table, ["image", "x", "y"])
        mine = rows[[is_called(image, word) for word in rows["image"]]]
        if len(mine) != 1:
            raise ZollstockError(
                table,
                f"names the image '{image.id}' {len(mine)} times (places)",
                "one row for each image",
                "Correct the column image.",
            )
        row = mine.iloc[0]
        cells = {"x": row["x"], "y": row["y"], "width": width, "rotation": rotation}
        cells |= {key: row[key] for key in ("width", "rotation") if row.get(key, "") != ""}
        numbers = {}
        for key, cell in cells.items():
            try:
                numbers[key] = float(str(cell).replace(",", "."))
            except ValueError:
                numbers[key] = math.nan
            if not math.isfinite(numbers[key]) or (key == "width" and numbers[key] <= 0):
                raise ZollstockError(
                    f"{table}, line {int(mine.index[0]) + 2}",
                    f"{key} is '{cell}'",
                    "degrees" if key == "rotation" else "a share of the picture, as 0.5",
                    "Correct it.",
                )
        return Place(**numbers)

    def layer(self, image: ImageRecord, seed: int) -> Layer:
        """Return the layer in its place, at the size of the frames, (H, W, 4)."""
        height, width = self.size_for(image)
        rough = self._layer(image, 64)
        at = self.place(image, seed, rough.shape)
        made = self._layer(image, max(round(at.width * width), 1))
        return laid(made, (height, width), (at.x, at.y), at.rotation)

    def _layer(self, image: ImageRecord, width: int) -> Layer:
        if self.text is not None:
            return layer_of_text(self.text, width, self.colour, self.font)
        return layer_of_file(file_of(str(self.file), image, "picture"), width)

    def frames(self, picture: Picture, image: ImageRecord, seed: int) -> Frames:
        """Return the frames; the seed draws the place, the same all along the path."""
        layer = self.layer(image, seed)
        covered = layer[..., 3].astype(np.float32) / 255
        weights = self.weights(image)
        covered = covered if weights is None else covered * weights
        frames = np.repeat(picture[None], len(self.axis), axis=0)
        rows, columns = (np.flatnonzero(covered.any(axis=side)) for side in (1, 0))
        if not len(rows):
            raise ZollstockError(
                f"image {image.id}",
                "shows nothing of the overlay: it lies outside of the picture or of the mask",
                "a place inside",
                "Correct the property's position, places or mask.",
            )
        box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        below = picture[box].astype(np.float32)
        change = covered[box][..., None] * (_MODES[self.mode](below, layer[box][..., :3]) - below)
        for frame, value in zip(frames, self.axis, strict=True):
            frame[box] = quantised(below + np.float32(value) * change)
        return frames


def _within(ends: Range, drawn: float) -> float:
    if isinstance(ends, Sequence):
        low, high = ends
        return float(low + drawn * (high - low))
    return float(ends)


_MODES: dict[str, Any] = {
    "normal": lambda below, layer: layer.astype(np.float32),
    "multiply": lambda below, layer: below * layer.astype(np.float32) / 255,
    "screen": lambda below, layer: 255 - (255 - below) * (255 - layer.astype(np.float32)) / 255,
}
