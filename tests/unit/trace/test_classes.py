"""Graphs of classes: who finds and judges them, what they are worth, if they are found again."""

import numpy as np
import pytest
import torch

from zollstock.settings.trace.section import GraphSettings
from zollstock.trace.class_images import split_class
from zollstock.trace.classes import (
    class_graph,
    class_stability,
    inner_layers,
    nodes_of,
    same_size,
)
from zollstock.trace.layers import find_wiring
from zollstock.trace.network import follow_class
from zollstock.trace.planted import plant, planted_frames
from zollstock.trace.tables import TABLES


def settings(**changed):
    return GraphSettings(**{"random": 3} | changed).model_dump()


@pytest.fixture(scope="module")
def world():
    """A planted network, its wiring and the images of a class."""
    planted = plant(3)
    pictures = planted_frames(3, 12, 2)
    network = follow_class(planted.module, 0)
    wiring = find_wiring(network, pictures[:1, 1])
    # Of the other class are the same pictures without the property, which is strong here.
    without = pictures[:, 0]
    every = torch.cat([without + 200 * (pictures[:, 1] - without), without])
    images = split_class(every, range(12), 0, "cat", 6, range(12, 24))
    return planted.module, network, wiring, images


@pytest.mark.parametrize("count", range(6))
def test_every_second_image_judges_as_far_as_there_are(count):
    pictures = torch.arange(20.0)[:, None]
    places = [3, 5, 8, 13, 19][:count]
    found = split_class(pictures, places, 1, "dog", 40)
    if count < 2:
        assert found is None
        return
    first, second = found.found_on[:, 0].tolist(), found.judged_on[:, 0].tolist()
    assert found.names == tuple(str(int(one)) for one in first)
    if count < 4:
        assert first == second == places and not found.held_out
    else:
        assert first == places[::2] and second == places[1::2] and found.held_out


def test_no_more_images_are_taken_than_are_wanted():
    found = split_class(torch.arange(50.0)[:, None], range(40), 0, "cat", 3, range(40, 50))
    assert found.found_on[:, 0].tolist() == [0, 2, 4]
    assert found.judged_on[:, 0].tolist() == [1, 3, 5]
    assert found.others[:, 0].tolist() == [40, 44, 49]
    assert found.other_names == ("40", "44", "49")
    alone = split_class(torch.arange(50.0)[:, None], range(40), 0, "cat", 3)
    assert alone.others[:, 0].tolist() == [0, 2, 4] and alone.other_names == alone.names


def test_a_graph_is_judged_by_what_is_left_of_the_class(world):
    module, network, wiring, images = world
    before = {name: value.clone() for name, value in module.state_dict().items()}
    found = class_graph(network, module, wiring, images, 1, settings=settings())
    judged, names = found.judged, ["conv1", "conv2", "fc1"]
    assert judged["nodes"] == sum(len(found.graph.units(name)) for name in names) > 0
    assert judged["units"] == 36 and judged["images"] == judged["judged"] == 6
    assert judged["held_out"] and judged["fallbacks"] == ""

    def right(kept):
        """The network by hand, all other units at 0."""
        with torch.no_grad():
            x = module.conv1(images.judged_on) * kept["conv1"][:, None, None]
            x = torch.nn.functional.avg_pool2d(x.relu(), 2)
            x = module.conv2(x) * kept["conv2"][:, None, None]
            x = torch.nn.functional.avg_pool2d(x.relu(), 2)
            x = module.fc1(x.flatten(1)) * kept["fc1"]
            return float((module.fc2(x.relu()).argmax(1) == 0).double().mean())

    kept = {name: torch.zeros(12, dtype=torch.bool) for name in names}
    for name in names:
        kept[name][found.graph.units(name)] = True
    assert judged["keep"] == right(kept) == 1
    assert judged["remove"] == right({name: ~mask for name, mask in kept.items()}) == 0
    drawn = []
    for draw in range(3):
        chosen = torch.cat([kept[name] for name in names])
        one = same_size(chosen, inner_layers(wiring), "graph", "cat", draw, 1)
        drawn.append(right(dict(zip(names, one.split(12), strict=True))))
    assert judged["random_keep"] == pytest.approx(np.mean(drawn))
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert not any(one._forward_hooks or one._forward_pre_hooks for one in module.modules())


