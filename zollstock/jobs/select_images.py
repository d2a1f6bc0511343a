"""Choose the images of a study."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.images.layouts.base import Asked, list_dataset
from zollstock.images.listing import list_csv, list_folder
from zollstock.images.reading import MISSING
from zollstock.images.selection import Accept, Selection, select_files, select_rendered
from zollstock.images.table import write_table
from zollstock.worlds import get_world


def select_images(
    *,
    images: Mapping[str, Any],
    world: Mapping[str, Any] | None,
    seed: int,
    models: Sequence[tuple[Path, Path]],
    device: str,
    table: Path,
    skipped: Path,
    pixels: Path,
) -> None:
    """Draw images or choose them from files, and convert them to RGB.

    Parameters
    ----------
    images
        The settings of that name.
    world
        The drawn world; None where images are files.
    seed
        Of the study.
    models
        Weights and card of those that must classify the images correctly.
    device
        Where they run: ``auto``, ``cpu``, ``cuda`` or ``mps``.
    table, skipped, pixels
        What is written: the images, the files that were skipped and why, a folder of PNGs.
    """
    pixels.mkdir(parents=True, exist_ok=True)
    common: dict[str, Any] = {
        "n_per_class": images["n_per_class"],
        "seed": seed,
        "folder": pixels,
        "accept": _accepted_by(models, device),
    }
    if world is not None:
        selection = select_rendered(
            get_world(world["name"]),
            distribution=images["distribution"],
            size=world["size"],
            bias=world["bias"],
            shape_noise=world["shape_noise"],
            classes=images["classes"],
            **common,
        )
    else:
        if images["source"] == "folder":
            labels = Path(images["labels"]) if images["labels"] else None
            candidates = list_folder(Path(images["path"]), labels)
        elif images["source"] == "dataset":
            asked = Asked(Path(images["path"] or "."), images["split"], images["attribute"])
            candidates = list_dataset(images["layout"], asked)
        else:
            root = Path(images["root"]) if images["root"] else None
            candidates = list_csv(Path(images["path"]), root)
        selection = select_files(candidates, min_side=images["min_side"], **common)
    for line in _told(selection, skipped):
        print(line, file=sys.stderr)
    write_table(selection.images, table)
    columns = ["path", "label", "reason"]
    rows = pd.DataFrame([vars(item) for item in selection.skipped], columns=columns)
    rows.to_csv(skipped, index=False)


def _told(selection: Selection, table: Path, shown: int = 3) -> Iterator[str]:
    """Yield what a user should know of files that were skipped or scaled, the first by name."""
    if selection.skipped:
        # What is missing was meant to be there.
        order = sorted(selection.skipped, key=lambda item: item.reason != MISSING)
        names = [f"{item.path} ({item.reason})" for item in order]
        yield f"skipped {_listed(names, shown)}; see {table}"
    for what, files in selection.scaled.items():
        yield f"note: {what} in {_listed(files, shown)}, whose pixels have more than 8 bits"


def _listed(names: Sequence[str], shown: int) -> str:
    count = f"{len(names)} file" + ("s" if len(names) > 1 else "")
    more = f" and {len(names) - shown} others" if len(names) > shown else ""
    return f"{count}: {', '.join(names[:shown])}{more}"


def _accepted_by(models: Sequence[tuple[Path, Path]], device: str) -> Accept | None:
    """Return whether models say an image's label; torch is loaded only where they have a say."""
    if not models:
        return None
    load_model = import_module("zollstock.models.card").load_model
    loaded = [load_model(*files) for files in models]
    accept: Accept = import_module("zollstock.inference.classify").correct_for_all(loaded, device)
    return accept
