"""The tables of the stage `trace`: their columns, behind ``model``."""

from collections.abc import Mapping

TABLES: Mapping[str, tuple[str, ...]] = {
    # The model's layers, in the order of their calls.
    "layers": ("place", "layer", "units", "inputs", "depthwise"),
    # Per property: see `zollstock.trace.shares`.
    "units": (
        *("property", "layer", "kind", "unit", "n", "share", "low", "high", "p", "q", "exact"),
    ),
    "edges": ("property", "parents", "parent", "layer", "unit", "share"),
    "cuts": (
        *("property", "image", "after", "change", "variation", "error", "residual"),
        *("intervals", "complete"),
    ),
    # See `zollstock.trace.patches`; places are shares of the frames here, of which an input may be
    # a part.
    "patches": ("property", "layer", "unit", "image", "effect", "y", "x", "side"),
    # See `zollstock.trace.circuits.curve_table`.
    "mediation": (
        *("property", "of", "method", "size", "count", "found_on", "images", "held_out", "whole"),
        *("removed", "low", "high", "random_mean", "random_low", "random_high", "p_cut", "q_cut"),
        *("kept", "kept_low", "kept_high", "random_kept_mean", "random_kept_low"),
        *("random_kept_high", "p_keep", "q_keep", "interaction", "cpr", "cmd"),
    ),
    # With a property's best units at their mean over the split's pictures.
    "accuracy": ("property", "split", "n", "count", "before", "after", "random"),
    # Per class: see `zollstock.trace.classes`.
    "graphs": (
        *(
            "class",
            "index",
            "rule",
            "split",
            "images",
            "judged",
            "held_out",
            "nodes",
            "units",
            "keep",
        ),
        *("random_keep", "remove", "random_remove", "fallbacks"),
    ),
    # What the edges of graphs do, class by class and, without a name, of all classes at once: see
    # `zollstock.trace.graph_worth`.
    "effects": (
        *("class", "images", "edges", "whole", "kept", "removed", "random_kept", "random_removed"),
    ),
    "nodes": ("class", "layer", "unit", "effect", "share", "p", "q"),
    "stability": (
        *("class", "layer", "kind", "strength", "jaccard", "appearance", "selected", "size"),
    ),
    # See `zollstock.trace.attributions`: a row an image, method and measure, then their means.
    "attributions": ("class", "index", "image", "method", "measure", "value"),
    "attribution_ranking": (
        *("measure", "method", "n", "mean", "low", "high", "apart", "apart_low", "apart_high"),
    ),
}
AS_CSV = ("mediation", "accuracy", "graphs", "effects", "stability", "attribution_ranking")
"""Written as CSV once all models are joined; the others are long, and Parquet."""

FILES: Mapping[str, str] = {
    name: f"{name}.{'csv' if name in AS_CSV else 'parquet'}" for name in TABLES
}
"""Table of all models → its file."""
