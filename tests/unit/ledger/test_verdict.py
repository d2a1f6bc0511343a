"""Numbers and flags of a path, from series alone."""

import dataclasses

import numpy as np
import pytest

from zollstock.ledger import FLAGS, Thresholds
from zollstock.ledger.verdict import flags, movement, without_ends
from zollstock.settings.ledger import LedgerSettings

AXIS = np.linspace(0, 1, 21)
STILL = np.full(21, 0.4)


def zero_of(axis):
    """The step at which nothing is changed: nearest to 0 of a two-sided axis, else the first."""
    return int(np.argmin(np.abs(axis)))


def judged(values, off=STILL, axis=AXIS, collateral=0.0, edges=1.0, direction=1, **thresholds):
    moved = movement(np.asarray(axis), np.asarray(values), np.asarray(off), zero_of(axis))
    return flags(
        moved, collateral, edges, Thresholds(**LedgerSettings(**thresholds).model_dump()), direction
    )


def test_numbers_of_a_ramp():
    moved = movement(AXIS, 0.9 - 0.6 * AXIS, 0.4 + 0.03 * AXIS, 0, truth=np.array([0.0, 0.8]))
    expected = {
        "steps": 21,
        "target_change": -0.6,
        "target_range": 0.6,
        "covered": 0.5 / 0.8,
        "spearman": -1,
        "spearman_moving": -1,
        "saturation": 0,
        "off_target_range": 0.03,
        "off_target_share": 0.05,
    }
    assert dataclasses.asdict(moved) == pytest.approx(expected)


def test_the_change_follows_the_axis_even_if_it_falls():
    moved = movement(AXIS[::-1], AXIS[::-1] ** 2, STILL, len(AXIS) - 1)
    assert moved.target_change == pytest.approx(1)
    assert moved.spearman == pytest.approx(1)
    assert moved.saturation == 0


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (AXIS, []),
        (0.5 + 0.1 * AXIS**3, []),
        (np.full(21, 0.5), ["flat"]),
        (0.04 * AXIS, ["flat"]),
        (-0.04 * AXIS, ["flat"]),
        (np.minimum(AXIS / 0.3, 1), ["saturated"]),
        (np.minimum(AXIS / 0.6, 1), []),
        (1 - AXIS, ["reversed"]),
        (AXIS + 0.4 * (-1) ** np.arange(21), ["not_monotone"]),
        (1 - AXIS + 0.4 * (-1) ** np.arange(21), ["not_monotone", "reversed"]),
        (-np.minimum(AXIS / 0.3, 1), ["reversed", "saturated"]),
        (np.full(21, np.nan), ["unmeasured"]),
        (np.where(AXIS < 0.1, AXIS, np.nan), ["unmeasured"]),
    ],
)
def test_each_fault_of_the_target_has_its_flag(values, found):
    assert judged(values) == found


def test_either_direction_will_do_if_none_is_expected():
    assert judged(1 - AXIS, direction=None) == []
    assert judged(1 - AXIS, direction=-1) == []
    assert judged(AXIS, direction=-1) == ["reversed"]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_two_sided_axis_is_judged_from_its_middle(sign):
    axis = np.linspace(-2, 2, 21)
    assert judged(0.5 + sign * 0.2 * axis, axis=axis, direction=sign) == []
    clipped = 0.5 + 0.4 * np.clip(axis, -0.6, 2)
    assert judged(clipped, axis=axis) == ["saturated"]
    assert judged(np.abs(axis), axis=axis) == ["not_monotone"]


def test_what_moves_along_is_entangled():
    assert judged(AXIS, off=0.2 * AXIS) == ["entangled"]
    assert judged(AXIS, off=0.14 * AXIS) == []
    assert judged(AXIS, collateral=0.06) == ["entangled"]
    assert judged(AXIS, off=0.2 * AXIS, collateral=0.06) == ["entangled"]


def test_a_flat_target_is_entangled_only_if_the_rest_moved_visibly():
    assert judged(0.04 * AXIS, off=0.04 * AXIS) == ["flat"]
    assert judged(0.04 * AXIS, off=0.06 * AXIS) == ["entangled", "flat"]
    assert np.isnan(movement(AXIS, STILL, AXIS, 0).off_target_share)


def test_lost_edges_are_flagged_whether_measured_or_not():
    assert judged(AXIS, edges=0.39) == ["identity_lost"]
    assert judged(np.full(21, np.nan), edges=0.39, collateral=0.1) == [
        "entangled",
        "identity_lost",
        "unmeasured",
    ]


def test_nan_raises_no_flag():
    nan = float("nan")
    assert judged(AXIS, off=np.full(21, nan), collateral=nan, edges=nan) == []


def test_steps_without_a_value_are_passed_over():
    values = AXIS.copy()
    values[[0, 5, 20]] = np.nan, np.inf, -np.inf
    off = STILL.copy()
    off[3] = np.nan
    moved = movement(AXIS, values, off, 0)
    assert (moved.steps, moved.off_target_range) == (18, 0)
    assert moved.target_change == pytest.approx(0.9)
    assert moved.spearman == pytest.approx(1)
    assert judged(values, off) == []


def test_a_missing_zero_step_keeps_the_sides_of_the_axis():
    axis = np.linspace(-1, 1, 21)
    values = np.clip(axis, -0.25, 1)
    values[10] = np.nan
    assert movement(axis, values, STILL, zero_of(axis)).saturation > 0.6


@pytest.mark.parametrize(
    ("threshold", "values"),
    [
        ({"min_range": 1.1}, AXIS),
        ({"max_saturation": 0.3}, np.minimum(AXIS / 0.6, 1)),
        ({"min_spearman": 0.9999}, AXIS + 0.03 * (-1) ** np.arange(21)),
        ({"max_off_target": 0.0}, AXIS),
        ({"max_collateral": 0.01}, AXIS),
        ({"min_edge_correlation": 0.9}, AXIS),
    ],
)
def test_every_threshold_matters(threshold, values):
    same = {"off": 0.1 * AXIS, "collateral": 0.02, "edges": 0.8}
    assert judged(values, **same) == []
    assert len(judged(values, **same, **threshold)) == 1


def test_all_flags_are_explained_in_order():
    assert list(FLAGS) == sorted(FLAGS)


def test_a_closed_axis_has_no_ends_and_no_flag_speaks_of_them():
    """Half a turn up and down, then nothing: saturated and not monotone on an open axis."""
    bump = np.where(AXIS < 0.4, np.sin(np.pi * AXIS / 0.4), 0.0)
    moved = movement(AXIS, bump, STILL, 0)
    thresholds = Thresholds(**LedgerSettings().model_dump())
    assert flags(moved, 0, 1, thresholds) == ["not_monotone", "saturated"]
    closed = without_ends(moved)
    assert flags(closed, 0, 1, thresholds) == []
    assert np.isnan([closed.target_change, closed.spearman, closed.saturation]).all()
    assert closed.target_range == moved.target_range
