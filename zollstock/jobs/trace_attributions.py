"""Maps of the images that judge causal graphs: by the graphs, and by methods of `locate`."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zollstock.errors import ZollstockError
from zollstock.ids import safe_id
from zollstock.images.table import save_png
from zollstock.jobs.tracing import TracedModel
from zollstock.locate.classifier import Asking
from zollstock.locate.differentiable import GradientModel
from zollstock.locate.evaluation.curves import Predict
from zollstock.locate.evaluation.stability import Attribute
from zollstock.locate.gradients import gradient_maps
from zollstock.locate.kept import KeptMaps, made_by
from zollstock.locate.perturbation import perturb
from zollstock.progress import Progress
from zollstock.seeds import rng_for
from zollstock.trace.attributions import (
    Frames,
    JudgedMaps,
    Map,
    graph_attribute,
    judge_maps,
    pictures_of,
    rank_maps,
    rows_of,
)
from zollstock.trace.graph_maps import graph_maps, random_graph
from zollstock.trace.graph_worth import Found
from zollstock.trace.maps import GRAPH, MAPS, PICTURES, RANDOM_GRAPH


def trace_attributions(
    traced: TracedModel,
    model: str,
    found: Sequence[Found],
    settings: Mapping[str, Any],
    seed: int,
    folder: Path,
) -> dict[str, list[pd.DataFrame]]:
    """Return the tables ``attributions`` and ``attribution_ranking``; maps are written.

    Parameters
    ----------
    traced, model
        The model, and its name.
    found
        The graphs of its classes.
    settings
        ``methods``, ``images`` and ``layer``; see
        `zollstock.settings.trace.attribution.AttributionSettings.job_settings`.
    seed
        Of the study.
    folder
        What is written: pictures (PNG), and their maps (Zarr), by class.
    """
    if not found:
        return {}
    network = traced.following(found[0].index, "logit:predicted").network
    asking = Asking(network.model, network.device)
    several: list[tuple[Found, int, JudgedMaps]] = []
    refused: dict[str, str] = {}
    total = sum(len(one.judged_on[: settings["images"]]) for one in found)
    with Progress(f"maps from graphs, {model}", total, "pictures") as done:
        for one in found:
            graphs = _graphs(traced, model, one, settings["layer"], seed)
            follow = traced.following(one.index, "logit:predicted")
            predict = _likely(traced.following(one.index, "predicted"))
            pictures = pictures_of(one.judged_on[: settings["images"]])
            for number, picture in enumerate(pictures if graphs else []):
                named = (seed, "attribution", one.name, number)
                methods = graphs | {
                    method["name"]: _attribute(method, follow, asking, named)
                    for method in settings["methods"]
                    if method["name"] not in refused
                }
                judged = judge_maps(methods, predict, picture, *named)
                refused |= judged.refused
                several.append((one, number, judged))
                _keep(folder, one, number, picture, judged)
                done(1)
    for name, reason in refused.items():
        print(f"note: {model}: no maps by {name}: {reason}", file=sys.stderr)
    table = pd.DataFrame(
        [
            {"class": one.name, "index": one.index, "image": number} | row
            for one, number, judged in several
            # A method that failed on one image is not compared on the others.
            for row in rows_of(judged, [name for name in judged.values if name not in refused])
        ]
    )
    if not len(table):
        return {}
    ranking = rank_maps(table, seed, model)
    return {"attributions": [table], "attribution_ranking": [ranking]}


def _likely(model: GradientModel) -> Predict:
    """Return what a model says of pictures, by which maps are judged."""
    return lambda frames: model.values(model.pixels(frames))


def _graphs(
    traced: TracedModel, model: str, one: Found, layer: str | None, seed: int
) -> dict[str, Attribute]:
    """Return what makes maps from a class's graph and from a random one; none if it has none."""
    wiring = traced.wiring
    if layer is not None:
        wiring.place(layer)  # which says what there is
    network = traced.follow_class(one.index)
    random = random_graph(one.graph, wiring, seed, "attribution", one.name)
    size = (int(one.judged_on.shape[1]), int(one.judged_on.shape[2]))
    try:
        maps = [graph_maps(network, one.judged_on[:1], wiring, one.graph, size, layer)]
        # The random graph's are of the same layer, whichever it is.
        maps.append(graph_maps(network, one.judged_on[:1], wiring, random, size, maps[0].layer))
    except ZollstockError as reason:
        print(f"note: {model}: no maps from the graph of {one.name}: {reason}", file=sys.stderr)
        return {}
    pixels = traced.following(one.index, "logit:predicted").pixels
    make = partial(graph_attribute, network, wiring, inputs_of=pixels, layer=maps[0].layer)
    return {GRAPH: make(one.graph), RANDOM_GRAPH: make(random)}


def _attribute(
    method: Mapping[str, Any], follow: GradientModel, asking: Asking, named: tuple[object, ...]
) -> Attribute:
    """Return a method of `locate` as a function of pictures."""
    settings = method["settings"]
    if method["kind"] == "gradient":
        return lambda frames: gradient_maps(follow, frames, settings, int(str(named[0])))
    classifier = asking.followed(follow)
    rest = {key: value for key, value in settings.items() if key != "attribute"}

    def perturbed(frames: Frames) -> Map:
        # Equal samples for a picture and its noisy copies.
        found = [
            perturb(
                frame, classifier, rest, {"map": settings["attribute"]}, rng_for(*named)
            ).map_of("map", method["per"])
            for frame in frames
        ]
        return np.stack(found)

    return perturbed


def _keep(folder: Path, one: Found, number: int, picture: Frames, judged: JudgedMaps) -> None:
    name = f"{one.index}-{safe_id(one.name)}"
    place = folder / PICTURES / name
    place.mkdir(parents=True, exist_ok=True)
    save_png(picture, place / f"{number}.png")
    maps = np.stack(list(judged.maps.values()))
    mark = made_by(image=str(number), name=name)
    KeptMaps(folder / MAPS).write(name, str(number), maps, list(judged.maps), mark)
