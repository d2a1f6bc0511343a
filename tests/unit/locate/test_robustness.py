"""The local Lipschitz estimate and IROF are their formulas, whatever a map's unit is."""

from itertools import pairwise

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.locate.evaluation.robustness import irof, lipschitz
from zollstock.seeds import rng_for

RNG = np.random.default_rng(0)
IMAGE = RNG.integers(60, 196, (12, 14, 3), dtype=np.uint8)


def test_lipschitz_of_a_linear_map_is_told_by_the_copies():
    wide = RNG.normal(size=IMAGE.shape)
    seen = []

    def attribute(frames):
        seen.append(frames)
        return (frames / 255 * wide).sum(-1)

    found = lipschitz(attribute, IMAGE, 1, "image", copies=4)
    noise = rng_for("lipschitz", 1, "image").normal(0.1, 0.1, (4, *IMAGE.shape))
    copies = np.clip(np.rint(IMAGE + 255 * noise), 0, 255)
    np.testing.assert_array_equal(seen[0], np.concatenate([IMAGE[None], copies]))
    one = (IMAGE / 255 * wide).sum(-1)
    raw, unit = [], []
    for copy in copies:
        other, apart = (copy / 255 * wide).sum(-1), np.linalg.norm((copy - IMAGE) / 255)
        raw.append(np.linalg.norm(other - one) / apart)
        change = other / np.abs(other).max() - one / np.abs(one).max()
        unit.append(np.linalg.norm(change) / apart)
    assert found["lipschitz_raw"] == pytest.approx(max(raw))
    assert found["lipschitz"] == pytest.approx(max(unit))
    loud = lipschitz(lambda frames: 7 * attribute(frames), IMAGE, 1, "image", copies=4)
    assert loud["lipschitz"] == pytest.approx(found["lipschitz"])
    assert loud["lipschitz_raw"] == pytest.approx(7 * found["lipschitz_raw"])
    assert lipschitz(attribute, IMAGE, 2, "image", copies=4) != found


def test_lipschitz_of_steady_empty_and_wrong_maps():
    steady = lipschitz(lambda frames: np.ones(frames.shape[:3]), IMAGE)
    assert steady == {"lipschitz": 0, "lipschitz_raw": 0}
    empty = lipschitz(lambda frames: np.zeros(frames.shape[:3]), IMAGE)
    assert np.isnan([*empty.values()]).all()
    still = lipschitz(lambda frames: frames.mean(-1), IMAGE, mean=0, deviation=0)
    assert np.isnan([*still.values()]).all()
    with pytest.raises(ZollstockError, match="shape"):
        lipschitz(lambda frames: np.ones((2, 3, 4)), IMAGE)
    with pytest.raises(ZollstockError, match="copies"):
        lipschitz(lambda frames: np.ones(frames.shape[:3]), IMAGE, copies=0)


def test_irof_is_the_area_of_the_direct_loop():
    labels = np.arange(12)[:, None] // 4 * 2 + np.arange(14)[None] // 7
    values = RNG.normal(size=(12, 14))
    weights = RNG.uniform(0, 1, IMAGE.shape)

    def predict(frames):
        return 0.1 + (frames * weights).mean((1, 2, 3)) / 255

    means = [values[labels == k].mean() for k in range(6)]
    frame, fill = IMAGE.copy(), np.rint(IMAGE.mean((0, 1)))
    curve = [predict(frame[None])[0]]
    for k in np.argsort(means)[::-1]:
        frame[labels == k] = fill
        curve.append(predict(frame[None])[0])
    area = sum((one + two) / 2 / curve[0] for one, two in pairwise(curve))
    found = irof(predict, IMAGE, values, labels=labels)
    assert found["irof_raw"] == pytest.approx(area) and found["irof_segments"] == 6
    assert found["irof"] == pytest.approx(area / 6)


def test_irof_knows_a_good_order_from_a_bad_one():
    image = np.full((24, 24, 3), 40, np.uint8)
    image[:12, :12] = 240

    def predict(frames):
        return frames[:, :12, :12].mean((1, 2, 3)) / 255

    right = image.mean(-1)
    good, bad = (irof(predict, image, one, number=16) for one in (right, -right))
    assert good["irof"] < bad["irof"] and good["irof_segments"] > 1
    assert irof(lambda frames: np.ones(len(frames)), image, right)["irof"] == pytest.approx(1)
    below = irof(lambda frames: -np.ones(len(frames)), image, right)
    assert np.isnan(below["irof"]) and np.isnan(below["irof_raw"])
