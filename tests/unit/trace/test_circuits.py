"""Sets that are held, over images that follow different classes; what is left of accuracy."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.unit.trace.nets import build
from zollstock.trace.circuits import accuracy_without, curve_of, curve_table, mean_move, ranked
from zollstock.trace.holding import Candidates, ranked_sets
from zollstock.trace.layers import find_wiring
from zollstock.trace.mediation import Curve, Mediated, mediate, mediation_curve
from zollstock.trace.network import follow_class
from zollstock.trace.shares import Traced
from zollstock.trace.tables import TABLES
from zollstock.trace.units import find_sites

SIZES = [0.5, 0.1, 1.0]


class Net(nn.Module):
    """Six units, added up for each of three classes."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.units, self.head = nn.Linear(5, 6), nn.Linear(6, 3)

    def forward(self, x):
        return self.head(self.units(x).tanh())


def inside(module, inputs):
    network = follow_class(module, 0)
    wiring = find_wiring(network, inputs)
    sites = find_sites(network, inputs, wiring)
    return wiring, Candidates(tuple(s for s in sites if s.place != wiring.layers[-1].returned))


@pytest.fixture
def net():
    """A network, paths of which class 0, 1 and 0 are followed, and its units."""
    module = Net().double().eval()
    generator = torch.Generator().manual_seed(1)
    frames = torch.rand((3, 4, 5), generator=generator, dtype=torch.float64)
    zero, one = follow_class(module, 0), follow_class(module, 1)
    paths = [Traced(f"i{n}", kind, frames[n]) for n, kind in enumerate((zero, one, zero))]
    return module, paths, inside(module, frames[0])[1]


def test_of_images_that_follow_one_class_it_is_the_curve_of_mediation(net):
    _, paths, candidates = net
    scores = torch.arange(6.0)
    same = [paths[0], paths[2]]
    found = curve_of(same, candidates, scores, 1, "fur", sizes=SIZES, draws=4)
    expected = mediation_curve(
        same[0].network,
        torch.stack([path.frames for path in same]),
        candidates,
        scores,
        1,
        "fur",
        sizes=SIZES,
        draws=4,
        statistic=mean_move,
        only_ends=False,
    )
    assert found.sizes == expected.sizes == (0.1, 0.5, 1.0)
    for one, other in zip(
        (found.mediated, *found.random), (expected.mediated, *expected.random), strict=True
    ):
        for name in ("whole", "none", "cut", "keep"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name))


def test_what_is_removed_and_kept_is_what_a_loop_over_images_and_frames_says(net):
    module, paths, candidates = net
    scores = torch.tensor([0.0, 5, 1, 4, 2, 3])
    table = curve_table(
        curve_of(paths, candidates, scores, 1, sizes=[0.5], draws=3), candidates, 1
    ).iloc[0]
    best = torch.tensor([False, True, False, True, False, True])

    def move(path, held):
        """The mean change per step with some units at their values at the start."""
        index = {id(paths[0].network): 0, id(paths[1].network): 1}[id(path.network)]
        with torch.no_grad():
            start = module.units(path.frames[:1])
            a = torch.where(held, start, module.units(path.frames))
            series = module.head(a.tanh())[:, index]
        return float(series.diff().abs().mean())

    nothing = torch.zeros(6, dtype=torch.bool)
    whole = np.array([move(path, nothing) for path in paths])
    cut = np.array([move(path, best) for path in paths])
    keep = np.array([move(path, ~best) for path in paths])
    assert table["images"] == 3 and table["count"] == 3
    assert table["whole"] == pytest.approx(whole.mean())
    assert table["removed"] == pytest.approx(1 - cut.mean() / whole.mean())
    assert table["kept"] == pytest.approx(keep.mean() / whole.mean())
    assert table["interaction"] == pytest.approx((whole - cut - keep).mean() / whole.mean())
    assert table["low"] <= table["removed"] <= table["high"]
    assert table["kept_low"] <= table["kept"] <= table["kept_high"]
    assert set(table.index) | {"property", "of", "method", "found_on", "held_out"} == {
        *TABLES["mediation"]
    }


def test_images_with_fewer_frames_are_held_on_their_own(net):
    _, paths, candidates = net
    short = Traced("short", paths[0].network, paths[0].frames[:2])
    scores = torch.arange(6.0)
    both = curve_of([paths[0], short], candidates, scores, 1, sizes=[0.5], draws=2).mediated
    for place, path in enumerate((paths[0], short)):
        one = mediate(
            path.network,
            path.frames[None],
            candidates,
            ranked_sets(scores, [0.5]),
            statistic=mean_move,
            only_ends=False,
        )
        np.testing.assert_allclose(both.whole[place], one.whole[0])
        np.testing.assert_allclose(both.cut[:, place], one.cut[:, 0])


def test_one_image_has_no_interval(net):
    _, paths, candidates = net
    curve = curve_of(paths[:1], candidates, torch.arange(6.0), 1, sizes=SIZES, draws=2)
    table = curve_table(curve, candidates, 1)
    assert table[["low", "high", "kept_low", "kept_high"]].isna().all(axis=None)
    assert np.isfinite(table["removed"]).all() and list(table["count"]) == [1, 3, 6]


