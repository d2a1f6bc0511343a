"""Bands of placebo maps."""

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.locate.bands import map_band, mass, mass_band, share_inside

MAPS = np.random.default_rng(0).normal(size=(7, 4, 6))


def test_a_band_of_maps_is_of_absolute_values():
    band = map_band(MAPS, levels=(0.25,))
    np.testing.assert_allclose(band.mean, np.abs(MAPS).mean(0))
    np.testing.assert_allclose(band.sd, np.abs(MAPS).std(0, ddof=1))
    np.testing.assert_allclose(band.quantiles[0], np.quantile(np.abs(MAPS), 0.25, axis=0))
    assert band.count == 7
    np.testing.assert_allclose(band.units(band.mean + 2 * band.sd), 2)


def test_mass_inside_a_mask():
    one, mask = np.array([[3.0, -1.0], [-2.0, 4.0]]), np.array([[1.0, 1.0], [0.5, 0.0]])
    assert mass(one, mask) == 5
    assert mass(one, mask, "positive") == 3
    assert mass(one, mask, "negative") == 2
    assert mass(one, mask, "signed") == 1
    assert share_inside(one, mask) == 0.5
    assert np.isnan(share_inside(np.zeros((2, 2)), mask))
    band = mass_band([one, 3 * one], mask)
    assert band.mean == 10 and band.units(10) == 0
    with pytest.raises(ZollstockError, match=r"shape \(2,\)"):
        mass(one, [1, 2])


def test_one_placebo_has_no_spread_and_none_no_band():
    band = map_band(MAPS[:1])
    assert np.isnan(band.sd).all() and np.isnan(band.units(MAPS[0])).all()
    with pytest.raises(ZollstockError, match="no path"):
        map_band([])
