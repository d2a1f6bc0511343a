"""Just train twice (Liu et al. 2021): what a first model gets wrong is shown more often.

A baseline that asks for no groups.
"""

from typing import Any

import numpy as np
import torch
from torch import nn

from zollstock.repair.run import Run
from zollstock.seeds import seed_for
from zollstock.trace.network import logits_of

DEFAULTS: dict[str, Any] = {"first": "fresh", "epochs": 1, "factor": 5.0}


def repair(run: Run) -> None:
    """Minimise cross-entropy, where images that a first model gets wrong count `factor` times.

    ``first``: ``fresh`` trains a copy from new weights for ``epochs``; ``given`` takes the model
    itself, which often gets none wrong. The history says how many there were.
    """
    first = run.apart("first")
    if run.settings["first"] == "fresh":
        _renewed(first.module, run)
        first.train(epochs=int(run.settings["epochs"]))
    logits = first.in_batches(lambda x: logits_of(first.module(x)), run.material.images)
    wrong = logits.argmax(1).numpy() != np.asarray(run.material.labels)
    run.history["wrong_at_first"] = int(wrong.sum())
    shares = np.where(wrong, float(run.settings["factor"]), 1.0)
    run.train(shares=shares / shares.sum())


def _renewed(module: nn.Module, run: Run) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(run.seed, "repair", "jtt", "fresh"))
        for part in module.modules():
            renew = getattr(part, "reset_parameters", None)
            if callable(renew):
                renew()
