"""PASCAL VOC 2007 (and later years, which lie alike)."""

import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

from zollstock.errors import ZollstockError
from zollstock.images.layouts.base import Asked, main_class, tell_left_out
from zollstock.images.listing import Candidate

CLASSES = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa"),
    *("train", "tvmonitor"),
)
"""In the order of the colours of ``SegmentationClass``, from 1."""


def voc_root(asked: Asked) -> Path:
    """Return the folder that holds ``JPEGImages``."""
    places = [asked.root, *sorted(asked.root.glob("VOC20*")), *sorted(asked.root.glob("*/VOC20*"))]
    for place in places:
        if (place / "JPEGImages").is_dir():
            return place
    return asked.file("JPEGImages", "VOC2007/JPEGImages").parent


def candidates(layout: str, asked: Asked) -> list[Candidate]:
    """List the pictures of a split whose annotated boxes have one main class."""
    root = voc_root(asked)
    split = root / "ImageSets" / "Main" / f"{asked.split or 'trainval'}.txt"
    if not split.is_file():
        raise ZollstockError(
            split, "is missing", "the list of a split's pictures", "Check images.split."
        )
    names = [line.split()[0] for line in split.read_text(encoding="utf-8").splitlines() if line]
    found = []
    for name in names:
        label = main_class(_areas(root / "Annotations" / f"{name}.xml"))
        if label is not None:
            found.append(Candidate(name, label, root / "JPEGImages" / f"{name}.jpg", name))
    tell_left_out(len(names) - len(found), root, "no class covers twice the area of any other")
    return found


def _areas(file: Path) -> dict[str, float]:
    areas: dict[str, float] = defaultdict(float)
    try:
        objects = ElementTree.parse(file).getroot().iter("object")
        for each in objects:
            box = {side: float(each.findtext(f"bndbox/{side}", "")) for side in _SIDES}
            areas[each.findtext("name", "")] += (box["xmax"] - box["xmin"]) * (
                box["ymax"] - box["ymin"]
            )
    except (OSError, ValueError, ElementTree.ParseError) as error:
        raise ZollstockError(
            file, f"cannot be read ({error})", "annotations as VOC has them", "Unpack VOC again."
        ) from None
    return areas


_SIDES = ("xmin", "ymin", "xmax", "ymax")
