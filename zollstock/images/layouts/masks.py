"""Write the masks of a dataset as grey pictures: ``python -m zollstock.images.layouts.masks``.

VOC colours classes, and COCO draws polygons; properties take grey pictures, white inside.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from zollstock.errors import ZollstockError
from zollstock.images.layouts.base import Asked, list_dataset
from zollstock.images.layouts.coco import instances
from zollstock.images.layouts.voc import CLASSES, voc_root
from zollstock.images.reading import UnusableImage, readable

Mask = npt.NDArray[np.uint8]


def masks_of_voc(asked: Asked) -> Iterator[tuple[str, Mask]]:
    """Yield id and mask of the main class of each picture that VOC segmented."""
    folder = voc_root(asked) / "SegmentationClass"
    for each in list_dataset("voc2007", asked):
        file = folder / f"{each.name}.png"
        if file.is_file():
            try:
                with readable(file), Image.open(file) as opened:
                    indices = np.array(opened)
            except UnusableImage as reason:
                print(f"{file}: left out ({reason})", file=sys.stderr)
                continue
            # Of the palette 0 is the background and 255 the border between things.
            yield each.id, np.where(indices == CLASSES.index(each.label) + 1, 255, 0)


def masks_of_coco(asked: Asked) -> Iterator[tuple[str, Mask]]:
    """Yield id and mask of the main class of each picture, from its polygons."""
    content, _ = instances(asked)
    names = {each["id"]: each["name"] for each in content["categories"]}
    found = {each.name: each for each in list_dataset("coco2014", asked)}
    shapes: dict[int, list[list[float]]] = {}
    labels = {
        image["id"]: found[Path(image["file_name"]).stem].label
        for image in content["images"]
        if Path(image["file_name"]).stem in found
    }
    for each in content["annotations"]:
        # Crowds have runs of pixels instead of polygons; they are no one's outline.
        polygons = each.get("segmentation", ())
        if labels.get(each["image_id"]) == names[each["category_id"]] and isinstance(
            polygons, list
        ):
            shapes.setdefault(each["image_id"], []).extend(polygons)
    for image in content["images"]:
        if image["id"] in shapes:
            mask = Image.new("L", (image["width"], image["height"]), 0)
            for polygon in shapes[image["id"]]:
                ImageDraw.Draw(mask).polygon(polygon, fill=255)
            yield found[Path(image["file_name"]).stem].id, np.array(mask)


_WRITERS = {"voc2007": masks_of_voc, "coco2014": masks_of_coco}


def main(arguments: Sequence[str]) -> int:
    """Write the masks; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m zollstock.images.layouts.masks")
    parser.add_argument("layout", choices=sorted(_WRITERS))
    parser.add_argument("path", type=Path, help="the dataset's folder")
    parser.add_argument("out", type=Path, help="the folder of masks that is written")
    parser.add_argument("--split", help="as in images.split")
    given = parser.parse_args(arguments)
    count = 0
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        for name, mask in _WRITERS[given.layout](Asked(given.path, given.split)):
            Image.fromarray(np.asarray(mask, np.uint8)).save(given.out / f"{name}.png")
            count += 1
    except (ZollstockError, OSError) as error:
        print(f"zollstock: {error}", file=sys.stderr)
        return 1
    print(f"{count} masks are in {given.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
