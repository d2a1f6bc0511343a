import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from zollstock.errors import ZollstockError
from zollstock.scoring import grid
from zollstock.scoring.grid import grid_gradients
from zollstock.scoring.statistics import evaluate

GRIDS = arrays(
    np.float64,
    st.tuples(st.integers(2, 6), st.integers(2, 6)),
    elements=st.integers(0, 2**10).map(lambda i: i / 2**10),
)


def fields(p, *axes):
    found = grid_gradients(p, *axes)
    return np.array([found.first, found.second, found.interaction])


def bilinear(p, a, b, new_a, new_b):
    rows = np.array([np.interp(new_b, b, row) for row in p])
    return np.array([np.interp(new_a, a, column) for column in rows.T]).T


def test_known_surfaces():
    x, y = np.linspace(0, 1, 5)[:, None], np.linspace(0, 1, 4)[None]
    np.testing.assert_allclose(fields(0.2 + 0.3 * x - 0.5 * y), [0.3, 0.5, 0], atol=1e-15)
    np.testing.assert_allclose(fields(x * y), [0.5, 0.5, 1])
    # ∂p/∂x = y - 1/2 changes its sign inside the middle row of cells: mean magnitude 1/4.
    np.testing.assert_allclose(fields(x * (y - 0.5)), [0.25, 0.5, 1])
    np.testing.assert_array_equal(fields(np.full((3, 3), 0.1)), 0)


def test_agrees_with_sampling_the_surface(rng):
    # Cells begin between the samples: then only where a slope changes its sign is one rough.
    a, b = (np.r_[0, np.sort(rng.choice(19, n, replace=False) + 1), 20] / 20 for n in (3, 2))
    p = rng.random((5, 4))
    middle, step = (np.arange(400) + 0.5) / 400, 1e-7

    def at(u, v):
        return bilinear(p, a, b, u, v)

    along = (at(middle + step, middle) - at(middle - step, middle)) / (2 * step)
    across = (at(middle, middle + step) - at(middle, middle - step)) / (2 * step)
    mixed = np.diff(np.diff(p, axis=0), axis=1)
    sampled = [np.abs(along).mean(), np.abs(across).mean(), np.abs(mixed).sum()]
    np.testing.assert_allclose(fields(p, a, b), sampled, rtol=5e-3)


@settings(deadline=None, max_examples=50)
@given(GRIDS, st.data())
def test_lines_added_on_the_surface_change_nothing(p, data):
    a, b = np.arange(p.shape[0], dtype=float), np.arange(p.shape[1], dtype=float)
    new_a = np.union1d(a, np.array(data.draw(st.lists(st.integers(1, 8 * len(a) - 9)))) / 8)
    new_b = np.union1d(b, np.array(data.draw(st.lists(st.integers(1, 8 * len(b) - 9)))) / 8)
    refined = bilinear(p, a, b, new_a, new_b)
    np.testing.assert_allclose(fields(refined, new_a, new_b), fields(p, a, b), atol=1e-10)


@settings(deadline=None, max_examples=50)
@given(GRIDS)
def test_swapping_the_properties_swaps_the_answers(p):
    np.testing.assert_allclose(fields(p.T), fields(p)[[1, 0, 2]], atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(GRIDS)
def test_interaction_is_zero_for_sums_and_first_is_epgm_where_second_does_nothing(p):
    assert fields(p[:, :1] + p[:1])[2] == 0  # multiples of 2⁻¹⁰: no rounding
    column = p[:, 0]
    found = fields(np.tile(column[:, None], (1, 3)), None, [1, 5, 6])
    np.testing.assert_allclose(found, [evaluate("epgm", column), 0, 0], atol=1e-12)


def test_widths_count():
    p = np.array([[0.0, 0, 0], [1, 0, 0]])
    # |∂p/∂x| falls from 1 to 0 over the first cell: half its width.
    assert grid_gradients(p, None, [0, 1, 4]).first == pytest.approx(1 / 8)
    assert grid_gradients(p, None, [0, 3, 4]).first == pytest.approx(3 / 8)
    assert grid_gradients(p, [9, 2], [4, 3, 0]).first == pytest.approx(1 / 8)


def test_batch_equals_single_and_nan_stays_in_its_grid(rng, monkeypatch):
    monkeypatch.setattr(grid, "_AT_ONCE", 24)
    batch = rng.random((7, 3, 4))
    batch[2, 1, 1] = np.nan
    axes = np.cumsum(rng.random((7, 3)) + 0.1, axis=1)
    found = fields(batch, axes)
    assert np.isnan(found[:, 2]).all() and np.isfinite(np.delete(found, 2, axis=1)).all()
    for n in (0, 3, 6):
        np.testing.assert_array_equal(fields(batch[n], axes[n]), found[:, n])
    assert isinstance(grid_gradients(batch[0]).first, float)
    assert grid_gradients(np.empty((0, 3, 4))).first.shape == (0,)


@pytest.mark.parametrize("p", [[0.1, 0.2], [[0.1, 0.2]], np.zeros((2, 1)), [["a", "b"]] * 2])
def test_wrong_grids_are_refused(p):
    with pytest.raises(ZollstockError, match="prediction grid"):
        grid_gradients(p)


def test_a_bad_axis_is_refused():
    for axes in (([0, 0], None), (None, [0, 2, 1]), ([0, 1, 2], None)):
        with pytest.raises(ZollstockError, match="axis"):
            grid_gradients(np.zeros((2, 3)), *axes)
