"""Samplers: how many, how distributed, and that one seed gives one draw."""

from math import comb

import numpy as np
import pytest

import zollstock.locate.samples as registry
from zollstock.entries import known_entries
from zollstock.errors import ZollstockError
from zollstock.locate.samples import draw_samples, number_of
from zollstock.locate.samples.per_sample import probabilities
from zollstock.seeds import rng_for

SETTINGS = {
    "random": {"kept": 0.5, "number": 30},
    "unique": {"kept": 0.5, "number": 30},
    "per_sample": {"distribution": "uniform", "number": 30},
    "single": {"which": "removed", "number": 1000},
    "shapley": {"number": 30},
    "exhaustive": {"number": 1000},
    "joined": {
        "number": 30,
        "parts": [
            {"name": "random", "kept": 0.5, "share": 2.0, "per_segment": None},
            {"name": "single", "which": "kept", "share": 1.0},
        ],
    },
}


def draw(name, m, seed=0, **settings):
    return draw_samples(m, {"name": name} | SETTINGS[name] | settings, rng_for(seed))


def test_every_entry_is_tested_here():
    assert known_entries(registry) == sorted(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("m", [1, 2, 3, 9, 12])
@pytest.mark.parametrize("extra", [{}, {"times": 3, "add": ["whole", "empty"]}, {"per_segment": 2}])
def test_the_number_is_known_before(name, m, extra):
    settings = {"name": name} | SETTINGS[name] | extra
    kept = draw_samples(m, settings, rng_for(1))
    assert kept.dtype == bool and kept.shape == (number_of(m, settings), m)
    again = draw_samples(m, settings, rng_for(1))
    assert (kept == again).all()
    if "add" in extra:
        assert kept[-2].all() and not kept[-1].any()
        assert (kept[:-2].reshape(-1, 3, m)[:, 0] == kept[:-2].reshape(-1, 3, m)[:, 2]).all()


def test_sized_from_the_segments():
    assert len(draw("random", 7, per_segment=4)) == 28
    assert len(draw("random", 1, per_segment=0.1)) == 1


def test_another_seed_is_another_draw():
    for name in set(SETTINGS) - {"single", "exhaustive"}:
        assert (draw(name, 12, seed=0) != draw(name, 12, seed=1)).any()


@pytest.mark.parametrize("name", ["random", "unique"])
def test_each_segment_is_kept_with_the_probability(name):
    kept = draw(name, 30, kept=0.3, number=4000)
    assert np.abs(kept.mean(0) - 0.3).max() < 0.03


@pytest.mark.parametrize(("m", "number"), [(3, 30), (5, 30), (17, 5000), (50, 300)])
def test_unique_samples_differ(m, number):
    kept = draw("unique", m, number=number)
    assert len(np.unique(kept, axis=0)) == len(kept) == min(number, 2**m)


def test_unique_samples_of_a_few_segments_follow_the_probability():
    first = np.array([draw("unique", 2, seed=s, kept=0.8, number=1)[0] for s in range(2000)])
    assert np.abs(first.mean(0) - 0.8).max() < 0.03
    both = first.all(1).mean()
    assert abs(both - 0.64) < 0.04


def test_samples_that_hardly_differ_are_refused():
    with pytest.raises(ZollstockError, match="different samples"):
        draw("unique", 20, kept=0.999, number=3000)


@pytest.mark.parametrize(
    ("distribution", "spread"), [("uniform", 1 / 12), ("beta", 1 / 16), ("normal", 0.08057)]
)
def test_probabilities_of_their_own(distribution, spread):
    drawn = probabilities(distribution, 100_000, np.random.default_rng(0))
    assert drawn.min() >= 0 and drawn.max() <= 1
    assert abs(drawn.mean() - 0.5) < 0.005
    assert abs(drawn.var() - spread) < 0.002
    kept = draw("per_sample", 200, distribution=distribution, number=2000)
    assert kept.mean(1).std() > 0.2


def test_the_spread_of_a_cut_normal_is_scipys():
    from scipy.stats import truncnorm

    assert abs(truncnorm(-0.5, 0.5, loc=0.5).var() - 0.08057) < 1e-4


def test_single_segments():
    assert (draw("single", 4, which="kept") == np.eye(4)).all()
    assert (draw("single", 4) == 1 - np.eye(4)).all()


def test_all_coalitions():
    kept = draw("exhaustive", 4)
    assert len(np.unique(kept, axis=0)) == 16 and not kept[0].any() and kept[-1].all()
    with pytest.raises(ZollstockError, match="16 segments at most"):
        draw("exhaustive", 17)


def test_joined_shares():
    kept = draw("joined", 5)
    assert len(kept) == 25 and (kept[-5:] == np.eye(5)).all()
    parts = [{"name": "random", "kept": 0.5, "share": s} for s in (1.0, 1.0, 1.0)]
    assert number_of(5, {"name": "joined", "number": 10, "parts": parts}) == 10


@pytest.mark.parametrize("m", [2, 3, 4, 6, 7])
def test_shapley_coalitions_are_all_there_where_they_fit(m):
    kept = draw("shapley", m, number=10_000)
    assert len(kept) == 2**m - 2 == len(np.unique(kept, axis=0))


@pytest.mark.parametrize(("m", "number"), [(10, 200), (10, 900), (20, 301), (49, 500), (50, 2000)])
def test_shapley_coalitions_are_paired_distinct_and_even(m, number):
    kept = draw("shapley", m, number=number)
    assert len(kept) == number == len(np.unique(kept, axis=0))
    pairs = kept[: number // 2 * 2].reshape(-1, 2, m)
    assert (pairs[:, 0] == ~pairs[:, 1]).all()
    size = kept.sum(1)
    assert size.min() > 0 and size.max() < m
    for s in np.unique(size):
        own = kept[size == s].sum(0)
        assert np.ptp(own) <= (2 if number % 2 == 0 else 3), (s, own)
    # Outermost sizes in full, inner ones by the kernel's weight.
    assert (size == 1).sum() == m
    weight = 1 / (np.arange(1, m) * (m - np.arange(1, m)))
    counts = np.bincount(size, minlength=m)[1:]
    there = np.array([comb(m, s) for s in range(1, m)])
    part = counts < there
    wanted = weight[part] / weight[part].sum() * counts[part].sum()
    assert np.abs(counts[part] - wanted).max() <= 3


def test_shapley_coalitions_are_no_prefix():
    kept = draw("shapley", 12, number=100)
    two = np.flatnonzero(kept.sum(1) == 2)
    firsts = kept[two].argmax(1)
    assert len(set(firsts)) > 5
