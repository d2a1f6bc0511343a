"""What each model was given, and what it says of the unedited pictures: a part of the page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from zollstock.images.labels import UNLABELLED
from zollstock.report.pictures import Album, Picture
from zollstock.wording import counted, listed, percent

THUMBNAIL = 144
"""Pixels of a thumbnail's longer side."""
MOST, MOST_OF_MANY = 24, 12
"""Thumbnails at most, and at most where there are more than `FEW` models."""
FEW = 3


def given_to_models(
    album: Album, pixels: Path, images: pd.DataFrame, given: pd.DataFrame, pictures: pd.DataFrame
) -> dict[str, Any]:
    """Return what the template of this part needs.

    Parameters
    ----------
    album
        Takes the thumbnails.
    pixels
        The folder of the study's pictures.
    images
        The table of images.
    given, pictures
        Of `zollstock.jobs.try_models.try_models`, all cells text.
    """
    models = [_model(row) for row in given.to_dict("records")]
    names = [model["name"] for model in models]
    said = _said(pictures)
    rows = [_picture(row, names, said) for row in images.to_dict("records")]
    shown = evenly(len(rows), MOST if len(models) <= FEW else MOST_OF_MANY)
    for place in shown:
        rows[place]["thumbnail"] = _thumbnail(album, pixels / rows[place]["file"])
    return {
        "models": models,
        "warnings": _together(models, "warnings"),
        "notes": _together(models, "notes"),
        "wide": len(models) > FEW,
        "shown": [rows[place] for place in shown] if said else [],
        "rows": rows if said else [],
        "labelled": any(model["labelled"] for model in models),
    }


def evenly(count: int, most: int) -> list[int]:
    """Return at most so many places of `count`, evenly spread, since equal labels lie together."""
    if count <= most:
        return list(range(count))
    return [int(place) for place in np.linspace(0, count - 1, most).round()]


def _together(models: Sequence[Mapping[str, Any]], key: str) -> list[tuple[str, str]]:
    """Return (models, sentence): what is said of several models stands there once."""
    names: dict[str, list[str]] = {}
    for model in models:
        for words in model[key]:
            names.setdefault(words, []).append(model["name"])
    return [(listed(several), words) for words, several in names.items()]


def _model(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model's row in words."""
    labelled, total = int(row["labelled"]), int(row["pictures"])
    alike = int(row["top_classes"])
    grey = "grey" if int(row["channels"]) == 1 else "RGB"
    return {
        "name": row["model"],
        "family": row["family"],
        # The end of a path tells most; the table has all of it.
        "source": "/".join(row["source"].split("/")[-2:]),
        "input": " ".join(filter(None, (row["size"], grey, row["crop"]))),
        "mean": row["mean"],
        "std": row["std"],
        "outputs": row["outputs"],
        "classes": f"{int(row['classes']):,}",
        "labelled": labelled,
        "accuracy": f"{percent(float(row['accuracy']))} of {labelled}" if labelled else "–",
        "named": f"{alike} in {counted(total, 'picture')}" if total else "–",
        "warnings": row["warnings"].splitlines(),
        "notes": row["notes"].splitlines(),
    }


def _said(pictures: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Return (image, model) → what the model says."""
    return {
        (row["image"], row["model"]): {
            "class": row["class"],
            "probability": float(row["probability"]),
            "second": row["second"],
            "wrong": row["correct"] == "False",
        }
        for row in pictures.to_dict("records")
    }


def _picture(
    row: Mapping[str, Any],
    models: Sequence[str],
    said: Mapping[tuple[str, str], dict[str, Any]],
) -> dict[str, Any]:
    label = row["label"]
    return {
        "image": row["id"],
        "file": row["file"],
        "label": "" if label == UNLABELLED else label,
        "thumbnail": None,
        "answers": [(name, said.get((row["id"], name))) for name in models],
    }


def _thumbnail(album: Album, file: Path) -> Picture | None:
    """Return a small copy; None of a picture that is not there, as in some archives."""
    if not file.is_file():
        return None
    with Image.open(file) as opened:
        width, height = opened.size
    return album.take(file, file.stem, max(1, round(width * THUMBNAIL / max(width, height))))
