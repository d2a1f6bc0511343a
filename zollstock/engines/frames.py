"""Captured or externally edited series: a folder of pictures, or a CSV of file and value."""

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.engines import captured, numbering
from zollstock.engines.base import StepDone, source_version
from zollstock.engines.captured import Series, read_folder, read_table
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError, printable
from zollstock.ids import place_of
from zollstock.images import fitting, reading
from zollstock.images.fitting import fitted
from zollstock.images.reading import (
    Picture,
    UnusableImage,
    pixel_sha256,
    read_picture,
)
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape, pixel_change

MIN_STEPS = 3
_OF_SEVERAL = {"GIF", "PNG", "TIFF", "WEBP"}
"""Formats of films and pages; a photograph's JPEG may hold a preview too."""


@register("frames")
class FramesEngine:
    """Reads finished series from disk.

    Parameters
    ----------
    path
        Folder of pictures, whose names give the order and perhaps the axis (see
        `zollstock.engines.numbering`; else it is even on [0, 1]), or CSV with the columns
        ``path`` and ``axis`` (taken in axis order). ``{image}`` stands for the image's id or
        name.
    axis
        ``names`` takes numbers in the names of files as the axis, ``even`` their order alone.
    prepend_original
        Put the image itself, resized to the frames, before them. On an axis of values it
        stands one mean spacing before the first frame.
    size
        Height and width to bring all frames to, or None to keep them.
    fit
        How they get there, see `zollstock.images.fitting.fitted`.
    reference
        Value of the axis at which a frame shows the image as it is. By default it is the frame
        that is nearest to the image, or the image itself if that is put before them.
    """

    version = source_version(
        *(FilePath(file) for file in (__file__, captured.__file__, numbering.__file__)),
        *(FilePath(file) for file in (reading.__file__, fitting.__file__)),
    )

    def __init__(
        self,
        *,
        path: str,
        axis: str = "names",
        prepend_original: bool = False,
        size: Sequence[int] | None = None,
        fit: str = "stretch",
        reference: float | None = None,
    ) -> None:
        self.pattern = path
        self.fit = fit
        self.even = axis == "even"
        self.prepend_original = prepend_original
        self.reference = reference
        self.size = None if size is None else (int(size[0]), int(size[1]))

    def shape(self, images: Sequence[ImageRecord], *, told: bool = False) -> PathShape:
        """Return the common size; only the files' headers are read.

        Unless `told`, it says where order and axis come from.
        """
        if len(images) > 1 and "{image}" not in self.pattern:
            raise ZollstockError(
                "properties: path",
                f"is '{self.pattern}', the same series for {len(images)} images",
                "a path with {image}, which is replaced by each image's id",
                "Put {image} where the series differ.",
            )
        shapes: dict[PathShape, FilePath] = {}
        found = [self.series(image) for image in images]
        _check_different(found, images)
        if not told:
            tell(found)
        several: list[FilePath] = []
        for series in found:
            sizes = {_header_size(file, several): file for file in reversed(series.files)}
            if len(sizes) > 1 and self.size is None:
                (first, first_file), (other, other_file) = list(sizes.items())[:2]
                raise ZollstockError(
                    series.where,
                    f"{first_file.name} has {first[0]}×{first[1]} pixels, but {other_file.name} "
                    f"has {other[0]}×{other[1]}",
                    "frames of equal size",
                    "Set the property's size: [height, width], and fit: crop, stretch or pad.",
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
        if several and not told:
            more = f" and {len(several) - 1} more" if several[1:] else ""
            print(
                printable(
                    f"{several[-1]}{more}: several pictures, the first of which is the frame"
                ),
                file=sys.stderr,
            )
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
        series = self.series(image)
        found = {
            f"frame {step}": pixel_sha256(frame)
            for step, (frame, _) in enumerate(_read(series.files))
        }
        if series.axis is not None:
            found["axis"] = ",".join(repr(float(value)) for value in series.axis)
        return found

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made."""
        size = list(self.size) if self.size else "as it is"
        return {"series": self.pattern, "size": size, "fit": self.fit}

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Read the series; `seed` is not needed."""
        series = self.series(image)
        frames = []
        told = set()
        for frame, scaled in _read(series.files):
            frames.append(frame if self.size is None else fitted(frame, self.size, self.fit))
            told.add(scaled)
            step_done(1)
        for scaled in sorted(told - {""}):
            print(
                f"note: {scaled} in {printable(str(series.where))}, of more than 8 bits",
                file=sys.stderr,
            )
        height, width = frames[0].shape[:2]
        original = fitted(image.pixels(), (height, width), self.fit)
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

    def series(self, image: ImageRecord) -> Series:
        """Return the files of an image's path and their axis."""
        where = place_of(self.pattern, image.id, image.name)
        if where.is_dir():
            return read_folder(where, self.even)
        if where.suffix.lower() == ".csv" and where.is_file():
            return read_table(where)
        raise ZollstockError(
            where,
            f"holds no series for the image '{image.id}'",
            "a folder of pictures or a CSV with the columns path and axis",
            "Put it there, or correct the property's path in the config.",
        )


def _check_different(found: Sequence[Series], images: Sequence[ImageRecord]) -> None:
    """Refuse images of one series: where case does not count in names, one may pass for another."""
    seen: dict[tuple[int, int], str] = {}
    for series, image in zip(found, images, strict=True):
        place = series.where.stat()
        other = seen.setdefault((place.st_dev, place.st_ino), image.id)
        if other != image.id:
            raise ZollstockError(
                series.where,
                f"is the series of '{other}' and of '{image.id}'",
                "a series for each image",
                "Name the series after the images' ids.",
            )


def tell(found: Sequence[Series]) -> None:
    """Say where the axes come from, and what lies among the frames; refuse what disagrees."""
    kinds = {series.axis is None: series for series in reversed(found)}
    if len(kinds) > 1:
        raise ZollstockError(
            kinds[True].where,
            f"has the axis from {kinds[True].why}, but {kinds[False].where} from "
            f"{kinds[False].why}",
            "values for all images or for none",
            "Name the frames of all series alike, or set the property's axis: even.",
        )
    for why, named in groupby(sorted(found, key=lambda each: each.why), key=lambda each: each.why):
        places = [str(series.where) for series in named]
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        print(printable(f"series {places[0]}{more}: axis from {why}"), file=sys.stderr)
    left = [series for series in found if series.others]
    for series in left[:3]:
        names = ", ".join(series.others[:8]) + (", …" if len(series.others) > 8 else "")
        print(printable(f"series {series.where}: no frames: {names}"), file=sys.stderr)
    if left[3:]:
        print(f"{len(left[3:])} more series hold files that are no frames", file=sys.stderr)


def _header_size(file: FilePath, several: list[FilePath]) -> tuple[int, int]:
    """Return height and width, and put a file that holds several pictures into a list."""
    try:
        with reading.open_picture(file) as image:
            width, height = image.size
            if image.format in _OF_SEVERAL and getattr(image, "n_frames", 1) > 1:
                several.append(file)
            # EXIF orientations 5 to 8 swap height and width.
            swapped = image.getexif().get(0x0112, 1) >= 5
    except Exception as error:  # decoders and their metadata complain in many ways
        raise ZollstockError(
            file, f"cannot be read as a picture ({error})", "a frame", "Replace or remove it."
        ) from None
    return (width, height) if swapped else (height, width)


def _read(files: Sequence[FilePath]) -> Iterator[tuple[npt.NDArray[np.uint8], str]]:
    """Yield the frames of a series, on one scale, and what is to be told of it."""
    white = max((_picture(file).white or 0 for file in files if _deep(file)), default=0) or None
    for file in files:
        picture = _picture(file, white)
        yield picture.pixels, picture.scaled


def _deep(file: FilePath) -> bool:
    """Return whether a file's format may leave open which value is white."""
    return file.suffix.lower() not in {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"}


def _picture(file: FilePath, white: int | None = None) -> Picture:
    try:
        return read_picture(file, white=white)
    except UnusableImage as reason:
        raise ZollstockError(file, str(reason), "a frame", "Replace or remove it.") from None


def _words(shape: PathShape) -> str:
    return f"{shape.steps} steps of {shape.height}×{shape.width} pixels"
