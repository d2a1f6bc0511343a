"""Power: at no effect it is the level, it grows, and the known comparisons come out."""

import numpy as np
import pytest

from zollstock.calibration.power import (
    SIZES,
    STATISTICS,
    placebo_values,
    power_of,
    power_of_shapes,
    power_of_slopes,
    shapes,
)
from zollstock.seeds import rng_for


@pytest.fixture(scope="module")
def table():
    return power_of_shapes(400, 1).set_index(["noise", "shape", "test", "size"])["power"]


def test_without_an_effect_power_is_the_level(table):
    none = table.xs(0.0, level="size")
    assert ((none > 0.01) & (none < 0.1)).all()
    assert not table.index.duplicated().any()


def test_net_change_beats_total_variation_on_a_drift(table):
    for noise in ("iid", "ar_0.9"):
        assert table[noise, "drift", "placebo_variation", 4.0] < 0.15
        assert table[noise, "drift", "placebo_net", 4.0] > 0.6
        assert table[noise, "drift", "signflip", 2.0] > 0.8


def test_range_alone_of_the_shipped_ones_finds_a_bump(table):
    for noise in ("iid", "ar_0.9"):
        assert table[noise, "bump", "placebo_range", 6.0] > 0.9
        assert table[noise, "bump", "placebo_net", 6.0] < 0.1
        assert table[noise, "bump", "signflip", 6.0] < 0.1


def test_power_grows_with_the_effect(table):
    for key in (
        ("iid", "drift", "placebo_net"),
        ("ar_0.9", "step", "placebo_range"),
        ("ar_0.9", "drift", "placebo_smooth"),
    ):
        found = np.array([table[(*key, size)] for size in SIZES])
        # A small effect lies in the noise, whose range it may shorten on some of the 400 images.
        assert (np.diff(found) > -0.02).all() and (np.diff(found[found > 0.1]) >= 0).all(), key
        assert found[-1] > 0.9


def test_shapes_have_height_one():
    for name, effect in shapes(33).items():
        assert np.ptp(effect) == pytest.approx(1, abs=0.01), name


def test_placebo_values_keep_images_and_placebos_apart():
    placebos = rng_for("test").standard_normal((5, 3, 12))
    found = placebo_values(placebos)
    assert set(found) == set(STATISTICS)
    np.testing.assert_allclose(found["net"], np.abs(placebos[..., -1] - placebos[..., 0]))
    tests = [test for test, p in power_of(placebos[:, 0], found, placebos) if len(p) == 5]
    assert {f"placebo_{name}" for name in STATISTICS} < set(tests)


def test_slopes_are_found_on_paths_that_go_far_and_missed_on_those_that_do_not():
    far, near = np.linspace(0, 1, 9), np.linspace(0.45, 0.55, 9)
    found = power_of_slopes([far, far[::-1]], 300, "exact", 1)
    power = found.set_index(["test", "size"])["power"]
    assert power["placebo_net", 0.0] < 0.1
    assert power["placebo_net", 6.0] > 0.95
    assert set(found["shape"]) == {"logistic, exact"}
    short = power_of_slopes([near], 300, "edited", 1).set_index(["test", "size"])["power"]
    assert short["placebo_net", 3.0] < 0.5 < power["placebo_net", 3.0]
