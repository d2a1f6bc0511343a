"""Shares of a property's effect: closed forms, whole sums, tests and what has no answer."""

import numpy as np
import pytest
import torch
from scipy.stats import ttest_1samp
from torch import nn

from tests.unit.trace.nets import build
from zollstock.trace.layers import find_wiring
from zollstock.trace.network import follow_class
from zollstock.trace.planted import plant, planted_frames
from zollstock.trace.shares import Traced, property_shares, spread
from zollstock.trace.units import find_sites

SETTINGS = {"tolerance": 0.01, "most": 64, "cuts": 6, "confirm": 8}


class Weighed(nn.Module):
    """Four units that are the input, added up with weights 3, 1, 0 and −1."""

    def __init__(self, rectified=False):
        super().__init__()
        self.units = nn.Linear(4, 4, bias=False)
        self.head = nn.Linear(4, 2, bias=False)
        self.units.weight.data = torch.eye(4)
        self.head.weight.data = torch.tensor([[3.0, 1, 0, -1], [0, 0, 0, 0]])
        self.rectified = rectified

    def forward(self, x):
        x = self.units(x)
        return self.head(x.relu() if self.rectified else x)


def traced(module, frames):
    """One network and the paths of some images, (N, S, …)."""
    network = follow_class(module.double().eval(), 0)
    wiring = find_wiring(network, frames[0].double())
    sites = find_sites(network, frames[0].double(), wiring)
    last = wiring.layers[-1].returned
    paths = [Traced(f"i{n}", network, one.double()) for n, one in enumerate(frames)]
    return paths, wiring, [site for site in sites if site.place != last]


def shares_of(module, frames, **changed):
    return property_shares(*traced(module, frames), 1, "fur", settings=SETTINGS | changed)


def moving(*ends):
    """From 0 to each of some ends in two steps, (N, 3, 4)."""
    ends = torch.tensor(ends, dtype=torch.float64)
    return torch.stack([0 * ends, ends / 2, ends], 1)


def test_shares_are_what_a_sum_says():
    # Changes of the output: 3 + 1 − 2 = 2, and −6 of the second, whose share counts upside down.
    found = shares_of(Weighed(), moving([1, 1, 5, 2], [-2, 0, 1, 0]))
    units = found.units
    np.testing.assert_allclose(units["share"], [9 / 8, 1 / 8, 0, -2 / 8])
    # Of an output that is linear the exact shares are the same ones.
    np.testing.assert_allclose(units["exact"], units["share"], atol=1e-12)
    assert list(units["layer"]) == ["units"] * 4 and list(units["kind"]) == ["neurons"] * 4
    assert list(units["unit"]) == [0, 1, 2, 3] and set(units["n"]) == {2}
    assert (units["low"] <= units["share"]).all() and (units["share"] <= units["high"]).all()
    oriented = np.array([[3, 1, 0, -2], [6, 0, 0, 0]])
    expected = [ttest_1samp(oriented[:, unit], 0).pvalue for unit in (0, 1, 3)]
    np.testing.assert_allclose(units["p"][[0, 1, 3]], expected)
    assert units["p"][2] == 1
    assert (units["q"] >= units["p"]).all()


def test_edges_carry_what_their_unit_hands_on():
    found = shares_of(Weighed(), moving([1, 1, 5, 2], [-2, 0, 1, 0])).edges
    assert list(found["parents"]) == ["units"] * 3 and list(found["layer"]) == ["head"] * 3
    assert list(found["parent"]) == [0, 3, 1] and set(found["unit"]) == {0}
    np.testing.assert_allclose(found["share"], [9 / 8, -2 / 8, 1 / 8])


def test_at_a_layer_through_which_all_goes_shares_sum_to_one():
    module, inputs = build("twice")
    frames = torch.stack([inputs, inputs.flip(0)], 1)[:3]
    found = shares_of(module, frames, most=512, confirm=3)
    sums = found.units.groupby("layer", sort=False)["share"].sum()
    assert list(sums.index) == ["first", "same", "same#2"]
    np.testing.assert_allclose(sums, 1, atol=0.02)
    known = found.units.dropna(subset="exact")
    rest = found.units["share"].abs().drop(known.index)
    assert len(known) == 3 and known["share"].abs().min() >= rest.max()
    assert set(found.cuts["image"]) == {"i0", "i1", "i2"}
    assert (found.cuts["residual"] >= found.cuts["error"].abs() - 1e-12).all()
    assert list(found.cuts["after"][:4]) == ["first", "same", "same#2", "head"]


