"""Fills: what is put in, and that it is the same for the same seed."""

import numpy as np
import pytest

import zollstock.locate.fills as registry
from zollstock.entries import known_entries
from zollstock.errors import ZollstockError
from zollstock.locate.context import Context
from zollstock.locate.fills import make_fill
from zollstock.seeds import rng_for

SHAPE = (18, 26)
SETTINGS = {
    "mean": {},
    "median": {},
    "colour": {"rgb": [1, 2, 250]},
    "own_mean": {},
    "own_median": {},
    "own_random": {},
    "random_colour": {"each": True},
    "blur": {"sigma": 2.0},
    "inpaint": {"of": "segment"},
    "histogram": {},
    "noise": {"number": 3},
    "picture": {"image": "random", "number": 2},
    "path": {"property": None, "frame": "last"},
}


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), dtype=np.uint8)


@pytest.fixture
def labels():
    found = np.zeros(SHAPE, np.intp)
    found[:, 13:] = 1
    found[4, 4] = 2  # a segment of one pixel
    return found


def context(image, samples=40):
    return Context(frame=255 - image, pictures=[image // 2, image // 3], samples=samples)


def make(name, image, labels, seed=0, samples=40, **settings):
    given = {"name": name} | SETTINGS[name] | settings
    return make_fill(image, labels, given, rng_for(seed), context(image, samples))


def test_every_entry_is_tested_here():
    assert known_entries(registry) == sorted(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("grey", [False, True])
def test_every_fill(name, grey, image, labels):
    if grey:
        image = np.repeat(image[..., :1], 3, axis=2)
    before = image.copy()
    fill = make(name, image, labels)
    assert fill.pictures.dtype == np.float32
    assert fill.pictures.shape[1:] in {(*SHAPE, 3), (1, 1, 3)}
    assert fill.pictures.min() >= 0 and fill.pictures.max() <= 255
    if fill.chosen is None:
        assert len(fill.pictures) == 1
    else:
        assert fill.chosen.shape == (40,) and fill.chosen.min() >= 0
        assert fill.chosen.max() < len(fill.pictures)
    again = make(name, image, labels)
    assert (again.pictures == fill.pictures).all() and (image == before).all()


@pytest.mark.parametrize("name", ["own_random", "random_colour", "histogram", "noise", "picture"])
def test_the_seed_reaches_what_is_drawn(name, image, labels):
    one, two = make(name, image, labels), make(name, image, labels, seed=1)
    chosen = one.chosen is not None and (one.chosen != two.chosen).any()
    assert chosen or (one.pictures != two.pictures).any()


def test_colours_of_the_picture(image, labels):
    assert np.allclose(make("mean", image, labels).pictures[0, 0, 0], image.mean((0, 1)))
    assert np.allclose(make("median", image, labels).pictures[0, 0, 0], np.median(image, (0, 1)))
    assert make("colour", image, labels).pictures.ravel().tolist() == [1, 2, 250]


def test_colours_of_segments(image, labels):
    mean = make("own_mean", image, labels).pictures[0]
    median = make("own_median", image, labels).pictures[0]
    drawn = make("own_random", image, labels).pictures[0]
    for s in range(3):
        assert np.allclose(mean[labels == s], image[labels == s].mean(0))
        assert np.allclose(median[labels == s], np.median(image[labels == s], axis=0))
        assert np.ptp(drawn[labels == s], axis=0).max() == 0
    assert (mean[4, 4] == image[4, 4]).all()


def test_a_random_colour_for_all_or_for_each(image, labels):
    assert len(make("random_colour", image, labels, each=False).pictures) == 1
    each = make("random_colour", image, labels)
    assert len(each.pictures) == 40 and (each.chosen == np.arange(40)).all()


def test_histogram_colours_are_as_frequent_as_in_the_picture(labels):
    image = np.zeros((*SHAPE, 3), np.uint8)
    image[:, :6] = (250, 10, 100)
    fill = make("histogram", image, labels, samples=4000)
    assert sorted(map(tuple, fill.pictures[:, 0, 0])) == [(0, 0, 0), (250, 10, 100)]
    red = fill.pictures[fill.chosen, 0, 0, 0] == 250
    assert abs(red.mean() - 6 / 26) < 0.03


def test_histogram_colours_are_medians_of_their_bins(image, labels):
    fill = make("histogram", image, labels)
    bins = {}
    for pixel in image.reshape(-1, 3):
        bins.setdefault(tuple(pixel // 32), []).append(pixel)
    wanted = sorted(tuple(np.median(own, axis=0)) for own in bins.values())
    assert np.allclose(sorted(map(tuple, fill.pictures[:, 0, 0])), wanted)


def test_blur(image, labels):
    from scipy.ndimage import gaussian_filter

    for sigma, wanted in ((2.0, 2.0), (None, 0.9)):
        found = make("blur", image, labels, sigma=sigma).pictures[0]
        for c in range(3):
            assert np.allclose(
                found[..., c], gaussian_filter(image[..., c] * 1.0, wanted), atol=0.01
            )


def test_noise_has_the_picture_s_colours(labels):
    image = np.random.default_rng(0).integers(100, 140, (*SHAPE, 3), dtype=np.uint8)
    fill = make("noise", image, labels, number=50)
    assert np.allclose(fill.pictures.mean((0, 1, 2)), image.mean((0, 1)), atol=1)
    assert np.allclose(fill.pictures.std((0, 1, 2)), image.std((0, 1)), atol=1)
    assert len(make("noise", image, labels, number=50, samples=2).pictures) == 2


def test_other_pictures_and_frames(image, labels):
    assert (make("path", image, labels).pictures[0] == 255 - image).all()
    each = make("picture", image, labels)
    assert set(each.chosen) == {0, 1} and (each.pictures[1] == image // 3).all()
    one = make_fill(image, labels, {"name": "picture"}, rng_for(0), Context(pictures=[image // 2]))
    assert one.chosen is None and (one.pictures[0] == image // 2).all()


@pytest.mark.parametrize(("name", "words"), [("path", "another frame"), ("picture", "other pic")])
def test_what_was_not_handed_in_is_told(name, words, image, labels):
    with pytest.raises(ZollstockError, match=words):
        make_fill(image, labels, {"name": name} | SETTINGS[name], rng_for(0))


def ramp():
    down, across = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.stack([down * 5, across * 4, down * 2 + across], -1).astype(np.uint8)


def test_a_plane_is_painted_on_exactly(labels):
    inner = np.zeros(SHAPE, np.intp)
    inner[6:11, 8:14] = 1
    image = ramp()
    found = make("inpaint", image, inner).pictures[0]
    assert np.abs(found - image)[inner == 1].max() < 1
    harmed = image.copy()
    harmed[inner == 1] = 7  # what is painted does not see what was there
    assert (
        np.abs(make("inpaint", harmed, inner).pictures[0][inner == 1] - image[inner == 1]).max() < 1
    )


def test_painting_what_each_sample_takes_away(labels):
    image = ramp()
    fill = make("inpaint", image, labels, of="sample")
    mask = np.ones(SHAPE, np.float32)
    mask[6:11, 8:14] = 0.2
    harmed = image.copy()
    harmed[6:11, 8:14] = 7
    painted = make("inpaint", harmed, labels, of="sample").paint(mask)
    assert np.abs(painted - image).max() < 1
    assert (fill.paint(np.ones(SHAPE, np.float32)) == image).all()
    nothing = fill.paint(np.zeros(SHAPE, np.float32))
    assert np.allclose(nothing, image.mean((0, 1)))


def test_one_segment_is_painted_in_the_mean_colour(image):
    found = make("inpaint", image, np.zeros(SHAPE, np.intp)).pictures[0]
    assert np.allclose(found, image.mean((0, 1)), atol=1e-3)
