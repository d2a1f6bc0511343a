"""When an image needs no further placebo. Imported by name, where placebos may stop early."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zollstock.jobs.watching import probabilities
from zollstock.scoring.follow import follow_stored
from zollstock.significance.stopping import EarlyStop
from zollstock.significance.targets import hypotheses


def early_stop(
    cfg: Mapping[str, Any],
    predictions: Sequence[str],
    watched: Sequence[str],
    sizes: Sequence[Mapping[str, float]],
    device: str,
) -> EarlyStop:
    """Return what counts the placebos of a job.

    Parameters
    ----------
    cfg
        The job's settings.
    predictions
        Of the edits under test, property by property and model by model.
    watched
        Weights and card of each model in turn.
    sizes
        Image id → size of its edit, one per property.
    device
        Where the models run.
    """
    found = [follow_stored(Path(folder), cfg["output"]) for folder in predictions]
    return EarlyStop(
        hypotheses(found, sizes, cfg["statistic"], cfg["minimum_effect"]),
        probabilities(watched, device),
        cfg["stop_after"],
        cfg["statistic"],
    )
