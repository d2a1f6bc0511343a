"""Choosing the images of a study, seeded and independent of the order of files."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from zollstock.errors import ZollstockError, printable
from zollstock.images.listing import Candidate
from zollstock.images.reading import (
    RGB,
    Picture,
    UnusableImage,
    pixel_sha256,
    read_picture,
)
from zollstock.images.table import ImageRecord, save_png
from zollstock.seeds import seed_for
from zollstock.worlds.base import World

Accept = Callable[[RGB, str], bool]
"""Whether an image with its label may be taken, e.g. because models classify it correctly."""


@dataclass(frozen=True)
class Skipped:
    """A candidate that was not taken, and why."""

    path: str
    label: str
    reason: str


@dataclass(frozen=True)
class Selection:
    """What was taken and what was passed over, both in table order.

    Attributes
    ----------
    images, skipped
        Those taken, and those passed over.
    scaled
        What is to be told of the range of values → the files, of those taken.
    """

    images: list[ImageRecord]
    skipped: list[Skipped]
    scaled: dict[str, list[str]] = field(default_factory=dict)


def select_files(
    candidates: Sequence[Candidate],
    *,
    n_per_class: int | None,
    seed: int,
    folder: Path,
    min_side: int = 8,
    accept: Accept | None = None,
) -> Selection:
    """Choose images from files, the same ones whatever the order of `candidates`.

    Each class is walked in the order of a hash of (seed, id) until enough usable images are
    found, so that a larger `n_per_class` keeps the images of a smaller one.

    Parameters
    ----------
    candidates
        The files with ids and labels.
    n_per_class
        Images per class; None takes all usable ones.
    seed
        Seed of the study.
    folder
        Where the RGB pixels are written as PNG.
    min_side
        Smallest accepted height and width.
    accept
        A further condition, asked of usable images only.

    Raises
    ------
    ZollstockError
        If a class has fewer usable images than asked for, or nothing is usable at all.
    """
    classes: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        classes[candidate.label].append(candidate)
    images: list[ImageRecord] = []
    skipped: list[Skipped] = []
    scaled: dict[str, list[str]] = {}
    first_with: dict[str, str] = {}
    for label in sorted(classes):
        taken: list[ImageRecord] = []
        order = sorted(classes[label], key=lambda item: (seed_for(seed, "image", item.id), item.id))
        for candidate in order:
            if n_per_class is not None and len(taken) == n_per_class:
                break
            try:
                picture = _read(candidate, min_side)
                pixels = picture.pixels
                sha256 = pixel_sha256(pixels)
                if sha256 in first_with:
                    raise UnusableImage(f"same pixels as {first_with[sha256]}")
                if accept is not None and not accept(pixels, label):
                    raise UnusableImage("not classified correctly by the required models")
            except UnusableImage as reason:
                skipped.append(Skipped(printable(str(candidate.path)), label, str(reason)))
                continue
            first_with[sha256] = candidate.id
            file = folder / f"{candidate.id}.png"
            save_png(pixels, file)
            source = printable(str(candidate.path))
            if picture.scaled:
                scaled.setdefault(picture.scaled, []).append(source)
            taken.append(
                ImageRecord(candidate.id, label, sha256, source, file, name=candidate.name)
            )
        if n_per_class is not None and len(taken) < n_per_class:
            passed = sum(item.label == label for item in skipped)
            raise ZollstockError(
                "images.n_per_class",
                f"asks for {n_per_class} images of class '{label}', but of its "
                f"{len(order)} files only {len(taken)} can be taken ({passed} skipped"
                + (f", e.g. {_last(skipped, label)}" if passed else "")
                + ")",
                f"at most {len(taken)}",
                "Lower n_per_class or add images.",
            )
        images += sorted(taken, key=lambda record: record.id)
    if not images:
        raise ZollstockError(
            "images.path",
            f"none of {len(candidates)} files can be used (e.g. {_last(skipped, None)})",
            "readable pictures",
            "Check the folder.",
        )
    return Selection(images, skipped, scaled)


def select_rendered(
    world: World,
    *,
    n_per_class: int,
    seed: int,
    folder: Path,
    distribution: str,
    size: int,
    bias: float,
    shape_noise: float,
    classes: Sequence[str] | None = None,
    accept: Accept | None = None,
) -> Selection:
    """Draw images; image k of a class is the same however many are asked for.

    Of the world's classes only `classes` are drawn, if they are given.

    Raises
    ------
    ZollstockError
        If `accept` refuses so many that a class stays short after 50 drawn per wanted image.
    """
    images: list[ImageRecord] = []
    skipped: list[Skipped] = []
    for index, label in enumerate(world.class_names):
        if classes is not None and label not in classes:
            continue
        taken = 0
        for number in range(50 * n_per_class):
            if taken == n_per_class:
                break
            name = f"{label}_{number:04d}"
            image_seed = seed_for(seed, "image", name)
            latents = world.sample(
                np.array([index]),
                np.array([image_seed], dtype=np.uint64),
                distribution=distribution,
                bias=bias,
                shape_noise=shape_noise,
            )
            pixels = world.render(latents, size=size).frames[0]
            source = f"{world.name}, {distribution}, seed {image_seed}"
            if accept is not None and not accept(pixels, label):
                skipped.append(
                    Skipped(source, label, "not classified correctly by the required models")
                )
                continue
            file = folder / f"{name}.png"
            save_png(pixels, file)
            values = {key: float(value[0]) for key, value in latents.items()}
            images.append(ImageRecord(name, label, pixel_sha256(pixels), source, file, values))
            taken += 1
        if taken < n_per_class:
            raise ZollstockError(
                "images.correctly_classified_by",
                f"left only {taken} of {n_per_class} images of class '{label}' after "
                f"{50 * n_per_class} were drawn",
                "models that classify some images of each class correctly",
                "Check the models, or take the condition away.",
            )
    return Selection(images, skipped)


def _read(candidate: Candidate, min_side: int) -> Picture:
    if candidate.pixels is None:
        return read_picture(candidate.path, min_side)
    return Picture(candidate.pixels())


def _last(skipped: Sequence[Skipped], label: str | None) -> str:
    for item in reversed(skipped):
        if label is None or item.label == label:
            return f"{item.path}: {item.reason}"
    return "no files"
