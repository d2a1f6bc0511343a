"""What all edits of a property did: the ledger's two tables from its store."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from zollstock.images.table import ImageRecord
from zollstock.ledger.masks import masks_for
from zollstock.ledger.meters import make_meter
from zollstock.ledger.table import judge_path, measure_path
from zollstock.ledger.truth import exact_readings
from zollstock.ledger.verdict import Thresholds
from zollstock.store import PathStore, iterate_paths


def measure_edits(
    entries: Sequence[Mapping[str, Any]],
    store: PathStore,
    images: Sequence[ImageRecord],
    *,
    settings: Mapping[str, Any],
    thresholds: Thresholds,
    world: str,
    placebo: bool,
    known: bool = False,
    fit: str = "stretch",
    outside: bool = False,
    closed: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure every path of a property, a path in memory at a time.

    Parameters
    ----------
    entries, store
        Of the property's manifest, and its store.
    images
        The study's.
    settings
        How the property is measured: meter, clip, mask, direction, keeps_edges.
    thresholds
        From where on a path is flagged.
    world
        The drawn world.
    placebo
        Whether the property should not matter; then it need not be measured.
    known
        Whether what the edit does is known without measuring.
    fit
        How the images were brought to the size of the frames.
    outside
        Whether the property is where the mask is black.
    closed
        Whether the axis closes on itself.

    Returns
    -------
    steps
        Of `zollstock.ledger.table.measure_path`, all paths.
    verdicts
        Of `zollstock.ledger.table.judge_path`, a row per path, with ``reason`` (why it failed)
        and, where a meter reads exact paths, ``exact_low`` and ``exact_high``.
    """
    name = settings["meter"]
    records = {image.id: image for image in images}
    meter = make_meter(name, world, **settings["clip"] or {}) if name else None
    steps, verdicts = [], []
    for entry in entries:
        record = records[entry["image"]]
        path = next((path for _, path in iterate_paths(store, [entry])), None)
        masks = truth = None
        if path is not None:
            height, width = path.frames.shape[1:3]
            masks = masks_for(
                meter.region if meter else None,
                record,
                world=world,
                pattern=settings["mask"],
                height=height,
                width=width,
                fit=fit,
                swapped=outside,
            )
            if meter is not None:
                truth = exact_readings(record, meter, masks, world=world, size=height)
        which = {"image": record.id, "replicate": entry["draw"]}
        rows = measure_path(path, **which, meter=meter, masks=masks)
        verdict = judge_path(
            rows,
            **which,
            meter=name,
            thresholds=thresholds,
            direction=settings["direction"],
            truth=truth,
            keeps_edges=settings["keeps_edges"],
            closed=closed,
        )
        if (placebo or known) and meter is None:
            # What should not matter need not be measured, and what is computed from its knob.
            kept = [flag for flag in verdict["flags"].split(";") if flag != "unmeasured"]
            verdict["flags"] = ";".join(kept)
        steps.append(rows)
        exact = {} if truth is None else {"exact_low": truth.min(), "exact_high": truth.max()}
        verdicts.append(verdict | {"reason": entry.get("failed", "")} | exact)
    return pd.concat(steps), pd.DataFrame(verdicts)
