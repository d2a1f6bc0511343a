"""How much memory jobs ask for, by the weights they load. Standard library only."""

import math
from collections.abc import Iterable
from pathlib import Path

BASE = 3000.0
"""Megabytes for Python with torch, a path, a batch of a small model and the Snakemakes below."""
RUN = 2.5
"""Times its weights that running a model takes: the module is built, filled from the file and
copied to its device; the half is for what one batch holds between layers."""
IMPORT = 4.0
"""Times its weights that importing takes: module, file, the copy that is written, its bytes."""

SMALL = 1000.0
"""Megabytes of weights up to which several models may share a GPU."""
GPU_SLOTS = 4
"""How many may; a job that wants a GPU for itself takes all of them."""


def slots_of_model(weights: float) -> int:
    """Return how many slots of a GPU a model of so many megabytes takes."""
    return 1 if weights <= SMALL else GPU_SLOTS


def weights_of(*files: Path | str | None) -> float:
    """Return the megabytes of a model's weights: the largest of the files that are there, or 0.

    A model may be there as the file that is imported, as what became of it, or not yet.
    """
    sizes = [Path(file).stat().st_size for file in files if file and Path(file).is_file()]
    return max(sizes, default=0) / 1e6


def memory_of_models(weights: Iterable[float], times: float, attempt: int = 1) -> int:
    """Return the megabytes of a job that loads models.

    Parameters
    ----------
    weights
        Megabytes of each model that is held at once.
    times
        How often weights are held: `RUN` or `IMPORT`.
    attempt
        1 for the first try; every further one asks for as much again.
    """
    return math.ceil((BASE + times * sum(weights)) * attempt)
