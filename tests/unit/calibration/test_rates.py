"""Rejection rates: the shipped tests hold, the shuffle test does not, and the count is right."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from zollstock.calibration.processes import PROCESSES
from zollstock.calibration.rates import (
    LEVELS,
    TITLES,
    Outcome,
    all_p,
    interval,
    judged,
    rates,
    rates_of_models,
    rates_of_processes,
    reduce_paths,
)
from zollstock.calibration.summary import ASSUMED
from zollstock.seeds import rng_for

SOUND = [test for test in TITLES if not test.startswith("shuffle")]
CHANCE = 1e-6
"""A sound library may fail on one in as many draws: another NumPy may draw other numbers."""


def unlikely(rows):
    """Rows that reject more often than the level explains, all rows taken together."""
    tail = scipy.stats.binom.sf(rows["rejected"] - 1, rows["n"], rows["level"])
    return rows[tail * len(rows) < CHANCE]


def rows_of(table, test, case, level=0.05):
    found = table[(table["test"] == test) & (table["case"] == case) & (table["level"] == level)]
    assert len(found)
    return found


@pytest.fixture(scope="module")
def table():
    return judged(rates_of_processes(800, 60, permutations=200, seed=1))


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_is_that_of_clopper_and_pearson(drawn):
    hits, count = drawn
    low, high = interval(hits, count)
    wanted = scipy.stats.binomtest(hits, count).proportion_ci(0.95, "exact")
    assert (float(low), float(high)) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


def test_tests_that_ship_hold_on_every_process(table):
    sound = table[table["test"].isin(SOUND)]
    broken = {tuple(pair) for pair in ASSUMED.items()}
    kept = [pair not in broken for pair in zip(sound["test"], sound["case"], strict=True)]
    assert sum(kept) == len(sound) - len(broken) * len(LEVELS)
    failed = unlikely(sound[kept])
    assert not len(failed), failed.to_string()


def test_what_breaks_an_assumption_is_seen(table):
    for pair in ASSUMED.items():
        rows = rows_of(table, *pair)
        assert len(unlikely(rows)) == len(rows), pair
        assert not rows["holds"].any(), pair
    # Images of all kinds together, the restless alone, and the difference from a placebo keep it.
    for case in ("uneven", "restless"):
        assert not len(unlikely(rows_of(table, "placebo_range", case)))
    assert not len(unlikely(rows_of(table, "signflip_placebo", "drift")))


def test_shuffle_test_holds_on_independent_noise_alone(table):
    at = table[(table["test"] == "shuffle_paper_grad") & (table["level"] == 0.05)]
    rate = at.set_index("case")["rate"]
    assert rate["iid"] == pytest.approx(0.05, abs=0.04)  # five standard errors
    assert rate["ar_0.5"] > 0.3
    assert rate["ar_0.9"] > 0.95
    assert rate["drift"] == 1
    dependent = at[~at["case"].isin(["iid", "ar_0.3"])]  # .12 at ρ = .3 is too near to be seen
    assert len(dependent) == len(at) - 2
    assert not dependent["holds"].any()


def test_levels_below_the_resolution_are_marked(table):
    few = table[(table["test"] == "placebo_net") & (table["k"] == 19)]
    assert not few[few["level"] == 0.01]["reachable"].any()
    assert few[few["level"] == 0.05]["reachable"].all()
    assert (few[few["level"] == 0.01]["rejected"] == 0).all()
    many = table[(table["test"] == "placebo_net") & (table["k"] == 99)]
    assert many["reachable"].all()
    # Whatever cannot be reached is never rejected.
    assert (table[~table["reachable"]]["rejected"] == 0).all()


def test_every_case_and_test_is_in_the_table(table):
    parts = [process.part[1] for process in PROCESSES if process.part]
    assert set(table["case"]) == {process.name for process in PROCESSES} | set(parts)
    assert set(table["test"]) == set(TITLES)
    assert not table.duplicated(["case", "test", "k", "level"]).any()


def test_rates_count_what_is_at_most_the_level():
    p = np.array([0.05, 0.01, np.nan, 0.2, 0.1 + 1e-17, 1.0])
    rows = rates("process", "x", [Outcome("placebo_net", 99, 0.01, p)]).set_index("level")
    assert list(rows["n"]) == [5, 5, 5]
    assert list(rows.loc[list(LEVELS), "rejected"]) == [1, 2, 3]
    assert rows.loc[0.05, "rate"] == 0.4


def test_simultaneous_intervals_are_wider_and_judge():
    rows = rates("process", "x", [Outcome("a", 99, 0.01, np.linspace(0.001, 1, 1000) ** 2)])
    found = judged(rows)
    assert (found["low_all"] < found["low"]).all()
    assert (found["high_all"] > found["high"]).all()
    assert not found["holds"].any()
    fine = judged(rates("process", "x", [Outcome("a", 99, 0.01, np.linspace(0.001, 1, 1000))]))
    assert fine["holds"].all()


def test_models_that_see_noise_alone_pass_and_a_favoured_path_does_not():
    rng = rng_for("test", "models")
    size = rng.exponential(size=(2, 150, 1, 1))
    paths = 0.5 + 0.01 * size * rng.standard_normal((2, 150, 20, 9)).cumsum(axis=3)
    table = judged(rates_of_models(["one", "other"], paths, permutations=99, seed=1))
    assert set(table["case"]) == {"one", "other"}
    failed = unlikely(table[~table["test"].str.startswith("shuffle")])
    assert not len(failed), failed.to_string()
    paths[:, :, 0] += 0.3 * size[..., 0] * np.linspace(0, 1, 9)
    table = judged(rates_of_models(["one", "other"], paths, permutations=99, seed=1))
    placebo = table[(table["test"] == "placebo_net") & (table["level"] == 0.05)]
    assert (placebo["rate"] > 0.9).all()


def test_paths_are_split_into_property_placebos_and_replicates():
    block = np.arange(2 * 9 * 3, dtype=float).reshape(2, 9, 3) ** 2
    found = reduce_paths([block[:1], block[1:]], 4, 4)
    np.testing.assert_array_equal(found.target, block[:, 0])
    np.testing.assert_array_equal(found.replicates, block[:, 5:])
    np.testing.assert_array_equal(found.differences, block[:, 5:] - block[:, 1:5])
    target, placebos = found.values["net"]
    np.testing.assert_array_equal(target, block[:, 0, -1] - block[:, 0, 0])
    np.testing.assert_array_equal(placebos, block[:, 1:5, -1] - block[:, 1:5, 0])
    # Too few paths: the first placebos are the replicates, the last stand beside them.
    few = reduce_paths([block], 8, 4)
    np.testing.assert_array_equal(few.replicates, block[:, 1:5])
    np.testing.assert_array_equal(few.differences, block[:, 1:5] - block[:, 5:])


def test_order_of_images_changes_no_p_value_but_its_place():
    rng = rng_for("test", "order")
    block = rng.standard_normal((12, 1 + 19 + 8, 10))
    order = rng.permutation(12)
    there = list(all_p(reduce_paths([block], 19), permutations=99, seed=1))
    back = list(all_p(reduce_paths([block[order]], 19), permutations=99, seed=1))
    assert len(there) == len(back)
    for one, other in zip(there, back, strict=True):
        np.testing.assert_allclose(one.p[order], other.p, rtol=0, atol=1e-12, err_msg=one.test)
    assert {found.test for found in there} == set(TITLES)
    assert isinstance(rates("process", "x", there), pd.DataFrame)
