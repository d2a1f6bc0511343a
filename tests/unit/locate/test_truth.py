"""Exact effects of parts: by hand, by enumeration of orders, and with a drawn world."""

from itertools import permutations

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.locate.truth import (
    agreement,
    mass_per_part,
    part_effects,
    shapley,
)
from zollstock.worlds import get_world

START = np.zeros((2, 3, 3), np.uint8)
END = np.full((2, 3, 3), 200, np.uint8)
THREE = np.zeros((3, 2, 3), np.float32)  # one column each
THREE[[0, 1, 2], :, [0, 1, 2]] = 1


def lit(frames):
    """Which columns are as at the end, (n, 3)."""
    return frames[:, 0, :, 0] / 200.0


def test_three_parts_by_hand():
    # p = a + 2b + 6ab − 3c: the joint 6 is shared in halves.
    def predict(frames):
        a, b, c = lit(frames).T
        return np.stack([a + 2 * b + 6 * a * b - 3 * c, a * b * c], 1)

    found = part_effects(predict, START, END, THREE, "abc")
    np.testing.assert_allclose(found.effects[:, 0], [4, 5, -3])
    np.testing.assert_allclose(found.effects[:, 1], [1 / 3] * 3)
    np.testing.assert_allclose(found.effects.sum(0), found.end - found.start)
    assert found.changed.all()


def test_shapley_values_are_means_over_orders():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(16, 2))
    wanted = np.zeros((4, 2))
    orders = list(permutations(range(4)))
    for order in orders:
        row = 0
        for k in order:
            wanted[k] += values[row | 1 << k] - values[row]
            row |= 1 << k
    np.testing.assert_allclose(shapley(values), wanted / len(orders))
    assert shapley(np.ones((1, 2))).shape == (0, 2)
    with pytest.raises(ZollstockError, match="power of 2"):
        shapley(np.ones(3))


@pytest.mark.parametrize("batch", [1, 3, 64])
def test_a_part_that_does_not_change_has_no_effect(batch):
    end = END.copy()
    end[:, 1] = 0
    seen = []

    def predict(frames):
        seen.append(len(frames))
        return lit(frames) @ [1.0, 2.0, 4.0]

    found = part_effects(predict, START, end, THREE, "abc", batch=batch)
    np.testing.assert_allclose(found.effects[:, 0], [1, 0, 4])
    assert found.changed.tolist() == [True, False, True]
    assert sum(seen) == 4 and max(seen) <= batch
    same = part_effects(predict, START, START, THREE, "abc")
    assert not same.effects.any() and not same.changed.any()


def test_soft_shares_add_up_in_a_drawn_world():
    world = get_world("pets")
    latents = world.sample(np.array([1]), np.array([3], np.uint64))
    ends = world.do(latents, "fur_lightness", [0.1, 0.9])
    drawn = world.render(ends, size=32, masks=False, parts=True)

    def predict(frames):
        return np.tanh(frames[:, 8:20, 8:24].mean((1, 2, 3)) / 60 - 1)

    found = part_effects(predict, *drawn.frames, drawn.parts[0], world.part_names)
    assert found.effects.sum() == pytest.approx(float(found.end[0] - found.start[0]), abs=1e-12)
    by = dict(zip(world.part_names, found.effects[:, 0], strict=True))
    assert by["head"] > 0.05 > abs(by["tail"])
    assert by["head"] == max(by.values())
    assert found.start == pytest.approx(predict(drawn.frames[:1]))
    assert found.end == pytest.approx(predict(drawn.frames[1:]))


def test_a_linear_model_owes_each_part_its_mass():
    rng = np.random.default_rng(1)
    start, end = rng.integers(0, 256, (2, 5, 7, 3)).astype(np.uint8)
    weights = rng.dirichlet(np.ones(4), (5, 7)).transpose(2, 0, 1)
    slope = rng.normal(size=(5, 7, 3))
    found = part_effects(lambda x: (x * slope).sum((1, 2, 3)), start, end, weights, "abcd")
    located = (slope * (end.astype(float) - start)).sum(-1)
    masses = mass_per_part(located, weights)
    np.testing.assert_allclose(found.effects[:, 0], masses, atol=25)  # pictures are rounded
    assert agreement(found.effects[:, 0], masses) == 1


def test_agreement_knows_ties_and_constants():
    assert agreement([1, 2, 3, 4], [10, 20, 40, 30]) == pytest.approx(0.8)
    assert agreement([0, 0, 1, 2], [0, 1, 2, 3]) == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    assert np.isnan(agreement([1, 2, 3], [5, 5, 5]))
    assert np.isnan(agreement([1, 2], [1, 2]))
    assert agreement([1, 2, 3, 0], [1, 2, 3, 9], [True, True, True, False]) == 1


def test_too_many_parts_and_wrong_shapes_are_told():
    many = np.full((13, 2, 3), 1 / 13, np.float32)
    with pytest.raises(ZollstockError, match="13 of them"):
        part_effects(lit, START, END, many, "abcdefghijklm")
    with pytest.raises(ZollstockError, match="weights_for"):
        part_effects(lit, START, END, THREE[:, :1], "abc")
    with pytest.raises(ZollstockError, match="no part"):
        part_effects(lit, START, END, THREE[:2], "ab")
