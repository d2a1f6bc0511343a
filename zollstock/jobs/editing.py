"""How a job runs an image editor. Imported by name, by jobs of properties that have one."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from zollstock.engines.diffusion.base import RunOptions


def run_options(
    options: Mapping[str, Any],
    watched: Sequence[str] = (),
    threads: int | None = None,
    device: str = "cpu",
) -> RunOptions:
    """Return an editor's run options.

    Parameters
    ----------
    options
        How editors are run: the config's `run_options`, which Snakemake does not compare.
    watched
        Weights and card of each model an adaptive path looks at, in turn.
    threads
        Threads of torch; None leaves them.
    device
        Where the models run that a path looks at; the editor's own is one of its options.
    """
    if threads:
        torch.set_num_threads(threads)
    known = dict(options) | {"checkpoints": Path(options["checkpoints"])}
    watch = None
    if watched:
        watch = import_module("zollstock.jobs.watching").probabilities(watched, device)
    return RunOptions(**known, watch=watch)