def test_the_exact_share_is_what_the_end_frame_loses():
    module, frames = plant(3).module, planted_frames(3, 2, 2)
    frames = torch.stack([frames[0], frames[1].flip(0)])  # the second image's output falls
    units = shares_of(module, frames, confirm=3).units
    paths, *_ = traced(module, frames)
    changes = [float(path.network.values(path.frames[[0, -1]]).diff()) for path in paths]
    assert changes[0] > 0 > changes[1]
    for row in units.dropna(subset="exact").itertuples():
        layer, lost = module.get_submodule(row.layer), 0.0
        for path, change in zip(paths, changes, strict=True):
            kept = []
            with torch.no_grad():
                noted = layer.register_forward_hook(lambda _, __, out, kept=kept: kept.append(out))
                module(path.frames[:1])
                noted.remove()

                def put(_, __, out, kept=kept, unit=row.unit):
                    out = out.clone()
                    out[:, unit] = kept[0][:, unit]
                    return out

                end = module(path.frames[-1:])[0, 0]
                handle = layer.register_forward_hook(put)
                lost += np.sign(change) * float(end - module(path.frames[-1:])[0, 0])
                handle.remove()
        assert row.exact == pytest.approx(lost / np.abs(changes).sum())


def test_one_image_is_neither_tested_nor_given_an_interval():
    found = shares_of(Weighed(), moving([1, 1, 5, 2]))
    np.testing.assert_allclose(found.units["share"], [1.5, 0.5, 0, -1])
    assert found.units[["low", "high", "p", "q"]].isna().all(axis=None)
    assert found.units["exact"].notna().all()


def test_an_image_whose_output_stays_weighs_nothing():
    both = shares_of(Weighed(), moving([1, 1, 5, 2], [0, 1, 1, 1])).units
    np.testing.assert_allclose(both["share"], [1.5, 0.5, 0, -1])
    assert both["n"][0] == 2 and both["p"].notna().all()
    # Draws of that image alone have no share, and are left out of the interval.
    assert np.isfinite(both[["low", "high"]]).all(axis=None)


def test_where_no_output_moves_there_are_no_shares():
    found = shares_of(Weighed(), moving([0, 1, 1, 1], [0, 0, 3, 0]))
    assert found.units[["share", "low", "high", "exact"]].isna().all(axis=None)
    assert (found.units["p"] == 1).all() and (found.units["q"] == 1).all()
    assert found.edges["share"].isna().all()
    assert (found.cuts["change"] == 0).all() and found.cuts["complete"].all()


def test_equal_images_leave_no_doubt_and_units_that_tie_stay_apart():
    found = shares_of(Weighed(), moving([1, 3, 0, 0], [1, 3, 0, 0]), confirm=1).units
    np.testing.assert_allclose(found["share"], [0.5, 0.5, 0, 0])
    np.testing.assert_allclose(found["low"], found["high"])
    assert (found["p"][:2] < 1e-100).all() and (found["p"][2:] == 1).all()
    # Of equal shares the first is confirmed.
    assert found["exact"].notna().tolist() == [True, False, False, False]


def test_the_planted_carriers_pass_and_no_other_unit_does():
    planted, frames = plant(0), planted_frames(0, 6)
    units = shares_of(planted.module, frames, confirm=0).units
    for name in ("conv1", "conv2", "fc1"):
        mine = units[units["layer"] == name]
        passed = (mine["q"] <= 0.05).to_numpy()
        np.testing.assert_array_equal(passed, planted.units[name])
        assert mine["share"].sum() == pytest.approx(1, abs=0.02)
    assert units["exact"].isna().all()


def test_units_that_are_independent_of_the_change_seldom_pass():
    class Wide(nn.Module):
        """Of 200 units the first one weighs as much as makes the change."""

        def __init__(self):
            super().__init__()
            self.units, self.head = nn.Linear(200, 200, bias=False), nn.Linear(200, 2, bias=False)
            self.units.weight.data = torch.eye(200)
            self.head.weight.data = torch.stack([torch.ones(200), torch.zeros(200)])
            self.head.weight.data[0, 0] = 1000

        def forward(self, x):
            return self.head(self.units(x))

    generator = torch.Generator().manual_seed(0)
    ends = torch.randn((12, 200), generator=generator)
    units = shares_of(Wide(), torch.stack([0 * ends, ends], 1), confirm=0, cuts=1).units
    assert units["p"][0] < 0.01 and (units["q"][1:] <= 0.05).sum() <= 1
    assert 0.01 < (units["p"][1:] <= 0.05).mean() < 0.1
    assert 0.4 < units["p"][1:].mean() < 0.6


def test_the_same_in_any_order_and_another_interval_with_another_seed():
    frames = moving([1, 1, 5, 2], [-2, 0, 1, 0], [1, 0, 0, 2])
    one, other = shares_of(Weighed(), frames), shares_of(Weighed(), frames.flip(0))
    for column in ("share", "p", "q", "exact"):
        np.testing.assert_allclose(one.units[column], other.units[column])
    again = property_shares(*traced(Weighed(), frames), 1, "fur", settings=SETTINGS)
    assert again.units.equals(one.units)
    counted = []
    property_shares(*traced(Weighed(), frames), 1, "fur", settings=SETTINGS, done=counted.append)
    assert counted == [1, 1, 1]


@pytest.mark.parametrize(
    ("count", "most", "places"),
    [(5, 9, [0, 1, 2, 3, 4]), (5, 2, [0, 4]), (1, 6, [0]), (54, 3, [0, 26, 53]), (9, 1, [0])],
)
def test_cuts_are_spread_over_the_depth(count, most, places):
    assert spread(count, most) == places
