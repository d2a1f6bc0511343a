"""The tables of the stage `repair`: their columns. Standard library only, as the plan reads it."""

from collections.abc import Mapping

TABLES: Mapping[str, tuple[str, ...]] = {
    # A row a property and repaired model: see `zollstock.repair.before_after`.
    "repairs": (
        *(
            "property",
            "title",
            "placebo",
            "against",
            "penalised",
            "base",
            "method",
            "seed",
            "model",
            "images",
        ),
        *("before", "before_low", "before_high", "before_q", "after", "low", "high", "q"),
        *("lowered", "newly"),
    ),
    # A row a model and split of pictures: see `zollstock.repair.accuracy`.
    "accuracy": (
        *("base", "method", "seed", "model", "split", "n", "accuracy", "low", "high"),
        *("groups", "worst_group", "mean_of_groups", "change", "change_low", "change_high"),
        *("best", "to_best", "to_best_low", "to_best_high"),
    ),
    # A row a training and epoch: see `zollstock.jobs.repair_model`.
    "candidates": (
        *("base", "method", "seed", "model", "number", "settings", "epoch", "accuracy", "epgm"),
        *("excess", "placebo", "p", "worst_group", "chosen", "by_worst_group", "cost"),
    ),
    # A row a repaired model and set of pictures with maps by people: `zollstock.repair.agreement`.
    "agreement": (
        *("base", "method", "seed", "model", "source", "explainer", "pictures", "n", "ceiling"),
        *("before_spearman", "spearman", "before_error", "error"),
    ),
}

OF_CIRCUITS: Mapping[str, tuple[str, ...]] = {
    # A row a repaired model and property: see `zollstock.repair.circuits`.
    "circuits": (
        *("property", "base", "method", "seed", "model", "before", "after", "units_before"),
        *("units_after", "kept", "gained", "lost", "in_kept", "likeness"),
    ),
    # A row a unit of these.
    "units": (
        *("property", "base", "method", "seed", "model", "layer", "kind", "unit"),
        *("before", "before_q", "after", "after_q", "change"),
    ),
}
"""Those of the stage where it traces circuits."""
