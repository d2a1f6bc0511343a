"""The ledger's two tables: a row per step, and a verdict per path."""

from dataclasses import asdict
from typing import Any, Literal

import numpy as np
import pandas as pd

from zollstock.errors import ZollstockError
from zollstock.ledger import collateral
from zollstock.ledger.base import Meter, Series
from zollstock.ledger.masks import MaskSet, region_of
from zollstock.ledger.verdict import Thresholds, flags, movement, without_ends
from zollstock.paths import EditPath, pixel_change
from zollstock.profiles import reference_step

COLUMNS: dict[str, str] = {
    "image": "str",
    "replicate": "int64",
    "step": "int64",
    "axis": "float64",
    "zero": "bool",
    "meter": "str",
    "value": "float64",
    "off_target": "float64",
    "pixel_change": "float64",
    "ssim": "float64",
    "pixel_change_outside": "float64",
    "ssim_outside": "float64",
    "edge_correlation": "float64",
    "edge_correlation_source": "float64",
}
"""Columns of the table per step and their types."""


def measure_path(
    path: EditPath | None,
    *,
    image: str,
    replicate: int = 0,
    meter: Meter | None = None,
    masks: MaskSet | None = None,
) -> pd.DataFrame:
    """Measure what an edit did at each step of one path.

    Parameters
    ----------
    path
        Frames, axis and unedited image; None for a path that could not be made.
    image
        The image's id.
    replicate
        Which of its paths it is.
    meter
        Measures the target; None leaves `value` and `off_target` NaN.
    masks
        Of this image at the size of the frames, with the meter's region; without a meter, or
        with one that needs no mask, `inside` if there is one.

    Returns
    -------
    DataFrame
        One row per step, none for a failed path, with the columns of `COLUMNS`. `zero` marks
        the frame nearest to the unedited image. `pixel_change` and `ssim` compare with that
        image, on the whole and outside the target (NaN without a mask), and so does
        `edge_correlation_source`; `edge_correlation` compares with the frame nearest to it.

    Raises
    ------
    ZollstockError
        If the axis does not rise or fall throughout, or the masks do not fit.
    """
    if path is None or not len(path.frames):
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    _check_axis(path.axis, len(path.frames), image)
    frames, still = path.frames, path.unedited
    changes = pixel_change(frames, still)
    zero = reference_step(changes, path.axis)
    unknown = np.full(len(frames), np.nan)
    target = None
    region = "inside" if meter is None else meter.region
    if masks is not None and region in masks:
        target = region_of(masks, region, frames)
    outside = None if target is None else collateral.outside_of(target)
    ssim, ssim_outside = collateral.similarity(frames, still, outside)
    rows = pd.DataFrame(
        {
            "image": image,
            "replicate": replicate,
            "step": np.arange(len(frames)),
            "axis": path.axis,
            "zero": np.arange(len(frames)) == zero,
            "meter": "" if meter is None else meter.name,
            "value": unknown if meter is None else meter.values(frames, zero, masks),
            "off_target": unknown if meter is None else meter.off_target(frames, masks),
            "pixel_change": changes,
            "ssim": ssim,
            "pixel_change_outside": unknown
            if outside is None
            else pixel_change(frames, still, outside),
            "ssim_outside": ssim_outside,
            "edge_correlation": collateral.edge_correlation(frames, frames[zero]),
            "edge_correlation_source": collateral.edge_correlation(frames, path.unedited),
        }
    )
    return rows.astype(COLUMNS)


def judge_path(
    rows: pd.DataFrame,
    *,
    image: str,
    replicate: int = 0,
    meter: str | None,
    thresholds: Thresholds,
    direction: Literal[-1, 1] | None = None,
    truth: Series | None = None,
    keeps_edges: bool = True,
    closed: bool = False,
) -> dict[str, Any]:
    """Judge one path.

    Parameters
    ----------
    rows
        Of `measure_path`; empty for a failed path.
    image, replicate, meter
        For the table; a failed path has no rows to take them from.
    thresholds
        From where on a path is flagged.
    direction
        +1 if the meter should rise with the axis, −1 if it should fall, None if either will do.
    truth
        The meter's values along an exact path of the same image.
    keeps_edges
        False for a property that moves or turns things: edges then do not stay in their
        place, and `identity_lost` is not raised.
    closed
        Whether the axis closes on itself: then the meter has no net change, no rank along it and
        no flat end, and no flag speaks of them.

    Returns
    -------
    dict
        image, replicate, meter, steps and zero_step; the numbers of
        `zollstock.ledger.verdict.Movement`; collateral (largest pixel change outside),
        ssim_outside (smallest), size and ssim (the same of the whole picture), edge_correlation
        and edge_correlation_source (smallest); flags, joined by ";" in alphabetical order, "" if
        there is none.
    """
    numbers = {
        name: rows[name].to_numpy(np.float64) for name, kind in COLUMNS.items() if kind == "float64"
    }
    zero = int(rows["zero"].to_numpy().argmax()) if len(rows) else -1
    moved = movement(numbers["axis"], numbers["value"], numbers["off_target"], zero, truth)
    if closed:
        moved = without_ends(moved)
    outside = _largest(numbers["pixel_change_outside"])
    edges = _smallest(numbers["edge_correlation"])
    source_edges = _smallest(numbers["edge_correlation_source"])
    if len(rows):
        worst = float(np.fmin(edges, source_edges)) if keeps_edges else float("nan")
        found: list[str] = list(flags(moved, outside, worst, thresholds, direction))
    else:
        found = ["failed"]
    movements = {name: value for name, value in asdict(moved).items() if name != "steps"}
    return {
        "image": image,
        "replicate": replicate,
        "meter": meter or "",
        "steps": len(rows),
        "zero_step": zero,
        **movements,
        "collateral": outside,
        "ssim_outside": _smallest(numbers["ssim_outside"]),
        "size": _largest(numbers["pixel_change"]),
        "ssim": _smallest(numbers["ssim"]),
        "edge_correlation": edges,
        "edge_correlation_source": source_edges,
        "flags": ";".join(found),
    }


def _check_axis(axis: Series, steps: int, image: str) -> None:
    rising = np.diff(axis) * np.sign(axis[-1] - axis[0]) if len(axis) else np.empty(0)
    if len(axis) != steps or not (rising > 0).all():
        raise ZollstockError(
            f"path of {image}",
            f"has {steps} frames and the axis {axis.tolist()}",
            "an axis that rises or falls from frame to frame",
            "Sort the frames by their axis value, each value once.",
        )


def _largest(values: Series) -> float:
    """Return the largest finite value, or NaN."""
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else float("nan")


def _smallest(values: Series) -> float:
    """Return the smallest finite value, or NaN."""
    known = values[np.isfinite(values)]
    return float(known.min()) if len(known) else float("nan")
