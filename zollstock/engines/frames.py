"""Captured or externally edited series: a folder of pictures, or a CSV of file and value."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from zollstock.engines.base import StepDone, source_version
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError
from zollstock.images import reading
from zollstock.images.listing import read_csv
from zollstock.images.reading import UnusableImage, pixel_sha256, read_rgb
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape, pixel_change

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"}
MIN_STEPS = 3


@dataclass(frozen=True)
class Series:
    """The files of one path in axis order; `axis` is None where a folder gives no values."""

    where: FilePath
    files: list[FilePath]
    axis: npt.NDArray[np.float64] | None


@register("frames")
class FramesEngine:
    """Reads finished series from disk.

    Parameters
    ----------
    path
        Folder of pictures (in the order of their names, 2 before 10; evenly spaced on
        [0, 1]) or CSV with the columns ``path`` and ``axis`` (taken in axis order);
        ``{image}`` stands for the image's id.
    prepend_original
        Put the image itself, resized to the frames, before them. On a CSV's axis it stands
        one mean spacing before the first frame.
    size
        Height and width to resize all frames to, or None to keep them.
    reference
        Value of the axis at which a frame shows the image as it is. By default it is the frame
        that is nearest to the image, or the image itself if that is put before them.
    """

    version = source_version(FilePath(__file__), FilePath(reading.__file__))

    def __init__(
        self,
        *,
        path: str,
        prepend_original: bool = False,
        size: Sequence[int] | None = None,
        reference: float | None = None,
    ) -> None:
        self.pattern = path
        self.prepend_original = prepend_original
        self.reference = reference
        self.size = None if size is None else (int(size[0]), int(size[1]))

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Return the common size; only the files' headers are read."""
        if len(images) > 1 and "{image}" not in self.pattern:
            raise ZollstockError(
                "properties: path",
                f"is '{self.pattern}', the same series for {len(images)} images",
                "a path with {image}, which is replaced by each image's id",
                "Put {image} where the series differ.",
            )
        shapes: dict[PathShape, FilePath] = {}
        for image in images:
            series = self._series(image)
            sizes = {_header_size(file): file for file in reversed(series.files)}
            if len(sizes) > 1:
                (first, first_file), (other, other_file) = list(sizes.items())[:2]
                raise ZollstockError(
                    series.where,
                    f"{first_file.name} has {first[0]}×{first[1]} pixels, but {other_file.name} "
                    f"has {other[0]}×{other[1]}",
                    "frames of equal size",
                    "Crop or resize the series to one size.",
                )
            steps = len(series.files) + self.prepend_original
            if steps < MIN_STEPS:
                raise ZollstockError(
                    series.where,
                    f"gives {steps} steps",
                    f"at least {MIN_STEPS}",
                    "Add frames to the series.",
                )
            height, width = self.size or next(iter(sizes))
            shapes.setdefault(PathShape(steps, height, width), series.where)
        if len(shapes) > 1:
            (one, one_at), (two, two_at) = list(shapes.items())[:2]
            fix = (
                "Bring all series to one number of frames."
                if one.steps != two.steps
                else "Set the property's size: [height, width]."
            )
            raise ZollstockError(
                two_at,
                f"has {_words(two)}, but {one_at} has {_words(one)}",
                "series of equal length and size for all images",
                fix,
            )
        return next(iter(shapes))

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return the checksum of each frame's pixels, by its place in the path, and the axis."""
        series = self._series(image)
        found = {
            f"frame {step}": pixel_sha256(_read(file)) for step, file in enumerate(series.files)
        }
        if series.axis is not None:
            found["axis"] = ",".join(repr(float(value)) for value in series.axis)
        return found

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made."""
        return {"series": self.pattern, "size": list(self.size) if self.size else "as it is"}

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Read the series; `seed` is not needed."""
        series = self._series(image)
        frames = []
        for file in series.files:
            frames.append(_resized(_read(file), self.size))
            step_done(1)
        height, width = frames[0].shape[:2]
        original = _resized(image.pixels(), (height, width))
        axis = series.axis
        if self.prepend_original:
            frames.insert(0, original)
            step_done(1)
            if axis is not None:
                axis = np.concatenate([[axis[0] - np.diff(axis).mean()], axis])
        if axis is None:
            axis = np.linspace(0, 1, len(frames))
        return EditPath(np.stack(frames), axis, frames[self._reference(frames, axis, original)])

    def _reference(
        self,
        frames: Sequence[npt.NDArray[np.uint8]],
        axis: npt.NDArray[np.float64],
        original: npt.NDArray[np.uint8],
    ) -> int:
        """Return the step that shows the image as it is."""
        if self.reference is None:
            return 0 if self.prepend_original else int(np.argmin(pixel_change(frames, original)))
        found = np.flatnonzero(np.isclose(axis, self.reference, rtol=1e-9, atol=1e-12))
        if not len(found):
            raise ZollstockError(
                "properties: reference",
                f"is {self.reference:g}, which is no value of the axis",
                "one of " + ", ".join(f"{value:g}" for value in axis),
                "Correct it, or leave it out: the frame nearest to the image is then taken.",
            )
        return int(found[0])

    def _series(self, image: ImageRecord) -> Series:
        where = FilePath(self.pattern.replace("{image}", image.id))
        if where.is_dir():
            files = sorted(
                (
                    file
                    for file in where.iterdir()
                    if file.suffix.lower() in PICTURES and file.name[0] != "."
                ),
                key=_natural,
            )
            return Series(where, files, None)
        if where.suffix.lower() == ".csv" and where.is_file():
            return _read_series(where)
        raise ZollstockError(
            where,
            f"holds no series for the image '{image.id}'",
            "a folder of pictures or a CSV with the columns path and axis",
            "Put it there, or correct the property's path in the config.",
        )


