"""Processes without an effect: what they claim to be, and that draws do not depend on layout."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zollstock.calibration.processes import (
    CENTRE,
    DEVIATION,
    DRIFT,
    EVERY,
    PROCESSES,
    RESTLESS,
    autoregression,
    blocks,
)
from zollstock.seeds import rng_for

BY_NAME = {process.name: process for process in PROCESSES}


def drawn(name, count, paths, steps, size=100):
    return np.concatenate(list(blocks(BY_NAME[name], count, paths, steps, 1, size=size)))


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.9, 0.95])
def test_autoregression_is_stationary_with_the_asked_correlation(rho):
    x = autoregression(rng_for("test", rho), (40_000, 12), rho)
    assert np.abs(x.std(axis=0) - 1).max() < 0.02
    pairs = np.array([np.corrcoef(x[:, t], x[:, t + 1])[0, 1] for t in range(11)])
    assert np.abs(pairs - rho).max() < 0.02


@pytest.mark.parametrize("name", BY_NAME)
@given(
    count=st.integers(1, 23),
    more=st.integers(0, 9),
    size=st.integers(1, 9),
    other=st.integers(1, 30),
)
@settings(max_examples=15, deadline=None)
def test_an_image_is_the_same_whatever_follows_it(name, count, more, size, other):
    some = drawn(name, count, 2, 7, size)
    all_ = drawn(name, count + more, 2, 7, other)
    assert some.shape == (count, 2, 7)
    np.testing.assert_array_equal(some, all_[:count])


def test_processes_and_seeds_differ():
    first = {name: drawn(name, 1, 1, 20).tobytes() for name in BY_NAME}
    assert len(set(first.values())) == len(PROCESSES)
    again = next(iter(blocks(BY_NAME["iid"], 1, 1, 20, 2)))
    assert again.tobytes() != first["iid"]


def test_drift_is_shared_and_tiny():
    x = drawn("drift", 5, 4, 50)
    assert np.ptp(x.mean(axis=(0, 1))) == pytest.approx(DRIFT, rel=0.02)
    assert x.std(axis=(0, 1)).max() < 0.01 * DRIFT
    assert BY_NAME["drift"].drifts


def test_every_tenth_image_is_restless():
    x = (drawn("uneven", 400, 8, 30, size=33) - CENTRE) / DEVIATION
    scale = x.std(axis=(1, 2))
    assert np.median(scale[::EVERY]) == pytest.approx(RESTLESS, rel=0.1)
    assert np.median(np.delete(scale, np.s_[::EVERY])) == pytest.approx(1, rel=0.1)
