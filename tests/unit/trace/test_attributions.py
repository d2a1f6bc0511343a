"""Maps of graphs and methods are judged alike, by what each measure says when called alone."""

import numpy as np
import pandas as pd
import pytest
import torch

from tests.unit.trace.nets import build
from zollstock.errors import ZollstockError
from zollstock.locate.evaluation.robustness import irof, lipschitz
from zollstock.trace.attributions import (
    MEASURES,
    graph_attribute,
    judge_maps,
    pictures_of,
    rank_maps,
    rows_of,
)
from zollstock.trace.graph_effect import graph_effect
from zollstock.trace.graph_maps import graph_maps, random_graph
from zollstock.trace.graph_worth import Found, effect_table
from zollstock.trace.layers import find_wiring
from zollstock.trace.maps import RANDOM_GRAPH
from zollstock.trace.network import follow_class
from zollstock.trace.structure import Graph, Node

NAN = float("nan")
UNITS = [("fc2", 3), ("fc1", 5), ("conv2", 2), ("conv2", 9), ("conv1", 0), ("conv1", 4)]
EDGES = ((1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (6, 4))
SIZE = (32, 32)


def graph_of(index, edges=EDGES):
    nodes = [Node(layer, unit, 1.0, 1.0, NAN, NAN) for layer, unit in [("fc3", index), *UNITS]]
    return Graph(tuple(nodes if edges else nodes[:1]), tuple(edges), {})


@pytest.fixture(scope="module")
def lenet():
    module, inputs = build("lenet", torch.float32)
    network = follow_class(module, 1)
    return network, inputs, find_wiring(network, inputs)


def bright(frames):
    """The followed output: how bright the middle is."""
    return frames[:, 6:10, 6:10].mean((1, 2, 3)) / 255


@pytest.fixture
def picture():
    frame = np.random.default_rng(0).integers(0, 60, (16, 16, 3), dtype=np.uint8)
    frame[6:10, 6:10] = 220
    return frame


def methods():
    good = np.zeros((16, 16))
    good[6:10, 6:10] = 1

    def broken(frames):
        raise ZollstockError("method", "is broken", "a map", "None.")

    return {
        "good": lambda frames: np.repeat(good[None], len(frames), 0),
        "bad": lambda frames: -np.repeat(good[None], len(frames), 0),
        "pixels": lambda frames: frames.mean(-1),
        "broken": broken,
    }


def test_all_are_judged_alike_and_what_is_refused_is_left_out(picture):
    found = judge_maps(methods(), bright, picture, 1, "image")
    assert set(found.maps) == set(found.values) == {"good", "bad", "pixels"}
    assert set(found.refused) == {"broken"} and "is broken" in found.refused["broken"]
    good, bad = found.values["good"], found.values["bad"]
    assert good["srg"] == pytest.approx(good["lif"] - good["mif"])
    assert good["srg"] > 0.3 and bad["srg"] < -0.3 and good["irof"] < bad["irof"]
    assert good["lipschitz"] == 0
    for name, one in found.values.items():
        assert set(one) == set(MEASURES)
        steady = lipschitz(methods()[name], picture, 1, "image")
        alone = irof(bright, picture, found.maps[name], 1, "image")
        assert {key: one[key] for key in steady} == steady
        assert one["irof"] == alone["irof"] and one["irof_raw"] == alone["irof_raw"]
    rows = rows_of(found, ["good", "broken"])
    assert [(row["method"], row["measure"]) for row in rows] == [("good", m) for m in MEASURES]
    # Draws are of the names: methods beside change nothing.
    alone = judge_maps({"pixels": methods()["pixels"]}, bright, picture, 1, "image")
    assert alone.values["pixels"] == found.values["pixels"]


def test_methods_are_held_against_the_random_graph_image_by_image():
    values = {"a": (0.5, 0.7, 0.9), "b": (0.1, 0.2, 0.3), RANDOM_GRAPH: (0.2, 0.2, 0.5)}
    rows = [
        {"index": index, "image": 0, "method": name, "measure": measure, "value": value}
        for measure in ("srg", "irof")
        for name, several in values.items()
        for index, value in enumerate(several)
    ]
    found = rank_maps(pd.DataFrame(rows), 1)
    assert list(found["measure"]) == ["srg"] * 3 + ["irof"] * 3
    # SRG is good if it is high, IROF if it is low.
    assert list(found["method"]) == ["a", RANDOM_GRAPH, "b", "b", RANDOM_GRAPH, "a"]
    first = found.iloc[0]
    assert first["n"] == 3 and first["mean"] == pytest.approx(0.7)
    assert first["apart"] == pytest.approx((0.3 + 0.5 + 0.4) / 3)
    assert first["low"] <= first["mean"] <= first["high"] and first["apart_low"] >= 0.3 - 1e-9
    assert found.loc[found["method"] == RANDOM_GRAPH, "apart"].isna().all()


def test_a_graphs_maps_are_summed_in_batches(lenet):
    network, inputs, wiring = lenet
    graph, frames = graph_of(1), np.zeros((19, *SIZE, 3), np.uint8)
    several = inputs[torch.arange(19) % 4]
    attribute = graph_attribute(network, wiring, graph, lambda given: several[: len(given)])
    wanted = graph_maps(network, several, wiring, graph, SIZE).summed.detach()
    np.testing.assert_allclose(attribute(frames), wanted, rtol=1e-5)
    with pytest.raises(ZollstockError, match="no convolution"):
        graph_attribute(network, wiring, graph_of(1, ()), lambda given: several)(frames)


def test_grey_inputs_are_grey_pictures():
    inputs = torch.tensor([0.0, 128.0, 255.0, 3.0]).reshape(1, 2, 2, 1)
    found = pictures_of(inputs)
    assert found.shape == (1, 2, 2, 3) and found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.repeat(inputs.numpy(), 3, -1))


