"""Run every model once on the study's unedited pictures, before frames are made."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from zollstock.errors import ZollstockError
from zollstock.files import read_json
from zollstock.images.fitting import size_note
from zollstock.images.table import read_table
from zollstock.inference.given import (
    PICTURES,
    answers,
    row_of_model,
    rows_of_pictures,
    sizes_of_frames,
)
from zollstock.inference.notices import notices
from zollstock.inference.run import Runner
from zollstock.models.card import load_model
from zollstock.progress import Progress


def try_models(
    *,
    models: Mapping[str, tuple[Path, Path]],
    images: Path,
    pixels: Path,
    frames: Sequence[Any],
    given: Path,
    pictures: Path,
    device: str,
    precision: str,
    shared: bool,
    threads: int,
) -> None:
    """Write what each model was given and what it says of each picture, and note what is odd.

    Parameters
    ----------
    models
        Name → weights and card.
    images, pixels
        Table of the images, and the folder with their PNGs.
    frames
        Sizes of frames that are known already; see `zollstock.inference.given.sizes_of_frames`.
    given, pictures
        The CSVs that are written: a row a model, a row a picture and model.
    device, precision, shared, threads
        How the models are run; see `zollstock.inference.run.Runner`.

    Raises
    ------
    ZollstockError
        If a model cannot be run on the pictures.
    """
    torch.set_num_threads(threads)
    records = read_table(images, pixels)
    sizes = sizes_of_frames(frames, records)
    # Said here, since each property's job would say it again.
    if None in frames and (note := size_note(records)):
        print(f"note: {note}", file=sys.stderr)
    rows, of_pictures = [], []
    with Progress("trying models", len(models) * len(records), "pictures") as count:
        for name, (weights, card) in models.items():
            try:
                model = load_model(weights, card)
                how: dict[str, Any] = {"device": device, "precision": precision, "shared": shared}
                runner = Runner(model, batch_size=1, **how)
                found, warnings = answers(runner, records, sizes, count)
            except ZollstockError as error:
                raise _of_model(error, name) from None
            warnings += notices(found)
            for warning in warnings:
                print(f"note: {name}: {warning}", file=sys.stderr)
            rows.append(row_of_model(name, read_json(card), found, warnings))
            of_pictures += rows_of_pictures(name, records, found)
    pd.DataFrame(rows).to_csv(given, index=False)
    pd.DataFrame(of_pictures, columns=list(PICTURES)).to_csv(pictures, index=False)


def _of_model(error: ZollstockError, name: str) -> ZollstockError:
    """Return an error with the model's name in it."""
    where = error.where.replace("models: ", f"models.{name}.", 1)
    if where == error.where and name not in where:
        where = f"models.{name}, {where}"
    return ZollstockError(where, error.found, error.expected, error.fix)
