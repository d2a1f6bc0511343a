"""Placebos of photographs: what they may do, and how far they go."""

import numpy as np
import pytest
from PIL import Image

from zollstock.engines.base import FailedPath, Unmatched
from zollstock.engines.placebos.pixels import KNOBS, Disturbed, PixelPlacebo
from zollstock.engines.placebos.references import References
from zollstock.engines.registry import engine_for
from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape, pixel_change
from zollstock.profiles import mismatch, slack_of
from zollstock.recipes import made_again, written
from zollstock.settings.placebos import OPERATIONS
from zollstock.store import PathStore, plan_store

SIDE = 48


def photograph(seed=0):
    """A picture of waves, smooth as photographs are."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    return np.array(small.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


@pytest.fixture
def image(tmp_path):
    pixels = photograph()
    file = tmp_path / "cup.png"
    Image.fromarray(pixels).save(file)
    return ImageRecord("cup", "unlabelled", pixel_sha256(pixels), "cup.png", file, {})


@pytest.fixture
def references(tmp_path, image):
    """A finished edit of the image, whose unedited picture has another size than the image."""
    shape = PathShape(3, SIDE, SIDE)
    still = photograph()
    rows = plan_store(tmp_path / "dark.zarr", shape, ["cup"], [0], {"cup": "mark"})
    store = PathStore(tmp_path / "dark.zarr", writable=True)
    frames = np.stack([still, still // 2, still // 4])
    checksum = store.write(rows["cup"], EditPath(frames, np.arange(3.0), still), b"\1" * 32)
    entries = [
        {"image": "cup", "draw": 0, "row": rows["cup"], "checksum": checksum.hex()},
        {"image": "mug", "draw": 0, "row": 1, "failed": "no"},
    ]
    manifest = {"store": "dark.zarr", "shape": shape._asdict(), "images": entries}
    return References.of(manifest, tmp_path)


def engine(references, sizes=((1, 0.02), (1, 0.04)), **changes):
    settings = dict(
        engine="placebo_pixels",
        operations=None,
        tested=[],
        steps=2,
        tolerance=0.2,
        profiles={"cup": sizes},  # of failed edits there are none
    )
    return engine_for(settings | changes, references=references)


def made(placebo, image, seed=1):
    return placebo.path(image, seed, lambda done: None)


def test_the_settings_name_what_there_is():
    assert set(KNOBS) == set(OPERATIONS)


@pytest.mark.parametrize(
    "sizes", [[(0, 0.0), (1, 0.01), (1, 0.06)], [(-1, 0.1), (-1, 0.05), (1, 0.02)], [(1, 0.003)]]
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_frame_is_as_far_from_the_photograph_as_the_edits(references, image, sizes, seed):
    path = made(engine(references, sizes), image, seed)
    np.testing.assert_array_equal(path.unedited, photograph())
    reached = pixel_change(path.frames, path.unedited)
    wanted = [size for _, size in sizes]
    assert (mismatch(reached, wanted, slack_of(wanted)) <= 1.1).all()


@pytest.mark.parametrize("name", KNOBS)
def test_every_operation_alone_leads_somewhere_and_further_with_t(name):
    start = Disturbed(photograph(), [name])
    draws = start.others(3, 4)
    sizes = np.array([start.between(draws, np.full(4, t))[1] for t in (0, 0.25, 0.5, 1.0)])
    assert (sizes[0] == 0).all()
    # Noise and compression round to whole grey levels.
    assert (np.diff(sizes, axis=0) > -2e-3).all() and (sizes[-1] > 0.001).all()


def test_what_a_property_varies_no_placebo_does(references, image):
    tested = [name for name in KNOBS if name != "brightness"]
    placebo = engine(references, tested=tested)
    assert placebo.operations == ["brightness"]
    path = made(placebo, image)
    # Every pixel is multiplied by one number.
    still, frame = path.unedited.astype(float), path.frames[-1].astype(float)
    inside = (frame > 20) & (frame < 235)
    assert np.ptp((frame / np.maximum(still, 1))[inside]) < 0.1


def test_draws_are_pure_ones_and_mixtures():
    draws = Disturbed(photograph(), list(KNOBS)).others(1, 200)
    used = sum((draws[name] != 0).astype(int) for name in KNOBS)
    assert set(used) == set(range(1, len(KNOBS) + 1))


def test_seeds_give_other_placebos_and_equal_seeds_the_same(references, image):
    one, two, again = (made(engine(references), image, seed).frames for seed in (1, 2, 1))
    assert (one == again).all() and (one != two).any()


def test_what_is_too_large_is_unmatched(references, image):
    with pytest.raises(Unmatched, match=r"where the edit changes them by 0\.9"):
        made(engine(references, [(1, 0.9)]), image)


def test_an_image_whose_edit_failed_has_no_placebo(references, image):
    failed = ImageRecord("mug", "", image.sha256, "", image.file, {})
    with pytest.raises(FailedPath, match="edit itself failed"):
        made(engine(references), failed)


def test_its_frames_are_as_large_as_the_edits(references, image):
    assert engine(references).shape([image]) == PathShape(2, SIDE, SIDE)


def test_a_harmed_edit_is_named(references, image, tmp_path):
    for chunk in (tmp_path / "dark.zarr").glob("unedited/c*"):
        chunk.write_bytes(b"harmed")
    with pytest.raises(ZollstockError, match=r"dark\.zarr"):
        made(engine(references), image)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"operations": ["rotat"]}, "names 'rotat'.*rotate"),
        ({"operations": ["jpeg"], "tested": ["jpeg"]}, "leaves nothing to make placebos by"),
    ],
)
def test_what_cannot_be_is_refused(references, changes, message):
    with pytest.raises(ZollstockError, match=message):
        engine(references, **changes)


def test_other_edits_make_other_placebos(references, image):
    found = engine(references).inputs(image)
    assert found["edit"] and found["profile"]
    assert isinstance(engine(references), PixelPlacebo)


@pytest.mark.parametrize(
    "sizes", [[(0, 0.0), (1, 0.01), (1, 0.06)], [(-1, 0.1), (0, 0), (1, 0.02)]]
)
@pytest.mark.parametrize("seed", range(4))
def test_frames_are_made_again_from_a_few_numbers(references, image, sizes, seed):
    path = made(engine(references, sizes, steps=3), image, seed)
    text = written(path.recipe)
    assert len(text) < 2000
    np.testing.assert_array_equal(made_again(text, path.unedited), path.frames)