def test_effects_of_each_class_and_of_all_at_once(lenet):
    network, inputs, wiring = lenet
    # Far from 0, so that the network says several things.
    images = torch.cat([30 * inputs, 30 * (inputs - 0.5)])
    named = network.following_all().answer(images).argmax(1)
    graphs = {index: graph_of(index) for index in (0, 1, 2)}
    found = [
        Found(0, "zero", graphs[0], images[:3]),
        Found(1, "one", graphs[1], images[3:]),
        Found(2, "without", graph_of(2, ()), images),
    ]
    table = effect_table(network, wiring, found, 1, draws=2).set_index("class")
    assert list(table.index) == ["", "zero", "one"]
    for name, index, mine in (("zero", 0, images[:3]), ("one", 1, images[3:])):
        labels = torch.full((len(mine),), index)
        own = graph_effect(network, mine, wiring, graphs[index]).accuracies(labels)
        drawn = [random_graph(graphs[index], wiring, 1, name, draw) for draw in range(2)]
        beside = [graph_effect(network, mine, wiring, one).accuracies(labels) for one in drawn]
        row = table.loc[name]
        assert {key: row[key] for key in own} == own and row["images"] == len(mine)
        assert row["edges"] == len(EDGES)
        assert row["random_kept"] == np.mean([one["kept"] for one in beside])
        assert row["random_removed"] == np.mean([one["removed"] for one in beside])
    assert table.loc["one", "random_kept"] != table.loc["one", "random_removed"]
    every = table.loc[""]
    # Both graphs share all edges but the topmost one.
    assert every["images"] == 8 and every["edges"] == len(EDGES) + 1
    right = (named[:3] == 0).sum() + (named[3:] == 1).sum()
    assert every["whole"] == float(right) / 8
    # One class has no row for all, and without a graph there is none.
    assert list(effect_table(network, wiring, found[:1], 1, draws=1)["class"]) == ["zero"]
    assert effect_table(network, wiring, found[2:], 1, draws=1).empty
