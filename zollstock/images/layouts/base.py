"""What readers of datasets share."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.ids import unique_ids
from zollstock.images.layouts.registry import LAYOUTS
from zollstock.images.listing import Candidate


class Asked(NamedTuple):
    """What is asked of a dataset.

    Attributes
    ----------
    root
        Its folder.
    split
        Part of it; None takes the layout's own default.
    attribute
        Of datasets with attributes: the one that labels tell.
    """

    root: Path
    split: str | None = None
    attribute: str | None = None

    def file(self, *names: str) -> Path:
        """Return the first of several files or folders that is there.

        Raises
        ------
        ZollstockError
            If none is.
        """
        for name in names:
            if (self.root / name).exists():
                return self.root / name
        raise ZollstockError(
            self.root,
            f"holds no {names[0]}" + (f", nor {', '.join(names[1:])}" if names[1:] else ""),
            "the dataset as docs/images.md lays it out",
            "Check images.path and images.layout.",
        )


def list_dataset(layout: str, asked: Asked) -> list[Candidate]:
    """List the pictures of a dataset with their labels.

    Raises
    ------
    ZollstockError
        If its files are not where the layout has them.
    """
    if layout not in LAYOUTS:
        raise ZollstockError(
            "images.layout",
            f"is '{layout}'",
            f"one of {', '.join(LAYOUTS)}",
            did_you_mean(layout, LAYOUTS),
        )
    if not asked.root.is_dir():
        raise ZollstockError(
            asked.root, "is not a folder", "a dataset's folder", "Check images.path in the config."
        )
    list_candidates: Callable[[str, Asked], list[Candidate]] = import_module(
        LAYOUTS[layout].module
    ).candidates
    found = list_candidates(layout, asked)
    if not found:
        raise ZollstockError(
            asked.root,
            "holds no labelled picture of this layout",
            "the dataset as docs/images.md lays it out",
            "Check images.path, images.layout and images.split.",
        )
    ids = unique_ids([each.id for each in found])
    return [replace(each, id=id_) for each, id_ in zip(found, ids, strict=True)]


def main_class(areas: Mapping[str, float]) -> str | None:
    """Return the class of a picture of several things; None where no one stands out.

    It covers at least twice the area of any other.
    """
    ordered = sorted(areas.items(), key=lambda item: -item[1])
    if not ordered or (len(ordered) > 1 and ordered[0][1] < 2 * ordered[1][1]):
        return None
    return ordered[0][0]


def tell_left_out(count: int, root: Path, why: str) -> None:
    """Say how many pictures of a dataset are no images of the study."""
    if count:
        print(f"{root}: {count} pictures are left out: {why}", file=sys.stderr)
