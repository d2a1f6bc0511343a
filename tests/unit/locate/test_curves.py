"""Occlusion curves against a plain loop, closed forms, and the random floor."""

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.locate.evaluation.curves import Curves, Pieces, occlusion_curves

RNG = np.random.default_rng(0)
IMAGE = RNG.integers(1, 256, (4, 6, 3), dtype=np.uint8)
WEIGHT = RNG.permutation(24).reshape(4, 6) / 24 - 0.3
BLACK = np.zeros((1, 1, 3))


def additive(frames):
    """What it says is the sum of the weights of pixels that are left."""
    return (frames.any(axis=-1) * WEIGHT).sum((1, 2))


def test_curves_are_those_of_a_plain_loop():
    fills = {"black": BLACK, "other": RNG.uniform(0, 255, IMAGE.shape)}
    slope = RNG.normal(size=IMAGE.shape)

    def predict(frames):
        return np.tanh((frames * slope).sum((1, 2, 3)) / 5000)

    labels = np.repeat(np.repeat(np.arange(6).reshape(2, 3), 2, 0), 2, 1)
    values = RNG.permutation(6).astype(float)
    maps = {"map": Pieces.pixels(WEIGHT), "segments": Pieces.segments(values, labels)}
    found = occlusion_curves(predict, IMAGE, fills, maps, steps=7, batch=5)
    assert set(found) == {(m, f) for m in maps for f in fills}
    for (name, fill), curves in found.items():
        pieces = maps[name]
        count = len(pieces.values)
        picture = np.broadcast_to(np.rint(fills[fill]), IMAGE.shape)
        for way, order in (("lif", np.argsort(pieces.values)), ("mif", np.argsort(-pieces.values))):
            wanted = []
            for number in np.rint(np.linspace(0, 1, 7) * count).astype(int):
                gone = np.isin(pieces.labels, order[:number])
                one = np.where(gone[..., None], picture, IMAGE).astype(np.uint8)
                wanted.append(predict(one[None])[0])
            np.testing.assert_allclose(getattr(curves, way), wanted, err_msg=f"{name} {fill} {way}")


def test_the_right_map_of_an_additive_model_is_best():
    maps = {"right": Pieces.pixels(WEIGHT), "wrong": Pieces.pixels(-WEIGHT),
            "random": Pieces.pixels(np.zeros((4, 6)))}  # fmt: skip
    every = occlusion_curves(additive, IMAGE, {"black": BLACK}, maps, steps=25, ties=200)
    found = {name: curves for (name, _), curves in every.items()}
    order = np.sort(WEIGHT.ravel())
    np.testing.assert_allclose(
        found["right"].mif, WEIGHT.sum() - np.concatenate([[0], np.cumsum(order[::-1])]), atol=1e-9
    )
    np.testing.assert_allclose(
        found["right"].lif, WEIGHT.sum() - np.concatenate([[0], np.cumsum(order)]), atol=1e-9
    )
    assert found["wrong"].srg == pytest.approx(-found["right"].srg)
    assert abs(found["random"].srg) < 0.1 * found["right"].srg


def test_pictures_are_predicted_once_and_in_batches():
    seen = []

    def predict(frames):
        seen.append(len(frames))
        return np.zeros(len(frames))

    maps = {"a": Pieces.pixels(WEIGHT), "b": Pieces.pixels(WEIGHT.T.reshape(4, 6))}
    fills = {"black": BLACK, "white": BLACK + 255}
    occlusion_curves(predict, IMAGE, fills, maps, steps=10, batch=16)
    # 8 inner points of 2 curves of 2 maps and 2 fills, the whole picture, and each fill alone.
    assert sum(seen) == 8 * 2 * 2 * 2 + 1 + 2
    assert max(seen) == 16


def test_ties_are_broken_at_random_and_averaged_and_not_in_raster_order():
    half = np.zeros((4, 6))
    half[:, 3:] = 1

    def left_top(frames):  # raster order would take it first
        return frames[:, 0, 0].any(axis=-1).astype(float)

    def curves(*seed, **given):
        maps = {"half": Pieces.pixels(half)}
        return occlusion_curves(left_top, IMAGE, {"b": BLACK}, maps, *seed, **given)["half", "b"]

    found = curves("image 1", steps=25, ties=400)
    # Of the lower half any pixel is equally early: 1 → 0 on a straight line over 12 pixels.
    np.testing.assert_allclose(found.lif[:13], 1 - np.arange(13) / 12, atol=0.1)
    assert (found.lif == curves("image 1", steps=25, ties=400).lif).all()
    assert (found.lif != curves("image 2", steps=25, ties=400).lif).any()


def test_normalised_curves_run_from_one_to_zero_or_are_nan():
    lif, mif = np.array([3.0, 2.5, 1.0]), np.array([3.0, 1.5, 1.0])
    one = Curves(np.linspace(0, 1, 3), lif, mif).normalised()
    np.testing.assert_allclose(one.lif, [1, 0.75, 0])
    np.testing.assert_allclose(one.mif, [1, 0.25, 0])
    assert one.srg == pytest.approx(0.5 / 3)
    for ends in ([0.5, 0.2, 0.495], [0.2, 0.5, 0.9]):
        flat = Curves(np.linspace(0, 1, 3), np.array(ends), None).normalised()
        assert np.isnan(flat.lif).all() and flat.mif is None and np.isnan(flat.srg)


def test_one_piece_constant_outputs_and_one_curve():
    one = Pieces.segments([2.0], np.zeros((4, 6), int))
    found = occlusion_curves(additive, IMAGE, {"b": BLACK}, {"one": one}, steps=4, ways=("mif",))
    curves = found["one", "b"]
    np.testing.assert_allclose(curves.mif, [WEIGHT.sum()] * 2 + [0] * 2)
    assert curves.lif is None and np.isnan(curves.srg)
    flat = occlusion_curves(lambda x: np.ones(len(x)), IMAGE, {"b": BLACK}, {"one": one})
    assert flat["one", "b"].srg == 0 and np.isnan(flat["one", "b"].normalised().srg)


def test_segments_take_the_mean_of_a_map_and_nan_is_neither():
    labels = np.zeros((4, 6), int)
    labels[:, 3:] = 1
    values = np.where(labels, 5.0, 1.0)
    values[0, 0] = np.nan
    np.testing.assert_allclose(Pieces.segments(values, labels).values, [1, 5])
    three = np.array([[3.0, np.nan, -3.0]])
    found = occlusion_curves(
        lambda x: x.any(axis=-1)[:, 0] @ [100.0, 10.0, 1.0],
        IMAGE[:1, :3], {"b": BLACK}, {"m": Pieces.pixels(three)}, steps=4,
    )["m", "b"]  # fmt: skip
    np.testing.assert_allclose(found.mif, [111, 11, 1, 0])


def test_wrong_shapes_are_told():
    right = {"m": Pieces.pixels(WEIGHT)}
    for fills, maps, steps, words in (
        ({"b": np.zeros((2, 6, 3))}, right, 3, "fill b"),
        ({"b": BLACK}, {"m": Pieces.pixels(WEIGHT.T)}, 3, "map m"),
        ({"b": BLACK}, right, 1, "at least 2"),
    ):
        with pytest.raises(ZollstockError, match=words):
            occlusion_curves(additive, IMAGE, fills, maps, steps=steps)
    with pytest.raises(ZollstockError, match="value a segment"):
        Pieces.segments([1.0], np.array([[0, 1]]))
