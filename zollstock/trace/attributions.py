"""Maps from causal graphs beside those of other methods, all judged alike.

Methods are asked of the class's logit, which the graph is of, and maps are judged by the class's
probability: SRG, LIF and MIF of pixels, filled with the picture's mean colour; IROF of SLIC
segments, filled alike; and the local Lipschitz estimate, of maps divided by their largest absolute
value and of maps as they are. A random graph of the same size has maps of its own, which are often
much like the graph's: they are the floor.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from zollstock.errors import ZollstockError
from zollstock.locate.evaluation.curves import Pieces, Predict, occlusion_curves
from zollstock.locate.evaluation.robustness import SEGMENTS, irof, lipschitz
from zollstock.locate.evaluation.stability import Attribute
from zollstock.locate.ranking import rank_methods
from zollstock.locate.segments import segments_of
from zollstock.trace.graph_maps import graph_maps
from zollstock.trace.layers import Wiring
from zollstock.trace.maps import RANDOM_GRAPH
from zollstock.trace.network import Network
from zollstock.trace.structure import Graph

Frames = npt.NDArray[np.uint8]
Map = npt.NDArray[np.float32]
BETTER_HIGH, BETTER_LOW = ("srg", "lif"), ("mif", "lipschitz", "lipschitz_raw", "irof", "irof_raw")
MEASURES = (*BETTER_HIGH, *BETTER_LOW)
_STEPS = 10
_BATCH = 16


@dataclass(frozen=True)
class JudgedMaps:
    """The maps of one picture.

    Attributes
    ----------
    maps
        Method → map, (H, W).
    values
        Method → measure → value.
    refused
        Method → why it has no map.
    """

    maps: dict[str, Map]
    values: dict[str, dict[str, float]]
    refused: dict[str, str]


def graph_attribute(
    network: Network,
    wiring: Wiring,
    graph: Graph,
    inputs_of: Callable[[Frames], torch.Tensor],
    layer: str | None = None,
) -> Attribute:
    """Return what makes maps of pictures from a graph, children summed, (n, H, W).

    Parameters
    ----------
    network, wiring
        What the graph is of.
    graph
        The graph.
    inputs_of
        From pictures, uint8 (n, H, W, 3), to the network's inputs.
    layer
        See `zollstock.trace.graph_maps.graph_maps`, which may refuse.
    """

    def attribute(frames: Frames) -> Map:
        size = (int(frames.shape[1]), int(frames.shape[2]))
        with torch.no_grad():
            parts = [
                graph_maps(network, part, wiring, graph, size, layer).summed
                for part in inputs_of(frames).split(_BATCH)
            ]
        return np.asarray(torch.cat(parts).float().cpu().numpy(), np.float32)

    return attribute


def judge_maps(
    methods: Mapping[str, Attribute], predict: Predict, picture: Frames, *seed: object
) -> JudgedMaps:
    """Return the maps of a picture, and what they are worth.

    Parameters
    ----------
    methods
        Name → from pictures, uint8 (n, H, W, 3), to maps, (n, H, W). Those that raise a
        `ZollstockError` are left out.
    predict
        From pictures to the probability by which maps are judged, (n,).
    picture
        uint8, (H, W, 3).
    *seed
        Names the draws; all methods have the same noisy copies.
    """
    maps: dict[str, Map] = {}
    values: dict[str, dict[str, float]] = {}
    refused: dict[str, str] = {}
    for name, attribute in methods.items():
        try:
            found = np.asarray(attribute(picture[None]), np.float32)[0]
            values[name] = lipschitz(attribute, picture, *seed)
        except ZollstockError as reason:
            refused[name] = str(reason)
        else:
            maps[name] = found
    labels = segments_of(picture, {"name": "slic", "number": SEGMENTS, "compactness": 10.0})
    pieces = {name: Pieces.pixels(found) for name, found in maps.items()}
    fills = {"mean": picture.mean((0, 1))[None, None]}
    curves = occlusion_curves(predict, picture, fills, pieces, *seed, steps=_STEPS)
    for name, found in maps.items():
        curve = curves[name, "mean"]
        values[name] |= {"srg": curve.srg, "lif": curve.mean("lif"), "mif": curve.mean("mif")}
        area = irof(predict, picture, found, *seed, labels=labels)
        values[name] |= {"irof": area["irof"], "irof_raw": area["irof_raw"]}
    return JudgedMaps(maps, values, refused)


def rank_maps(judged: pd.DataFrame, *seed: object) -> pd.DataFrame:
    """Return the mean of every measure and method over images, the best method first.

    Parameters
    ----------
    judged
        Rows of ``index`` (of the class), ``image``, ``method``, ``measure`` and ``value``.
    *seed
        Names the draws of the bootstrap.

    Returns
    -------
    DataFrame
        As `zollstock.locate.ranking.rank_methods`, with the random graph as the floor.
    """
    names = judged["index"].astype(str) + "/" + judged["image"].astype(str)
    return rank_methods(
        judged.assign(image=names, model="", fill="", property=""),
        *seed,
        measures=MEASURES,
        better_low=BETTER_LOW,
        against=RANDOM_GRAPH,
    )


def pictures_of(inputs: torch.Tensor) -> Frames:
    """Return inputs of a model of the library, (N, H, W, channels) of 0 to 255, as pictures.

    Of grey ones red, green and blue are the grey, which is the grey of these again.
    """
    whole = inputs.round().clamp(0, 255).to(torch.uint8).cpu().numpy()
    return np.ascontiguousarray(np.broadcast_to(whole, (*whole.shape[:3], 3)))


def rows_of(judged: JudgedMaps, methods: Sequence[str]) -> list[dict[str, Any]]:
    """Return a row a method and measure, of those methods that are named."""
    return [
        {"method": name, "measure": measure, "value": judged.values[name][measure]}
        for name in methods
        if name in judged.values
        for measure in MEASURES
    ]
