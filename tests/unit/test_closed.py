"""Axes that close on themselves."""

import math

from zollstock.closed import end_of, meets, too_wide


def test_an_axis_may_be_a_period_long_and_no_longer():
    assert not too_wide(0, 360, 360) and not too_wide(180, -180, 360)
    assert not too_wide(0, 6.2831853, math.tau) and not too_wide(0, 6.2831854, math.tau)
    assert too_wide(0, 370, 360) and too_wide(180, -181, 360)


def test_the_last_frame_is_the_first_again_only_a_period_away():
    assert meets(-180, 180, 360) and meets(180, -180, 360) and meets(0, 6.2831853, math.tau)
    assert not meets(0, 350, 360)


def test_the_axis_closes_in_the_direction_it_runs():
    assert end_of(0, 350, 360) == 360
    assert end_of(170, -180, 360) == -190
