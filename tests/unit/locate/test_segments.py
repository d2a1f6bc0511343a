"""Segmenters: labels without gaps for pictures of any kind."""

import numpy as np
import pytest

import zollstock.locate.segments as registry
from zollstock.entries import known_entries
from zollstock.errors import ZollstockError
from zollstock.locate.context import Context
from zollstock.locate.segments import segments_of, without_gaps

SHAPE = (30, 44)
SETTINGS = {
    "grid": {"rows": 3, "columns": 4},
    "slic": {"number": 12, "compactness": 10.0},
    "quickshift": {"kernel": 3.0, "distance": 20.0, "ratio": 0.5},
    "felzenszwalb": {"scale": 100.0, "sigma": 0.5, "least": 10},
    "watershed": {"number": 12, "compactness": 0.001},
    "labels": {"path": "x"},
    "parts": {},
    "mask": {"property": "fur"},
}


def context():
    labels = np.zeros(SHAPE, np.uint8)
    labels[:10], labels[20:] = 7, 200
    mask = np.zeros(SHAPE, np.uint8)
    mask[5:20, 5:20] = 255
    return Context(labels=labels, parts=labels, mask=mask)


def pictures():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    grey = np.repeat(noise[..., :1], 3, axis=2)
    blocks = np.kron(rng.integers(0, 256, (3, 4, 3)), np.ones((10, 11, 1))).astype(np.uint8)
    return {"noise": noise, "grey": grey, "blocks": blocks, "flat": np.full_like(noise, 90)}


def test_every_entry_is_tested_here():
    assert known_entries(registry) == sorted(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("picture", ["noise", "grey", "blocks", "flat"])
def test_labels_have_no_gaps(name, picture):
    image = pictures()[picture]
    before = image.copy()
    found = segments_of(image, {"name": name} | SETTINGS[name], context())
    assert found.shape == SHAPE and found.dtype == np.intp
    assert (np.unique(found) == np.arange(found.max() + 1)).all()
    again = segments_of(image, {"name": name} | SETTINGS[name], context())
    assert (found == again).all() and (image == before).all()


def test_a_grid_that_does_not_divide_the_picture():
    found = segments_of(np.zeros((*SHAPE, 3), np.uint8), {"name": "grid", "rows": 4, "columns": 7})
    sizes = [len(set(found[:, 0])), len(set(found[0]))]
    assert sizes == [4, 7] and found.max() == 27
    for line in (found[:, 0] // 7, found[0] % 7):
        counts = np.bincount(line)
        assert counts.max() - counts.min() <= 1
    with pytest.raises(ZollstockError, match="30 rows at most"):
        segments_of(np.zeros((*SHAPE, 3), np.uint8), {"name": "grid", "rows": 31, "columns": 1})


def test_gaps_are_closed():
    assert without_gaps(np.array([[5, -2], [900, 5]])).tolist() == [[1, 0], [2, 1]]


def test_segments_follow_colours():
    image = pictures()["blocks"]
    for name in ("slic", "felzenszwalb", "watershed"):
        found = segments_of(image, {"name": name} | SETTINGS[name])
        means = np.array([image[found == s].mean(0) for s in range(found.max() + 1)])
        assert np.abs(means[found] - image).mean() < 12, name


@pytest.mark.parametrize("mask", [np.uint8, bool, np.float32])
def test_inside_and_outside_of_a_mask(mask):
    inside = np.zeros(SHAPE, bool)
    inside[5:20, 5:20] = True
    given = (inside * 255).astype(np.uint8) if mask is np.uint8 else inside.astype(mask)
    image = pictures()["flat"]
    found = segments_of(image, {"name": "mask"}, Context(mask=given))
    assert ((found == 1) == inside).all()
    nothing = segments_of(image, {"name": "mask"}, Context(mask=np.zeros(SHAPE, np.uint8)))
    assert (nothing == 0).all()


@pytest.mark.parametrize("name", ["labels", "parts", "mask"])
def test_what_is_not_there_or_of_another_size_is_told(name):
    image = pictures()["flat"]
    with pytest.raises(ZollstockError, match="is not there for this picture"):
        segments_of(image, {"name": name})
    wrong = Context(**{name: np.zeros((3, 4), np.uint8)})
    with pytest.raises(ZollstockError, match="has 3×4 pixels; expected 30×44"):
        segments_of(image, {"name": name}, wrong)


def test_an_unknown_segmenter_is_told():
    with pytest.raises(ZollstockError, match="Did you mean 'slic'"):
        segments_of(pictures()["flat"], {"name": "slik"})


@pytest.mark.parametrize("name", ["labels", "parts", "mask"])
def test_a_picture_of_colours_is_no_label_picture(name):
    image = pictures()["flat"]
    with pytest.raises(ZollstockError, match="one number a pixel"):
        segments_of(image, {"name": name}, Context(**{name: image}))
    if name != "mask":
        with pytest.raises(ZollstockError, match="a whole one"):
            segments_of(image, {"name": name}, Context(**{name: np.ones(SHAPE)}))
