"""When an image needs no further placebo. Imported by name, where placebos may stop early."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zollstock.images.labels import read_labels
from zollstock.jobs.watching import probabilities
from zollstock.scoring.follow import follow_stored
from zollstock.significance.stopping import EarlyStop
from zollstock.significance.targets import hypotheses


def early_stop(
    cfg: Mapping[str, Any],
    predictions: Sequence[str],
    watched: Sequence[str],
    device: str,
    images: Path,
) -> EarlyStop:
    """Return what counts the placebos of a job.

    Parameters
    ----------
    cfg
        The job's settings.
    predictions
        Of the edits under test, model by model; of properties that share these placebos the
        first.
    watched
        Weights and card of each model in turn.
    device
        Where the models run.
    images
        The table of images, for their labels.
    """
    models = len(watched) // 2
    labels = read_labels(images)
    found = [
        follow_stored(Path(folder), cfg["output"], labels=labels) for folder in predictions[:models]
    ]
    return EarlyStop(
        hypotheses(found, cfg["statistic"], cfg["steps"]),
        probabilities(watched, device),
        cfg["stop_after"],
        cfg["statistic"],
    )
