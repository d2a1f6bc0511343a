"""The picture that is explained: a file, an array, a PIL image, or one of a study."""

from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from zollstock.engines.pixels.base import HeldImage
from zollstock.errors import ZollstockError
from zollstock.ids import safe_id
from zollstock.images.labels import UNLABELLED
from zollstock.images.reading import RGB, UnusableImage, pixel_sha256, read_rgb
from zollstock.images.selection import select_rendered
from zollstock.images.table import ImageRecord
from zollstock.worlds import check_choice, facts_of, get_world

WHERE = "explain(): image"


def picture_of(image: Any, label: str | None = None) -> HeldImage:  # noqa: ANN401
    """Return a picture as an image of a study, its pixels at hand.

    Parameters
    ----------
    image
        The path of a file, uint8 of shape (height, width, 3) or (height, width), a PIL image, or
        an `ImageRecord`, such as those of `drawn_images` and `Study.image`.
    label
        Its true class, where that is followed; by default that of an `ImageRecord`.

    Raises
    ------
    ZollstockError
        If it is none of these, or cannot be read.
    """
    if isinstance(image, ImageRecord):
        known = {one.name: getattr(image, one.name) for one in fields(ImageRecord)}
        return HeldImage(**known | {"label": label or image.label}, held=image.pixels())
    name, source, pixels = "image", "", None
    if isinstance(image, str | Path):
        name, source = safe_id(Path(image).stem) or name, str(image)
        try:
            pixels = read_rgb(image)
        except UnusableImage as reason:
            raise ZollstockError(
                image, f"cannot be read ({reason})", "a picture", "Give another file."
            ) from None
    elif isinstance(image, Image.Image):
        pixels = _of_pillow(image)
    else:
        pixels = _of_array(image)
    return HeldImage(
        name,
        label or UNLABELLED,
        pixel_sha256(pixels),
        source,
        Path(source),
        name=Path(source).stem,
        held=pixels,
    )


def _of_pillow(image: Image.Image) -> RGB:
    """Read an image as its file would be read: rotated, composited over white."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "image.png"
        try:
            image.save(file, exif=image.getexif())
            return read_rgb(file)
        except (UnusableImage, OSError) as reason:
            raise ZollstockError(
                WHERE, f"cannot be read ({reason})", "a picture", "Convert it to RGB."
            ) from None


def _of_array(image: Any) -> RGB:  # noqa: ANN401
    array = np.asarray(image)
    if array.ndim == 2:
        array = np.repeat(array[:, :, None], 3, axis=2)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or not array.size:
        raise ZollstockError(
            WHERE,
            f"is {type(image).__name__} of shape {array.shape} and type {array.dtype}",
            "a path, a PIL image, or uint8 of shape (height, width, 3)",
            "Scale it to 0 to 255 and convert it: (255 * image).round().astype('uint8').",
        )
    return np.ascontiguousarray(array)


def world_of(picture: ImageRecord) -> dict[str, Any] | None:
    """Return the settings of the world that a picture was drawn by; None of a photograph."""
    if not picture.latents:
        return None
    return {"name": picture.source.partition(",")[0], "size": len(picture.pixels())}


def drawn_images(
    world: str = "pets",
    n_per_class: int = 1,
    *,
    seed: int = 0,
    size: int = 64,
    distribution: str = "unbiased",
    classes: list[str] | None = None,
    bias: float = 0.98,
    shape_noise: float = 0.3,
) -> list[ImageRecord]:
    """Draw pictures of a world, those that a study of the same settings has.

    Parameters
    ----------
    world
        See docs/worlds.md.
    n_per_class, seed
        Pictures per class, and the study's seed.
    size, distribution, classes, bias, shape_noise
        As in the sections ``world`` and ``images`` of a study.

    Returns
    -------
    list of ImageRecord
        Each with its label, its latents and, by ``pixels()``, uint8 (size, size, 3).

    Raises
    ------
    ZollstockError
        If there is no such world, distribution or class.
    """
    facts = facts_of(world)
    check_choice("drawn_images(): distribution", distribution, facts.distributions)
    for label in classes or ():
        check_choice("drawn_images(): classes", label, facts.classes)
    with TemporaryDirectory() as folder:
        selection = select_rendered(
            get_world(world),
            n_per_class=n_per_class,
            seed=seed,
            folder=Path(folder),
            distribution=distribution,
            size=size,
            bias=bias,
            shape_noise=shape_noise,
            classes=classes,
        )
        drawn = selection.images
        return [replace(picture_of(image), file=Path(image.file.name)) for image in drawn]
