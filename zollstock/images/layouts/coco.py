"""COCO 2014 (and 2017, which lies alike): pictures, and instances in one JSON."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.images.layouts.base import Asked, main_class, tell_left_out
from zollstock.images.listing import Candidate


def instances(asked: Asked) -> tuple[dict[str, Any], Path]:
    """Return the annotations of a split (``val2014`` by default) and the folder of its pictures."""
    split = asked.split or "val2014"
    file = asked.file(f"annotations/instances_{split}.json")
    try:
        with file.open(encoding="utf-8") as opened:
            content = json.load(opened)
        if not {"images", "annotations", "categories"} <= set(content):
            raise ValueError("no instances")
    except ValueError as error:
        raise ZollstockError(
            file, f"cannot be read ({error})", "COCO's instances", "Unpack the annotations again."
        ) from None
    return content, asked.file(split)


def candidates(layout: str, asked: Asked) -> list[Candidate]:
    """List the pictures of a split whose instances have one main class."""
    content, folder = instances(asked)
    names = {each["id"]: each["name"] for each in content["categories"]}
    areas: dict[int, Counter[str]] = defaultdict(Counter)
    for each in content["annotations"]:
        areas[each["image_id"]][names[each["category_id"]]] += each["area"]
    found = []
    for image in content["images"]:
        label = main_class(areas[image["id"]])
        if label is not None:
            name = Path(image["file_name"]).stem
            found.append(Candidate(name, label, folder / image["file_name"], name))
    left = len(content["images"]) - len(found)
    tell_left_out(left, folder, "no class covers twice the area of any other")
    return found
