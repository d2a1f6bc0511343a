"""Maps of a graph are the direct loop's, beside those of a random graph; keep and remove."""

import numpy as np
import pytest
import torch
from scipy.signal import correlate2d
from torch import nn
from torch.nn import functional

from tests.unit.trace.nets import NETS, build
from zollstock.errors import ZollstockError
from zollstock.trace.graph import causal_graph
from zollstock.trace.graph_effect import graph_edges, graph_effect
from zollstock.trace.graph_maps import graph_maps, random_graph
from zollstock.trace.layers import find_wiring
from zollstock.trace.network import Network, follow_class
from zollstock.trace.structure import Graph, Node

NAN = float("nan")


def graph_of(units, edges):
    nodes = tuple(Node(layer, unit, 1.0, 1.0, NAN, NAN) for layer, unit in units)
    return Graph(nodes, tuple(edges), {})


LENET = graph_of(
    [("fc3", 1), ("fc2", 3), ("fc1", 5), ("conv2", 2), ("conv2", 9), ("conv1", 0), ("conv1", 4)],
    [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3), (5, 4)],
)


def traced(name, index=1):
    module, inputs = build(name)
    network = follow_class(module, index)
    return network, inputs, find_wiring(network, inputs)


def test_maps_are_the_direct_loops():
    network, inputs, wiring = traced("lenet")
    found = graph_maps(network, inputs, wiring, LENET, (32, 32))
    assert found.layer == "conv2" and found.children == (2, 9)
    assert found.each.shape == (4, 2, 32, 32)
    before = network.module.conv1(inputs).detach().numpy()  # before ReLU and pooling
    kernels = network.module.conv2.weight.detach().numpy()
    for k, (child, parents) in enumerate({2: (0, 4), 9: (0,)}.items()):
        wanted = np.zeros((4, 32, 32))
        for n in range(4):
            for parent in parents:
                whole = correlate2d(before[n, parent], kernels[child, parent], mode="full")
                likely = np.exp(whole - whole.max())
                wanted[n] += likely / likely.sum() / len(parents)
        np.testing.assert_allclose(found.each[:, k], wanted, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(found.summed, found.each.sum(1))
    shown = found.shown
    assert float(shown.amin()) == -1 and float(shown.amax()) == 1
    half = graph_maps(network, inputs, wiring, LENET, (16, 20), "conv2")
    wanted = functional.interpolate(found.each, (16, 20), mode="bilinear")
    torch.testing.assert_close(half.each, wanted)


@pytest.mark.parametrize("name", ["lenet", "convmixer", "resnet", "convnext"])
def test_maps_of_every_network_with_maps(name):
    network, inputs, wiring = traced(name)
    found = causal_graph(network, inputs, wiring, 1, settings={"level": 1.0, "least": 0.0})
    size = tuple(inputs.shape[2:])
    maps = graph_maps(network, inputs, wiring, found, size)
    assert bool(torch.isfinite(maps.each).all()) and maps.each.shape[2:] == size
    random = random_graph(found, wiring, 0)
    assert graph_maps(network, inputs, wiring, random, size, maps.layer).children == maps.children


def test_a_depthwise_kernel_is_its_own_channels():
    network, inputs, wiring = traced("convmixer")
    depthwise = next(layer for layer in wiring.layers if layer.depthwise)
    source = next(one.source for one in wiring.into(wiring.place(depthwise.name)))
    name = wiring.layers[source].name
    graph = graph_of([(depthwise.name, 5), (name, 5)], [(1, 0)])
    found = graph_maps(network, inputs, wiring, graph, (16, 16))
    module = network.module.get_submodule(depthwise.path)
    value = network.module.get_submodule(wiring.layers[source].path)(inputs)[:, 5:6]
    wanted = functional.conv2d(value, module.weight[5:6], padding=2)
    likely = wanted.flatten(1).softmax(1).reshape(wanted.shape)
    wanted = functional.interpolate(likely, (16, 16), mode="bilinear")
    torch.testing.assert_close(found.each, wanted.detach())


@pytest.mark.parametrize("name", ["lenet", "resnet", "vit"])
def test_a_random_graph_is_of_the_same_size(name):
    network, inputs, wiring = traced(name)
    found = causal_graph(network, inputs, wiring, 1, settings={"level": 0.5, "least": 0.0})
    random = random_graph(found, wiring, 3, "image")
    for layer in wiring.layers:
        units = random.units(layer.name)
        assert len(units) == len(set(units)) == len(found.units(layer.name))
    assert random.nodes[0] == found.nodes[0]
    assert repr(random) == repr(random_graph(found, wiring, 3, "image"))
    assert repr(random) != repr(random_graph(found, wiring, 4, "image"))
    for parent, child in random.edges:
        ends = [wiring.place(random.nodes[one].layer) for one in (parent, child)]
        assert any(link.source == ends[0] and link.aligned for link in wiring.into(ends[1]))


def test_keep_and_remove_are_weights_set_to_0():
    network, inputs, wiring = traced("lenet")
    before = {key: value.clone() for key, value in network.module.state_dict().items()}
    found = graph_effect(network, inputs, wiring, LENET, batch=3)
    module = network.module
    torch.testing.assert_close(found.whole, module(inputs).detach())
    for keep, logits in ((True, found.kept), (False, found.removed)):
        other = build("lenet")[0]
        with torch.no_grad():
            for name, edges in {
                "fc3": [(1, 3)], "fc2": [(3, 5)],
                "fc1": [(5, slice(50, 75)), (5, slice(225, 250))],
                "conv2": [(2, 0), (2, 4), (9, 0)],
            }.items():  # fmt: skip
                weight = other.get_parameter(f"{name}.weight")
                mask = torch.zeros_like(weight)
                for edge in edges:
                    mask[edge] = 1
                weight.mul_(mask if keep else 1 - mask)
        torch.testing.assert_close(logits, other(inputs).detach())
        assert not torch.allclose(logits, found.whole)
    for key, value in module.state_dict().items():
        assert torch.equal(value, before[key])
    labels = found.whole.argmax(1)
    assert found.accuracies(labels)["whole"] == 1
    assert found.accuracies(found.kept.argmax(1))["kept"] == 1
    fewer = graph_of([("fc3", 2), ("fc2", 3)], [(1, 0)])
    both = graph_edges(wiring, [LENET, fewer])
    assert both[wiring.place("fc3")].nonzero().tolist() == [[1, 3], [2, 3]]
    joined = graph_effect(network, inputs, wiring, [LENET, fewer])
    assert not torch.allclose(joined.kept[:, 2], found.kept[:, 2])
    torch.testing.assert_close(joined.kept[:, 1], found.kept[:, 1])


@pytest.mark.parametrize("name", NETS)
def test_every_network_is_kept_and_cut(name):
    network, inputs, wiring = traced(name)
    graph = causal_graph(network, inputs, wiring, 1, settings={"level": 1.0, "least": 0.0})
    found = graph_effect(network, inputs, wiring, graph)
    assert found.kept.shape == found.removed.shape == found.whole.shape
    assert bool(torch.isfinite(found.kept).all()) and not torch.equal(found.removed, found.whole)


def test_mistakes_are_said():
    network, inputs, wiring = traced("lenet")
    with pytest.raises(ZollstockError, match="'fc2', which is none that has parents"):
        graph_maps(network, inputs, wiring, LENET, (32, 32), "fc2")
    with pytest.raises(ZollstockError, match="one of conv1"):
        graph_maps(network, inputs, wiring, LENET, (32, 32), "conv3")
    alone = graph_of([("fc3", 1)], [])
    with pytest.raises(ZollstockError, match="no convolution has parents"):
        graph_maps(network, inputs, wiring, alone, (32, 32))
    with pytest.raises(ZollstockError, match="no edges"):
        graph_effect(network, inputs, wiring, alone)
    with pytest.raises(ZollstockError, match="follow_class"):
        graph_effect(Network(network.module, network.answer), inputs, wiring, LENET)
    linear = nn.Sequential(nn.Linear(6, 5), nn.Linear(5, 3)).double().eval()
    other = follow_class(linear, 0)
    rows = torch.rand(3, 6).double()
    graph = graph_of([("1", 0), ("0", 2)], [(1, 0)])
    with pytest.raises(ZollstockError, match="no convolution"):
        graph_maps(other, rows, find_wiring(other, rows), graph, (4, 4))
