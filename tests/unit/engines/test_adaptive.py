import numpy as np
import pytest

from zollstock.engines.adaptive import refine


def frames_of(curve):
    """A renderer of one grey pixel, and a list of the values it was asked for."""
    asked = []

    def frames_at(values):
        asked.extend(values)
        grey = np.round(255 * np.array([curve(value) for value in values])).astype(np.uint8)
        return np.broadcast_to(grey[:, None, None, None], (len(values), 1, 1, 3)).copy()

    return frames_at, asked


def test_a_flip_is_located_where_even_steps_would_pass_over_it():
    frames_at, _ = frames_of(lambda x: float(x > 0.3217))
    values, frames = refine(frames_at, 0.0, 1.0, budget=17, tolerance=0.01)
    at = int(np.flatnonzero(np.diff(frames[:, 0, 0, 0].astype(int)))[0])
    assert values[at] < 0.3217 < values[at + 1]
    # Three intervals around the flip are halved at least ten times in 12 further frames.
    assert values[at + 1] - values[at] < 1 / 500


def test_values_ascend_and_frames_follow_them():
    frames_at, asked = frames_of(lambda x: x**3)
    values, frames = refine(frames_at, 0.0, 1.0, budget=12, tolerance=1e-9)
    assert len(values) == len(frames) == 12
    assert (np.diff(values) > 0).all()
    np.testing.assert_array_equal(frames, frames_at(values))
    assert len(set(asked[:12])) == 12


def test_it_stops_when_fine_enough():
    frames_at, asked = frames_of(lambda x: 0.02 * x)
    values, _ = refine(frames_at, 0.0, 1.0, budget=33, tolerance=0.02)
    assert len(values) == len(asked) == 5


def test_even_steps_where_nothing_else_is_known():
    frames_at, _ = frames_of(lambda x: x)
    values, _ = refine(frames_at, 0.0, 1.0, budget=17, tolerance=1e-9)
    np.testing.assert_allclose(np.sort(values), np.linspace(0, 1, 17))


@pytest.mark.parametrize("budget", [3, 5, 6, 9])
def test_the_budget_is_kept(budget):
    frames_at, asked = frames_of(lambda x: float(x > 0.5))
    refine(frames_at, 0.0, 1.0, budget=budget, tolerance=1e-9)
    assert len(asked) <= budget


def test_what_is_measured_decides_where_frames_go():
    frames_at, _ = frames_of(lambda x: x)
    values, _ = refine(
        frames_at,
        0.0,
        1.0,
        budget=13,
        tolerance=0.01,
        measure=lambda frames: (frames[:, 0, 0, :1] > 200).astype(float),
    )
    assert np.median(values) > 0.7
