"""ImageNet's validation pictures (ILSVRC 2012): in folders by WordNet id, or flat with a table."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from scipy.io import loadmat

from zollstock.errors import ZollstockError
from zollstock.folders import entries, stem
from zollstock.images.layouts.base import Asked
from zollstock.images.listing import Candidate
from zollstock.models.names import wordnet_names

_WNID = re.compile(r"n\d{8}")
_PICTURES = ("val", "ILSVRC2012_img_val", "Data/CLS-LOC/val", ".")
_TRUTH = "ILSVRC2012_validation_ground_truth.txt"


def candidates(layout: str, asked: Asked) -> list[Candidate]:
    """List pictures; labels are the names that zollstock's list of ImageNet's classes has."""
    names = wordnet_names()
    for place in (asked.root / name for name in _PICTURES):
        if not place.is_dir():
            continue
        files, folders = entries(place)
        classes = [folder for folder in folders if _WNID.fullmatch(Path(folder).name)]
        if classes:
            pairs = [
                (Path(folder).name, Path(file)) for folder in classes for file in entries(folder)[0]
            ]
            return [_candidate(file, wnid, names) for wnid, file in pairs]
        pictures = [Path(file) for file in files if "_val_" in Path(file).name]
        if pictures:
            labels = _labels(asked)
            known = [file for file in pictures if stem(file.name) in labels]
            return [_candidate(file, labels[stem(file.name)], names) for file in known]
    asked.file("val", "ILSVRC2012_img_val")
    return []


def _candidate(file: Path, wnid: str, names: Mapping[str, str]) -> Candidate:
    if wnid not in names:
        raise ZollstockError(
            file,
            f"has the label '{wnid}'",
            "the WordNet id of one of ImageNet's 1,000 classes",
            "Check the folder's name or the table.",
        )
    return Candidate(stem(file.name), names[wnid], file, stem(file.name))


def _labels(asked: Asked) -> dict[str, str]:
    """Return name of a picture → WordNet id, of a flat folder."""
    for place in ("LOC_val_solution.csv", "../LOC_val_solution.csv", "../../LOC_val_solution.csv"):
        table = asked.root / place
        if table.is_file():
            with table.open(newline="", encoding="utf-8-sig") as file:
                rows = list(csv.DictReader(file))
            return {row["ImageId"]: row["PredictionString"].split()[0] for row in rows}
    truth = next(asked.root.glob(f"**/{_TRUTH}"), None)
    meta = next(asked.root.glob("**/meta.mat"), None)
    if truth is None or meta is None:
        asked.file("LOC_val_solution.csv", f"{_TRUTH} with meta.mat", "folders n01440764 …")
    assert truth is not None and meta is not None
    # The devkit numbers classes in an order of its own.
    synsets = loadmat(meta, squeeze_me=True, struct_as_record=False)["synsets"]
    wnids = {int(each.ILSVRC2012_ID): str(each.WNID) for each in synsets}
    numbers = [int(line) for line in truth.read_text(encoding="utf-8").split()]
    return {f"ILSVRC2012_val_{place:08d}": wnids[number] for place, number in enumerate(numbers, 1)}
