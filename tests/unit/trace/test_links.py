"""Edges of a skip are apart from those that it goes past."""

import pytest
import torch
from torch import nn

from tests.unit.trace.nets import build
from zollstock.errors import ZollstockError
from zollstock.trace.edges import each_edge, received_through
from zollstock.trace.effects import edge_effects
from zollstock.trace.first_order import first_order
from zollstock.trace.layers import INPUT, find_wiring
from zollstock.trace.links import joined_links, link_effects
from zollstock.trace.network import follow_class
from zollstock.trace.units import read


class Skipping(nn.Module):
    """The last layer reads the input, the first and the second layer."""

    def __init__(self, act=None):
        super().__init__()
        torch.manual_seed(0)
        self.one, self.two, self.three = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 3)
        self.act = act or nn.Identity()

    def forward(self, x):
        first = self.one(x)
        return self.three(self.act(self.two(first.tanh()) + first + x))


def traced(act=None):
    network = follow_class(Skipping(act).double().eval(), 1)
    frames = torch.randn((4, 4), generator=torch.Generator().manual_seed(1)).double()
    return network, frames, find_wiring(network, frames)


@pytest.mark.parametrize("act", [None, nn.ReLU()])
def test_behind_a_linear_layer_they_are_exact(act):
    network, frames, wiring = traced(act)
    found = link_effects(network, frames, wiring)
    assert [link.source for link in found] == [INPUT, 0, 1]
    last = wiring.layers[2]
    for link, effects in found.items():
        source = frames[:1]
        if link.source != INPUT:
            place = wiring.layers[link.source].returned
            source = read(network, frames, [place])[place][:1]
        got = received_through(network, frames[-1:], wiring, link, source)
        exact = edge_effects(network, frames[-1:], last, received=got).effects[:, 0]
        rows, columns = each_edge(last).T
        torch.testing.assert_close(effects.mean[rows, columns], exact)
        assert bool(effects.mean[1].abs().sum() > 0) and not effects.mean[[0, 2]].any()


def test_through_a_sum_they_add_up_and_behind_an_activation_they_need_not():
    for act, same in ((None, True), (nn.ReLU(), False)):
        network, frames, wiring = traced(act)
        last = wiring.layers[2]
        whole = first_order(network, frames, layers=[last])
        found = link_effects(network, frames, wiring).values()
        for total, wanted in (
            (sum(one.path for one in found), whole.edges_path["three"]),
            (sum(one.mean for one in found), whole.edges_mean["three"]),
        ):
            assert torch.allclose(total, wanted) == same


def test_the_links_of_a_real_network():
    module, inputs = build("convmixer")
    network = follow_class(module, 0)
    frames = torch.stack([inputs[0], inputs[0] * 0.9 + inputs[1] * 0.1])
    wiring = find_wiring(network, frames)
    found = link_effects(network, frames, wiring)
    assert any(link.skip for link in found) and set(found) == set(joined_links(wiring))
    for target in {link.target for link in found}:
        layer = wiring.layers[target]
        whole = first_order(network, frames, layers=[layer]).edges_path[layer.name]
        total = sum(one.path for link, one in found.items() if link.target == target)
        torch.testing.assert_close(total, whole)  # its sums reach the next layer as they are
    assert link_effects(network, frames, wiring, []) == {}
    with pytest.raises(ZollstockError, match="two frames or more"):
        link_effects(network, frames[:1], wiring)
