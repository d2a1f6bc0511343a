"""Engines that compute on the pixels of photographs."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from zollstock.engines import engine_for
from zollstock.engines.pixels.base import axis_of
from zollstock.engines.produce import produce_paths
from zollstock.errors import ZollstockError
from zollstock.images.fitting import size_note
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import save_png
from zollstock.recipes import made_again, written
from zollstock.store import PathStore, plan_store

AXIS = {"start": 0, "stop": 1, "steps": 5}
BOTH = {"start": -1, "stop": 1, "steps": 5}


def path_of(settings, image, seed=7, told=()):
    engine = engine_for(settings)
    engine.shape([image, *told])
    return engine.path(image, seed, lambda done: None)


def saturation(**changes):
    return {"engine": "photometric", "operation": "saturation"} | BOTH | changes


CASES = {
    "photometric": saturation(),
    "overlay": {"engine": "overlay", "text": "A"} | AXIS,
    "background": {"engine": "background", "operation": "blur", "mask": "middle"} | AXIS,
    "geometric": {"engine": "geometric", "operation": "rotate"} | BOTH,
    "cropped": {"engine": "geometric", "operation": "rotate", "corners": "crop"} | BOTH,
    "blend": {"engine": "blend", "picture": "{other}"} | AXIS,
}


@pytest.fixture(params=sorted(CASES))
def settings(request, photo):
    """Settings of one engine."""
    found = dict(CASES[request.param])
    if "picture" in found:
        found["picture"] = str(photo("other", 30, 30, 5).file)
    return found


def test_the_frame_at_zero_is_the_unedited_picture_to_the_byte(settings, photo):
    path = path_of(settings, photo())
    zero = int(np.flatnonzero(path.axis == 0)[0])
    np.testing.assert_array_equal(path.frames[zero], path.unedited)
    if settings.get("corners") != "crop":
        np.testing.assert_array_equal(path.unedited, photo().pixels())
    for step in set(range(5)) - {zero}:
        assert (path.frames[step] != path.unedited).any()


def test_the_photograph_is_the_reference_where_the_axis_leaves_it_out(settings, photo):
    path = path_of(settings | {"start": 0.4, "stop": 0.8}, photo())
    whole = path_of(settings, photo())
    if settings.get("corners") != "crop":  # which keeps less, the further the axis goes
        np.testing.assert_array_equal(path.unedited, whole.unedited)
    assert (path.frames[0] != path.unedited).any()


def test_paths_run_both_ways(settings, photo):
    forth = path_of(settings, photo())
    back = path_of(settings | {"start": settings["stop"], "stop": settings["start"]}, photo())
    np.testing.assert_array_equal(back.axis, forth.axis[::-1])
    np.testing.assert_array_equal(back.frames, forth.frames[::-1])


def test_a_step_within_rounding_of_zero_is_zero():
    for stop, steps in [(0.8, 17), (0.3, 7), (1.1, 23)]:
        assert axis_of(-stop, stop, steps)[steps // 2] == 0


def test_images_of_one_small_size_keep_it_and_others_are_cropped_to_the_standard(photo):
    engine = engine_for(saturation())
    assert engine.shape([photo("a"), photo("b", seed=1)]) == (5, 40, 50)
    assert size_note([photo("a"), photo("b", seed=1)]) is None
    wide = photo("c", 300, 600)
    assert engine_for(saturation()).shape([wide]) == (5, 256, 256)
    assert engine.shape([photo("a"), wide]) == (5, 256, 256)
    assert "256×256 pixels, since the images differ in size" in size_note([photo("a"), wide])
    assert "256×256 pixels, since the images are large" in size_note([wide])
    assert path_of(saturation(), photo("a"), told=[wide]).frames.shape == (5, 256, 256, 3)
    assert engine_for(saturation(size=[20, 30])).shape([wide]) == (5, 20, 30)


def test_a_job_that_makes_a_part_takes_the_size_from_the_store(photo, tmp_path):
    """It has not seen all images."""
    small, wide = photo("a"), photo("c", 300, 600)
    shape = engine_for(saturation()).shape([small, wide])
    rows = plan_store(tmp_path / "s.zarr", shape, ["a", "c"], [0], {"a": "1", "c": "2"})
    store = PathStore(tmp_path / "s.zarr", writable=True, shape=shape._asdict())
    entries = produce_paths(
        engine_for(saturation()),
        saturation(),
        [small],
        store,
        rows,
        seed=1,
        frames_done=lambda n: None,
    )
    assert "failed" not in entries[0] and store.shape[1:] == (256, 256)


@pytest.mark.parametrize("fit", ["crop", "stretch", "pad"])
def test_photographs_are_fitted(photo, fit):
    image = photo("wide", 20, 60)
    unedited = path_of(saturation(size=[40, 40], fit=fit), image).unedited
    pixels = image.pixels()
    if fit == "pad":
        assert np.ptp(unedited[:10], axis=(0, 1)).max() == 0
        assert np.abs(unedited[0, 0] - pixels.mean((0, 1))).max() <= 0.5
        assert np.ptp(unedited[15:25], axis=(0, 1)).max() > 0
    else:
        box = (20, 0, 40, 20) if fit == "crop" else None
        expected = Image.fromarray(pixels).resize((40, 40), Image.Resampling.BICUBIC, box=box)
        np.testing.assert_array_equal(unedited, np.asarray(expected))


def test_a_mask_is_kept_on_both_sides_and_follows_the_crop(photo, half):
    image, folder = photo("dog", 40, 60), half("dog", height=40, width=60)
    path = path_of(saturation(mask=folder, size=[40, 40]), image)
    moved = (path.frames[0] != path.unedited).any(axis=2)
    assert moved[:, :20].any() and not moved[:, 20:].any()
    outside = path_of(saturation(mask=folder, where="outside", size=[40, 40]), image)
    moved = (outside.frames[0] != outside.unedited).any(axis=2)
    assert not moved[:, :20].any() and moved[:, 20:].any()


def test_masks_lie_in_a_folder_a_pattern_or_a_table_and_are_inputs(photo, half, tmp_path):
    image, folder = photo(), half("dog")
    (tmp_path / "m.csv").write_text("image,path\ndog,masks/dog.png\ncat,none.png\n")
    ways = [folder, f"{folder}/{{image}}.png", str(tmp_path / "m.csv"), f"{folder}/dog.png"]
    made = [path_of(saturation(mask=way), image).frames for way in ways]
    assert all((frames == made[0]).all() for frames in made)
    found = [engine_for(saturation(mask=way)).inputs(image) for way in ways]
    assert all(each == found[0] for each in found) and found[0]["mask"]
    save_png(np.full((40, 50, 3), 255, np.uint8), tmp_path / "masks" / "dog.png")
    assert engine_for(saturation(mask=folder)).inputs(image) != found[0]


def test_the_middle_is_an_ellipse_of_a_share(photo):
    weights = engine_for(saturation(mask="middle 0.5", size=[80, 120])).weights(photo())
    assert weights.sum() == pytest.approx(np.pi * 20 * 30, rel=0.02)
    assert weights[40, 60] == 1 and weights[40, 25] == 0 and weights[15, 60] == 0
    assert not engine_for(saturation(mask="middle")).inputs(photo())


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ("{tmp}/none.png", "none.png: cannot be read as the mask of 'dog'"),
        ("{tmp}/masks/cat.png", "has 4×4 pixels; expected 40×50, the size of the frames"),
        ("{tmp}/masks", "has none for the image 'dog' .mask.; expected one picture that is called"),
        ("{tmp}/two", "has two, dog.png and dog.webp, for the image 'dog'"),
        ("{tmp}/m.csv", "names the image 'dog' 0 times"),
        ("{tmp}/x.csv", "has no column 'image'"),
    ],
)
def test_wrong_masks_are_named(photo, tmp_path, mask, message):
    save_png(np.full((4, 4, 3), 255, np.uint8), tmp_path / "masks" / "cat.png")
    for name in ("dog.png", "dog.webp"):
        save_png(np.full((4, 4, 3), 255, np.uint8), tmp_path / "two" / name)
    (tmp_path / "m.csv").write_text("image,path\ncat,x.png\n")
    (tmp_path / "x.csv").write_text("name,path\ndog,x.png\n")
    with pytest.raises(ZollstockError, match=message):
        engine_for(saturation(mask=mask.format(tmp=tmp_path))).shape([photo()])


def test_noise_is_drawn_from_the_seed_alone(photo):
    settings = {"engine": "photometric", "operation": "noise"} | AXIS
    one, two, three = (path_of(settings, photo(), seed).frames for seed in (1, 1, 2))
    assert one.tobytes() == two.tobytes() != three.tobytes()
    longer = path_of(settings | {"steps": 9}, photo(), 1).frames
    np.testing.assert_array_equal(longer[::2], one)


# --- geometric ---------------------------------------------------------------------------------


def test_cropped_corners_show_nothing_from_outside(photo):
    """Of a white picture under black corners every frame is white."""
    image = photo("white", 64, 96)
    for operation, stop in [("rotate", 45), ("shear", 20), ("perspective", 0.4), ("scale", 0.8)]:
        turned = {"engine": "geometric", "operation": operation, "corners": "crop", "steps": 5}
        engine = engine_for(turned | {"start": -stop, "stop": stop, "size": [30, 45]})
        assert engine.shape([image]) == (5, 30, 45)
        wide = engine._around((30, 45))
        white = np.full((*wide, 3), 255, np.uint8)
        # Were anything from outside to be seen, it would be black; interpolation reaches a pixel.
        engine.options["corners"] = (0, 0, 0)
        save_png(white, image.file)
        shown = dataclasses.replace(image, sha256=pixel_sha256(white))
        assert engine.path(shown, 1, lambda done: None).frames[:, 1:-1, 1:-1].min() > 200
        assert wide[0] < 30 * 4


def test_directions_and_colours_of_corners_reach_the_frames(photo):
    shift = {"engine": "geometric", "operation": "translate", "start": 0, "stop": 8, "steps": 3}
    up = path_of(shift | {"towards": 90.0, "corners": [9, 8, 7]}, photo())
    np.testing.assert_array_equal(up.frames[-1][:-8], up.unedited[8:])
    assert (up.frames[-1][-8:] == [9, 8, 7]).all()


# --- background and blend ----------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["blur", "grey", "colour", "picture"])
def test_a_background_changes_and_the_subject_stays(photo, half, operation):
    settings = {"engine": "background", "operation": operation, "mask": half("dog")} | AXIS
    if operation == "picture":
        settings["picture"] = str(photo("forest", 80, 100, 3).file)
    path = path_of(settings | {"colour": [1, 2, 3]}, photo())
    assert (path.frames[:, :, :25] == path.unedited[:, :25]).all()
    behind = path.frames[-1][:, 25:].astype(int)
    assert (behind != path.unedited[:, 25:]).any()
    if operation == "colour":
        assert (behind == [1, 2, 3]).all()
    if operation == "grey":
        assert np.ptp(behind, axis=2).max() == 0
    if operation == "picture":
        forest = Image.open(settings["picture"]).resize((50, 40), Image.Resampling.BICUBIC)
        np.testing.assert_array_equal(behind, np.asarray(forest)[:, 25:])


def test_a_blend_is_linear_and_ends_at_the_other_picture(photo, tmp_path):
    other = photo("other", 40, 50, 4)
    path = path_of({"engine": "blend", "picture": str(other.file)} | AXIS, photo())
    np.testing.assert_array_equal(path.frames[-1], other.pixels())
    middle = (path.unedited.astype(float) + other.pixels()) / 2
    assert np.abs(path.frames[2] - middle).max() <= 0.5
    with pytest.raises(ZollstockError, match="cannot be read as the picture of 'dog'"):
        engine_for({"engine": "blend", "picture": f"{tmp_path}/none.png"} | AXIS).shape([photo()])


def test_a_full_turn_ends_where_it_began_and_holds_the_photograph(photo):
    turn = {"engine": "geometric", "operation": "rotate", "start": -180, "stop": 180, "steps": 9}
    path = path_of(turn, photo("round", 48, 48))
    apart = np.abs(path.frames[0].astype(int) - path.frames[-1])
    assert apart.max() <= 1  # rounding
    np.testing.assert_array_equal(path.frames[4], path.unedited)
    assert np.abs(path.frames[2].astype(int) - path.frames[6]).max() > 50


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"engine": "photometric", "operation": "noise"}, False),
        ({"engine": "photometric", "operation": "blur", "mask": "middle"}, True),
        ({"engine": "geometric", "operation": "rotate"}, False),
        ({"engine": "geometric", "operation": "rotate", "corners": [9, 8, 7]}, False),
        ({"engine": "geometric", "operation": "rotate", "corners": "crop"}, True),
        ({"engine": "overlay", "text": "A"}, True),
    ],
)
def test_frames_are_kept_only_where_they_hang_on_more_than_picture_and_numbers(
    photo, changes, kept
):
    settings = AXIS | {"stop": 0.2} | changes
    made, path = engine_for(settings), path_of(settings, photo())
    assert (path.recipe is None) == kept == (not made.gives_recipes)
    if not kept:
        again = made_again(written(path.recipe), path.unedited)
        np.testing.assert_array_equal(again, path.frames)
