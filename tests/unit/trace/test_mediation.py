"""Sets that are cut and kept: closed forms, ends, and interactions."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.unit.trace.nets import NETS, build
from zollstock.errors import ZollstockError
from zollstock.trace.first_order import first_order
from zollstock.trace.holding import Candidates, counted, ranked_sets
from zollstock.trace.layers import find_wiring
from zollstock.trace.mediation import mediate, mediation_curve, random_sets
from zollstock.trace.network import follow_class
from zollstock.trace.units import find_sites


class Gate(nn.Module):
    """Two units of four, joined by a function."""

    def __init__(self, join):
        super().__init__()
        self.units, self.join = nn.Linear(4, 4, bias=False), join
        self.units.weight.data = torch.eye(4)

    def forward(self, x):
        a = self.units(x)
        return torch.stack([self.join(a), -self.join(a)], 1)


def rising(n=3):
    """All four units go from 0 to 1, at image n to n + 1."""
    return torch.stack([torch.tensor([[0.0] * 4, [k + 1.0] * 4]) for k in range(n)]).double()


def gate(join, sets):
    network = follow_class(Gate(join).double().eval(), 0)
    frames = rising()
    wiring = find_wiring(network, frames[:, 1])
    sites = tuple(find_sites(network, frames[:, 1], wiring))
    return mediate(network, frames, Candidates(sites), torch.tensor(sets, dtype=torch.bool))


SETS = [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]]


def test_where_effects_add_up_there_is_no_interaction():
    found = gate(lambda a: a @ torch.tensor([1.0, 2, 3, 4], dtype=a.dtype), SETS)
    scale = np.arange(1, 4)
    np.testing.assert_allclose(found.whole, 10 * scale)
    np.testing.assert_allclose(found.keep, np.outer([1, 3, 7, 10], scale))
    np.testing.assert_allclose(found.cut, np.outer([9, 7, 3, 0], scale))
    np.testing.assert_allclose(found.none, 0)
    np.testing.assert_allclose(found.interaction, 0, atol=1e-12)
    np.testing.assert_allclose(found.faithfulness, [0.1, 0.3, 0.7, 1])
    np.testing.assert_allclose(found.removed, [0.1, 0.3, 0.7, 1])


def test_of_two_ways_of_which_one_is_enough_a_cut_loses_nothing():
    found = gate(lambda a: torch.maximum(a[:, 0], a[:, 1]), SETS)
    np.testing.assert_allclose(found.removed, [0, 1, 0, 1])
    np.testing.assert_allclose(found.faithfulness, [1, 1, 0, 1])
    np.testing.assert_allclose(found.interaction[0], -np.arange(1, 4))


def test_where_both_are_needed_keeping_one_gives_nothing():
    found = gate(lambda a: torch.minimum(a[:, 0], a[:, 1]), SETS)
    np.testing.assert_allclose(found.removed, [1, 1, 0, 1])
    np.testing.assert_allclose(found.faithfulness, [0, 1, 0, 1])
    np.testing.assert_allclose(found.interaction[0], np.arange(1, 4))


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("edges", [False, True])
def test_nothing_held_is_the_score_and_all_held_is_none(name, edges):
    module, inputs = build(name)
    network = follow_class(module, 0)
    frames = torch.stack([inputs, inputs.flip(0)], 1)[:3]
    wiring = find_wiring(network, inputs)
    sites = tuple(find_sites(network, inputs, wiring))
    candidates = Candidates(layers=wiring.layers) if edges else Candidates(sites)
    sets = torch.zeros(3, candidates.count, dtype=torch.bool)
    sets[1] = True
    sets[2] = random_sets(candidates.count, 0.4, 1, name)[0]
    found = mediate(network, frames, candidates, sets)
    score = (network.values(frames[:, 1]) - network.values(frames[:, 0])).numpy()
    np.testing.assert_allclose(found.whole, score)
    np.testing.assert_allclose(found.none, 0, atol=1e-9)
    np.testing.assert_allclose(found.cut[0], score)
    np.testing.assert_allclose(found.keep[0], 0, atol=1e-9)
    np.testing.assert_allclose(found.cut[1], 0, atol=1e-9)
    np.testing.assert_allclose(found.keep[1], score)
    assert not np.allclose(found.cut[2], score)
    one = mediate(network, frames[:1], candidates, sets)  # one image alone
    np.testing.assert_allclose(one.cut, found.cut[:, :1])
    whole = mediate(network, frames, candidates, sets, only_ends=False, rows=5)
    np.testing.assert_allclose(whole.keep, found.keep, atol=1e-12)


def test_a_unit_s_edges_out_hold_as_much_as_the_unit():
    module, inputs = build("lenet")
    network = follow_class(module, 0)
    frames = torch.stack([inputs, inputs.flip(0)], 1)
    wiring = find_wiring(network, inputs)
    sites = find_sites(network, inputs, wiring)
    unit = torch.zeros(1, 120, dtype=torch.bool)
    busy = int(network_slopes(network, frames, sites[2]).abs().argmax())
    unit[0, busy] = True
    held = mediate(network, frames, Candidates((sites[2],)), unit)
    edges = torch.zeros(1, 84, 120, dtype=torch.bool)
    edges[0, :, busy] = True
    same = mediate(network, frames, Candidates(layers=(wiring.layers[3],)), edges.flatten(1))
    np.testing.assert_allclose(held.cut, same.cut)
    assert not np.allclose(held.cut[0], held.whole)


def network_slopes(network, frames, site):
    return first_order(network, frames[0], [site]).units_mean[site.name]


def test_a_curve_of_what_adds_up_has_the_areas_that_it_must():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.units = nn.Linear(10, 10, bias=False)
            self.units.weight.data = torch.eye(10)

        def forward(self, x):
            return self.units(x) @ torch.tensor([[1.0], [0]]).T.repeat(10, 1).double()

    network = follow_class(Sum().eval().double(), 0)
    frames = torch.stack([torch.zeros(2, 10), torch.eye(10)[:2] * 0 + 1], 1).double()
    frames[:, 1, 3:] = 0  # three units carry all
    sites = tuple(find_sites(network, frames[:, 1], find_wiring(network, frames[:, 1])))
    scores = torch.arange(10.0).flip(0)
    sizes = [0.1, 0.2, 0.3, 0.5, 1.0]
    found = mediation_curve(network, frames, Candidates(sites), scores, 1, sizes=sizes)
    np.testing.assert_allclose(found.mediated.faithfulness, [1 / 3, 2 / 3, 1, 1, 1])
    assert found.cpr == pytest.approx(0.85) and found.cmd == pytest.approx(0.15)
    assert found.p_keep[2] <= 0.1
    # There is no other set of all.
    assert np.isnan([found.p_keep[4], found.p_cut[4], found.q_keep[4], found.q_cut[4]]).all()
    again = mediation_curve(network, frames, Candidates(sites), scores, 1, sizes=sizes[::-1])
    np.testing.assert_array_equal(again.p_cut, found.p_cut)
    low, high = found.intervals(1)[0]
    assert low == pytest.approx(2) and high == pytest.approx(2)
    some = slice(0, 4)
    assert (found.q_cut[some] >= found.p_cut[some]).all()
    assert (found.q_keep[some] >= found.p_keep[some]).all()


def test_sets_are_of_the_size_that_they_say():
    sets = ranked_sets(torch.tensor([3.0, 1.0, 2.0, 2.0]), [0, 0.01, 0.5, 0.75, 1])
    expected = [[0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0], [1, 0, 1, 1], [1, 1, 1, 1]]
    assert sets.int().tolist() == expected
    drawn = random_sets(40, 0.1, 6, "a")
    assert drawn.sum(1).tolist() == [4] * 6 and len({tuple(row.tolist()) for row in drawn}) > 1
    assert torch.equal(drawn, random_sets(40, 0.1, 6, "a"))
    with pytest.raises(ZollstockError, match="0 to 1"):
        counted(1.5, 3)


def test_mistakes_are_said():
    with pytest.raises(ZollstockError, match="one of them"):
        Candidates()
    with pytest.raises(ZollstockError, match=r"\(K, 4\)"):
        gate(lambda a: a[:, 0], [[1, 0]])
    network = follow_class(Gate(lambda a: a[:, 0]).double().eval(), 0)
    sites = tuple(find_sites(network, rising()[:, 1], find_wiring(network, rising()[:, 1])))
    with pytest.raises(ZollstockError, match="S ≥ 2"):
        mediate(network, rising()[:, :1], Candidates(sites), torch.ones(1, 4, dtype=torch.bool))
