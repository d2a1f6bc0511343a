"""Measure what the edits of a property did."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zollstock.images.table import read_table
from zollstock.ledger import edits
from zollstock.ledger.verdict import Thresholds
from zollstock.manifests import read_manifest, store_of
from zollstock.store import PathStore


def measure_edits(
    *,
    manifest: Path,
    images: Path,
    pixels: Path,
    steps: Path,
    verdicts: Path,
    cfg: Mapping[str, Any],
) -> None:
    """Write the edit ledger of one property.

    Parameters
    ----------
    manifest
        Of the property.
    images, pixels
        Table of the images, and the folder with their PNGs.
    steps, verdicts
        The tables that are written: a row per frame, a row per path.
    cfg
        ``meter`` (how the property is measured), ``ledger`` (thresholds), ``world``, and
        ``placebo``, ``known``, ``fit``, ``outside`` and ``closed`` of the property.
    """
    of_steps, of_paths = edits.measure_edits(
        read_manifest(manifest)["images"],
        PathStore(store_of(manifest)),
        read_table(images, pixels),
        settings=cfg["meter"],
        thresholds=Thresholds(**cfg["ledger"]),
        world=cfg["world"],
        placebo=cfg["placebo"],
        known=cfg["known"],
        fit=cfg["fit"],
        outside=cfg["outside"],
        closed=cfg["closed"],
    )
    of_steps.to_csv(steps, index=False, float_format="%.6g")
    of_paths.to_csv(verdicts, index=False, float_format="%.6g")