def test_a_set_that_takes_the_same_share_of_every_image_is_that_sure():
    whole = np.array([1.0, 2, 4])
    found = Mediated(whole, 0 * whole, 0.25 * whole[None], 0.5 * whole[None])
    null = Mediated(whole, 0 * whole, np.outer([1, 0.5], whole), np.outer([0, 0.1], whole))
    row = curve_table(Curve((0.5,), found, (null,)), Candidates(sites_of(4)), 1).iloc[0]
    for name in ("removed", "low", "high"):
        assert row[name] == pytest.approx(0.75)
    for name in ("kept", "kept_low", "kept_high"):
        assert row[name] == pytest.approx(0.5)
    assert row["interaction"] == pytest.approx(0.25)
    assert row["random_mean"] == pytest.approx(0.25)
    assert row["random_low"] == pytest.approx(0.0125) and row["random_high"] < 0.5
    assert row["random_kept_mean"] == pytest.approx(0.05)
    assert row["p_cut"] == row["p_keep"] == pytest.approx(1 / 3)


def sites_of(count):
    module = nn.Sequential(nn.Linear(1, count), nn.Linear(count, 2)).double().eval()
    return inside(module, torch.rand(1, 1).double())[1].sites


def test_where_no_output_moves_nothing_is_said_to_be_significant(net):
    _, paths, candidates = net
    still = [Traced(one.image, one.network, one.frames[:1].repeat(3, 1)) for one in paths]
    curve = curve_of(still, candidates, torch.arange(6.0), 1, sizes=SIZES, draws=19)
    table = curve_table(curve, candidates, 1)
    assert (table["whole"] == 0).all()
    blank = ["removed", "low", "high", "random_mean", "p_cut", "q_cut", "kept", "random_kept_low"]
    assert table[[*blank, "p_keep", "q_keep", "interaction", "cpr"]].isna().all(axis=None)


def test_sets_that_differ_by_rounding_alone_are_equal():
    whole = np.ones(2)
    best = Mediated(whole, 0 * whole, np.full((1, 2), 0.5), np.full((1, 2), 0.5))
    rounded = 0.5 + np.outer([1e-6, -1e-6, 2e-6], np.ones(2))
    null = Mediated(whole, 0 * whole, rounded, rounded[::-1])
    curve = Curve((0.5,), best, (null,))
    assert curve.p_cut[0] == curve.p_keep[0] == 1


def test_units_and_edges_are_ranked_by_what_the_effect_owes_to_them():
    class Weighed(nn.Module):
        def __init__(self):
            super().__init__()
            self.units, self.head = nn.Linear(3, 3, bias=False), nn.Linear(3, 2, bias=False)
            self.units.weight.data = torch.eye(3)
            self.head.weight.data = torch.tensor([[3.0, 1, -1], [0, 0, 0]])

        def forward(self, x):
            return self.head(self.units(x))

    module = Weighed().double().eval()
    # The first output rises by 3 + 1 − 2, the second falls by 6 − 1.
    ends = torch.tensor([[1.0, 1, 2], [-2, 1, 0]], dtype=torch.float64)
    frames = torch.stack([0 * ends, ends], 1)
    wiring, candidates = inside(module, frames[0])
    network = follow_class(module, 0)
    paths = [Traced(f"i{n}", network, one) for n, one in enumerate(frames)]
    for method in ("eap_ig", "conductance", "exact"):
        found = ranked(paths, candidates, method, 1)
        np.testing.assert_allclose(found, [3 + 6, 0, 2])
        edges = ranked(paths, Candidates(layers=wiring.layers), method, 1)
        np.testing.assert_allclose(edges[:9].reshape(3, 3), np.diag([9, 0, 2]))
        np.testing.assert_allclose(edges[9:], [9, 0, 2, 0, 0, 0])
    still = [Traced("i", network, frames[0][:1].repeat(2, 1))]
    assert (ranked(still, candidates, "eap_ig", 1) == 0).all()


@pytest.mark.parametrize("batch", [128, 7])
def test_accuracy_with_units_at_their_mean_is_that_of_a_network_by_hand(batch):
    module, _ = build("twice")

    def logits(inputs):
        return module(inputs)["logits"]

    generator = torch.Generator().manual_seed(2)
    pictures = 5 * torch.randn((60, 6), generator=generator, dtype=torch.float64)
    with torch.no_grad():
        labels = logits(pictures).argmax(1).numpy()
    labels[:6] = (labels[:6] + 1) % 3
    before = {name: value.clone() for name, value in module.state_dict().items()}
    _, candidates = inside(module, pictures)
    assert candidates.count == 15
    path = Traced("i", follow_class(module, 0), pictures[:2])
    sets = {"none": torch.zeros(15, dtype=torch.bool), "some": torch.arange(15) % 2 == 0}
    sets["all"] = ~sets["none"]
    found = accuracy_without(logits, path, pictures, labels, candidates, sets, batch)
    assert found["none"] == pytest.approx(0.9)

    def by_hand(held):
        """The accuracy with what is read in the network as it is put in place of single units."""
        with torch.no_grad():
            a = module.first(pictures)
            b = module.same(a.relu())
            c = module.same(b.tanh())
            one = torch.where(held[:5], a.mean(0), a)
            two = torch.where(held[5:10], b.mean(0), module.same(one.relu()))
            three = torch.where(held[10:], c.mean(0), module.same(two.tanh()))
            return float((module.head(three).argmax(1).numpy() == labels).mean())

    for name, held in sets.items():
        assert found[name] == pytest.approx(by_hand(held))
    assert found["some"] < found["none"]
    # The network is as it was.
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert not any(one._forward_hooks or one._forward_pre_hooks for one in module.modules())
