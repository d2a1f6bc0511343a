"""Trace properties, and classes, through one model."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from zollstock.errors import ZollstockError
from zollstock.ids import safe_id
from zollstock.jobs.locating import FollowedModel, Sources, chosen_images
from zollstock.jobs.trace_attributions import trace_attributions
from zollstock.jobs.tracing import TracedModel
from zollstock.locate.differentiable import Frames
from zollstock.models.data.base import Labels
from zollstock.parquet import write_parquet
from zollstock.progress import Progress
from zollstock.scoring.outputs import Spelled
from zollstock.trace.circuits import accuracy_without, curve_of, curve_table, ranked
from zollstock.trace.classes import class_graph, class_stability, nodes_of
from zollstock.trace.exchange import write_graphml, write_json
from zollstock.trace.graph_worth import Found, effect_table
from zollstock.trace.holding import Candidates, ranked_sets
from zollstock.trace.layers import layer_table
from zollstock.trace.mediation import random_sets
from zollstock.trace.patches import driving_places
from zollstock.trace.shares import Traced, property_shares
from zollstock.trace.tables import TABLES

Labelled = Callable[[], Mapping[str, tuple[Frames, Labels]]]
"""Labelled pictures of each split."""

_TESTED = 1000
_DRIVEN, _PATCHES = 8, 4
_DRAWS = 3


def trace_model(
    *,
    model: str,
    sources: Sources,
    manifests: Mapping[str, Path],
    folder: Path,
    output: Spelled,
    seed: int,
    cfg: Mapping[str, Any],
    device: str,
    shared: bool,
    threads: int,
) -> None:
    """Write the tables of `zollstock.trace.tables.TABLES` of one model, and its graphs.

    Parameters
    ----------
    model
        Its name.
    sources
        Images and model.
    manifests
        Property → manifest of its paths.
    folder
        What is written: a Parquet file a table, ``graphs/`` with each graph as GraphML and as
        JSON, and the maps of `zollstock.jobs.trace_attributions`.
    output
        What is followed.
    seed
        Of the study.
    cfg
        ``trace``, the section, and ``data``, what the model is tested with if it is trained here;
        see `zollstock.plan.tracing.Tracing.job`.
    device, shared, threads
        How the model is run.
    """
    torch.set_num_threads(threads)
    settings = cfg["trace"]
    followed = FollowedModel(sources, output, device=device, shared=shared)
    records = chosen_images(followed.records, settings["images"])
    traced = TracedModel(followed, records, settings["units"], settings["frames"])
    # Drawn when they are first asked for, and once.
    labelled = cache(lambda: traced.labelled(cfg["data"], seed, _TESTED))
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    found["layers"].append(layer_table(traced.wiring.layers))
    graphs = settings["graph"] is not None
    total = len(records) * len(manifests)
    folder.mkdir(parents=True, exist_ok=True)
    with Progress(f"tracing, {model}", total, "paths") as done:
        for name, manifest in manifests.items():
            for table, rows in _of_property(
                traced, name, manifest, settings, seed, labelled, done
            ).items():
                found[table].append(rows.assign(property=name))
    if graphs:
        for table, several in _of_classes(traced, model, settings, seed, labelled, folder).items():
            found[table] += several
    for name, columns in TABLES.items():
        table = pd.concat(found[name], ignore_index=True) if found[name] else pd.DataFrame()
        table = table.assign(model=model).reindex(columns=["model", *columns])
        write_parquet(table, folder / f"{name}.parquet")


def _of_property(
    traced: TracedModel,
    name: str,
    manifest: Path,
    settings: Mapping[str, Any],
    seed: int,
    labelled: Labelled,
    done: Progress,
) -> dict[str, pd.DataFrame]:
    """Return the tables of a property."""
    paths = traced.paths(manifest, name)
    if not paths:
        print(f"note: {name}: no path of the chosen images is finished", file=sys.stderr)
        return {}
    shares = property_shares(
        paths,
        traced.wiring,
        traced.sites,
        seed,
        name,
        settings=settings["conductance"],
        done=done,
    )
    best = shares.units.reindex(shares.units["share"].abs().sort_values(ascending=False).index)
    driven = best[best["kind"] == "channels"].head(_DRIVEN)
    chosen = {str(layer): list(rows["unit"]) for layer, rows in driven.groupby("layer")}
    tables = {
        "units": shares.units,
        "edges": shares.edges,
        "cuts": shares.cuts,
        "patches": traced.in_frames(
            driving_places(paths, traced.sites, chosen, _PATCHES), manifest
        ),
    }
    if settings["mediation"] is not None:
        tables |= _mediated(traced, paths, name, settings["mediation"], seed, labelled)
    return tables


def _mediated(
    traced: TracedModel,
    paths: Sequence[Traced],
    name: str,
    settings: Mapping[str, Any],
    seed: int,
    labelled: Labelled,
) -> dict[str, pd.DataFrame]:
    """Return the curve of a property, and the accuracy with its best units at their mean."""
    by_units = settings["of"] == "units"
    candidates = (
        Candidates(sites=traced.sites) if by_units else Candidates(layers=traced.wiring.layers)
    )
    finds, judges, held_out = traced.halves(paths)
    scores = ranked(finds, candidates, settings["method"], seed)
    curve = curve_of(
        judges,
        candidates,
        scores,
        seed,
        name,
        sizes=settings["sizes"],
        draws=settings["random"],
    )
    table = curve_table(curve, candidates, seed, name).assign(
        of=settings["of"], method=settings["method"], found_on=len(finds), held_out=held_out
    )
    tables = {"mediation": table}
    if by_units:
        share = settings["marked"]
        sets = {
            "as it is": torch.zeros(candidates.count, dtype=torch.bool),
            "best": ranked_sets(scores, [share])[0],
        }
        drawn = random_sets(candidates.count, share, _DRAWS, seed, name)
        sets |= {f"random {draw}": one for draw, one in enumerate(drawn)}
        tables["accuracy"] = _accuracies(traced, paths[0], candidates, sets, labelled)
    return tables


def _accuracies(
    traced: TracedModel,
    path: Traced,
    candidates: Candidates,
    sets: Mapping[str, torch.Tensor],
    labelled: Labelled,
) -> pd.DataFrame:
    rows = []
    for split, (frames, labels) in labelled().items():
        found = accuracy_without(
            traced.logits, path, traced.pixels(frames), labels, candidates, sets
        )
        drawn = [value for key, value in found.items() if key.startswith("random")]
        rows.append(
            {
                "split": split,
                "n": len(labels),
                "count": int(sets["best"].sum()),
                "before": found["as it is"],
                "after": found["best"],
                "random": float(np.mean(drawn)),
            }
        )
    return pd.DataFrame(rows)


def _of_classes(
    traced: TracedModel,
    model: str,
    sections: Mapping[str, Any],
    seed: int,
    labelled: Labelled,
    folder: Path,
) -> dict[str, list[pd.DataFrame]]:
    """Return the tables of the classes' graphs; the graphs, and maps from them, are written."""
    settings, stability = sections["graph"], sections["stability"]
    last = traced.wiring.layers[-1]
    if last.outputs != len(traced.classes):
        raise ZollstockError(
            f"trace.graph: {model}",
            f"its last layer '{last.name}' has {last.outputs} units for {len(traced.classes)} "
            "classes",
            "a layer with a unit for each class, from which a graph grows",
            "Leave trace.graph out for this model.",
        )
    found: dict[str, list[pd.DataFrame]] = {"graphs": [], "nodes": [], "stability": []}
    sets = labelled()
    if not sets:
        print(f"note: {model}: no labelled picture of its classes, so no graph", file=sys.stderr)
        return found
    split, (frames, labels) = next(iter(sets.items()))
    images, few = traced.class_images(frames, labels, settings["classes"], settings["images"])
    if few:
        print(
            f"note: {model}: fewer than two images of {', '.join(few)} are classified right, so "
            "there is no graph of it",
            file=sys.stderr,
        )
    graphs = folder / "graphs"
    graphs.mkdir(parents=True, exist_ok=True)
    several = []
    for one in images:
        network = traced.follow_class(one.index)
        made = class_graph(network, traced.logits, traced.wiring, one, seed, settings=settings)
        several.append(Found(one.index, one.name, made.graph, one.judged_on))
        place = graphs / f"{one.index}-{safe_id(one.name)}"
        write_graphml(made.graph, place.with_name(f"{place.name}.graphml"))
        write_json(made.graph, place.with_name(f"{place.name}.json"))
        named = {"class": one.name}
        judged = (
            made.judged | named | {"index": one.index, "rule": settings["rule"], "split": split}
        )
        found["graphs"].append(pd.DataFrame([judged]))
        found["nodes"].append(nodes_of(made.graph).assign(**named))
        if stability is not None:
            rows = class_stability(
                network, traced.wiring, one, seed, settings=settings, **stability
            )
            found["stability"].append(rows.assign(**named))
    return found | _of_graphs(traced, model, several, sections, seed, folder)


def _of_graphs(
    traced: TracedModel,
    model: str,
    found: Sequence[Found],
    sections: Mapping[str, Any],
    seed: int,
    folder: Path,
) -> dict[str, list[pd.DataFrame]]:
    """Return what the edges of the graphs do, and maps from them if they are asked for."""
    if not found:
        return {}
    settings, draws = sections["attribution"], int(sections["graph"]["random"])
    network = traced.follow_class(found[0].index)
    tables = {"effects": [effect_table(network, traced.wiring, found, seed, draws=draws)]}
    if settings is not None:
        tables |= trace_attributions(traced, model, found, settings, seed, folder)
    return tables