def test_a_random_graph_has_as_many_units_in_each_layer(world):
    layers = inner_layers(world[2])
    assert [layer.name for layer in layers] == ["conv1", "conv2", "fc1"]
    chosen = torch.zeros(36, dtype=torch.bool)
    chosen[[0, 1, 2, 12]] = True
    drawn = [same_size(chosen, layers, "a", draw) for draw in range(5)]
    assert all(one[:12].sum() == 3 and one[12:24].sum() == 1 for one in drawn)
    assert all(one[24:].sum() == 0 for one in drawn)
    assert len({tuple(one.tolist()) for one in drawn}) > 1
    assert torch.equal(drawn[0], same_size(chosen, layers, "a", 0))


@pytest.mark.parametrize(
    ("intervention", "strength"),
    [("hard", 0.0), ("soft", 0.1), ("shrink", 0.5), ("mean", 0.0), ("resampled", 0.0)],
)
@pytest.mark.parametrize("rule", ["paired", "explainn"])
def test_every_intervention_and_rule_makes_a_graph_and_repeats_it(
    world, intervention, strength, rule
):
    module, network, wiring, images = world
    chosen = settings(intervention=intervention, strength=strength, rule=rule, random=1)
    one = class_graph(network, module, wiring, images, 1, settings=chosen)
    again = class_graph(network, module, wiring, images, 1, settings=chosen)
    # NaN is no equal of itself.
    assert repr(one) == repr(again)
    assert 0 <= one.judged["keep"] <= 1 and len(one.graph.nodes) > 1
    found = class_stability(network, wiring, images, 1, settings=chosen, repeats=2, strengths=[0.1])
    assert tuple(found.columns) == TABLES["stability"][1:]
    assert list(found["kind"]) == ["images"] * 3 + ["noise"] * 3
    assert found["jaccard"].between(0, 1).all()


@pytest.mark.parametrize("intervention", ["mean", "resampled"])
def test_what_tells_a_class_from_others_is_found_by_others_values(world, intervention):
    """Pictures of the other class lack the property alone, so that its carriers are the graph."""
    module, network, wiring, images = world
    chosen = settings(intervention=intervention)
    found = class_graph(network, module, wiring, images, 1, settings=chosen)
    for name, carries in plant(3).units.items():
        if name != "fc2":
            assert set(found.graph.units(name)) == {*np.flatnonzero(carries)}


def test_without_noise_a_graph_is_found_again(world):
    _, network, wiring, images = world
    found = class_stability(
        network, wiring, images, 1, settings=settings(), repeats=3, strengths=[0.0, 0.4]
    )
    still = found[(found["kind"] == "noise") & (found["strength"] == 0)]
    assert (still["jaccard"] == 1).all()
    assert set(still["appearance"].dropna()) == {1.0}
    assert (still["selected"] == still["size"]).all() and still["size"].sum() > 0
    assert found.loc[found["kind"] == "images", "strength"].isna().all()
    assert (found["size"] <= found["selected"] + 1e-9).all()


def test_two_images_are_enough_for_a_bootstrap_of_others_values(world):
    """Half of the bootstrap's draws hold one image alone, which then has no other one."""
    _, network, wiring, images = world
    two = split_class(images.found_on, range(2), 0, "cat", 6)
    found = class_stability(
        network,
        wiring,
        two,
        1,
        settings=settings(intervention="resampled"),
        repeats=6,
        strengths=[0.0],
    )
    assert np.isfinite(found["jaccard"]).all()


def test_a_graph_without_parents_is_judged_too(world):
    module, network, wiring, images = world
    found = class_graph(network, module, wiring, images, 1, settings=settings(least=0.999))
    assert found.judged["nodes"] == 0 and len(nodes_of(found.graph)) == 1
    # Nothing is removed, and nothing is left but biases.
    assert found.judged["remove"] == found.judged["random_remove"]
    stable = class_stability(
        network, wiring, images, 1, settings=settings(least=0.999), repeats=2, strengths=[0.0]
    )
    assert stable["appearance"].isna().all() and (stable["selected"] == 0).all()


def test_nodes_are_a_table(world):
    module, network, wiring, images = world
    found = class_graph(network, module, wiring, images, 1, settings=settings())
    table = nodes_of(found.graph)
    assert tuple(table.columns) == TABLES["nodes"][1:]
    assert table.iloc[0]["layer"] == "fc2" and table.iloc[0]["unit"] == 0
    assert table["q"][1:].between(0, 0.05).all()
    assert found.judged.keys() | {"class", "index", "rule", "split"} == {*TABLES["graphs"]}
