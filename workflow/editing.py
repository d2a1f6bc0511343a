"""How a job runs an image editor. Imported by name, by jobs of properties that have one."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from zollstock.engines.diffusion.base import RunOptions


def run_options(
    cfg: Mapping[str, Any], watched: Sequence[str] = (), threads: int | None = None
) -> RunOptions:
    """Return an editor's run options.

    Parameters
    ----------
    cfg
        The job's settings.
    watched
        Weights and card of each model an adaptive path looks at, in turn.
    threads
        Threads of torch; None leaves them.
    """
    if threads:
        torch.set_num_threads(threads)
    editing = dict(cfg["editing"]) | {"checkpoints": Path(cfg["editing"]["checkpoints"])}
    watch = import_module("workflow.watching").probabilities(watched) if watched else None
    return RunOptions(**editing, watch=watch)