def _natural(file: FilePath) -> list[tuple[int, str]]:
    """Sort 2.png before 10.png: runs of digits count as numbers."""
    parts = re.split(r"(\d+)", file.name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _read_series(table: FilePath) -> Series:
    rows = read_csv(table, ["path", "axis"])
    values = []
    for line, text in zip(rows.index + 2, rows["axis"], strict=True):
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ZollstockError(
                f"{table}, line {line}", f"axis is '{text}'", "a finite number", "Correct it."
            )
        values.append(value)
    axis = np.array(values)
    order = np.argsort(axis, kind="stable")
    repeated = np.flatnonzero(np.diff(axis[order]) == 0)
    if len(repeated):
        value = axis[order][repeated[0]]
        what = "has one value only" if len(np.unique(axis)) == 1 else "names a value twice"
        raise ZollstockError(
            table, f"the axis {what} ({value:g})", "one value per frame", "Correct the axis column."
        )
    files = [table.parent / rows["path"].iloc[int(row)] for row in order]
    return Series(table, files, axis[order])


def _header_size(file: FilePath) -> tuple[int, int]:
    try:
        with Image.open(file) as image:
            width, height = image.size
            # EXIF orientations 5 to 8 swap height and width.
            swapped = image.getexif().get(0x0112, 1) >= 5
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ZollstockError(
            file, f"cannot be read as a picture ({error})", "a frame", "Replace or remove it."
        ) from None
    return (width, height) if swapped else (height, width)


def _read(file: FilePath) -> npt.NDArray[np.uint8]:
    try:
        return read_rgb(file)
    except UnusableImage as reason:
        raise ZollstockError(file, str(reason), "a frame", "Replace or remove it.") from None


def _resized(pixels: npt.NDArray[np.uint8], size: tuple[int, int] | None) -> npt.NDArray[np.uint8]:
    if size is None or pixels.shape[:2] == size:
        return pixels
    height, width = size
    return np.array(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))


def _words(shape: PathShape) -> str:
    return f"{shape.steps} steps of {shape.height}×{shape.width} pixels"
