"""Placebo paths that are drawn or read."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from zollstock.engines.base import FailedPath, Unmatched
from zollstock.engines.placebos.rendered import RenderedPlacebo
from zollstock.engines.placebos.series import SeriesPlacebo
from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256, read_rgb
from zollstock.images.table import ImageRecord
from zollstock.paths import pixel_change
from zollstock.profiles import mismatch, slack_of
from zollstock.worlds import get_world

WORLD = get_world("pets")


@pytest.fixture
def image(drawn):
    return drawn("dog")


def engine(sizes=((1, 0.02), (1, 0.04)), **changes):
    settings = dict(
        world="pets",
        size=32,
        latents=None,
        tested=["background_brightness"],
        steps=4,
        tolerance=0.2,
        profiles={"dog": sizes},
    )
    return RenderedPlacebo(**settings | changes)


def made(placebo, image, seed=1):
    return placebo.path(image, seed, lambda done: None)


def test_its_reference_is_the_image_itself(image):
    path = made(engine(), image)
    latents = {name: np.array([number]) for name, number in image.latents.items()}
    np.testing.assert_array_equal(path.unedited, WORLD.render(latents, size=32).frames[0])


@pytest.mark.parametrize(
    "sizes",
    [
        [(0, 0.0), (1, 0.01), (1, 0.03)],
        [(-1, 0.06), (-1, 0.03), (1, 0.05)],
        [(1, 0.003), (1, 0.005)],
        [(1, 0.0005), (1, 0.0015)],
        [(-1, 0.12), (1, 0.1)],
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_frame_is_as_far_from_the_image_as_the_edits(image, sizes, seed):
    path = made(engine(sizes), image, seed)
    reached = pixel_change(path.frames, path.unedited)
    wanted = [size for _, size in sizes]
    assert (mismatch(reached, wanted, slack_of(wanted)) <= 1.1).all()


def test_frames_on_both_sides_lie_on_ways_of_their_own(image):
    path = made(engine([(-1, 0.05), (1, 0.05)]), image)
    assert pixel_change(path.frames[:1], path.frames[1])[0] > 0.03


def test_what_no_nuisance_can_reach_is_unmatched(image):
    with pytest.raises(Unmatched, match=r"where the edit changes them by 0\.9"):
        made(engine([(1, 0.9)]), image)


def test_an_image_whose_edit_failed_has_no_placebo(image):
    with pytest.raises(FailedPath, match="edit itself failed"):
        made(engine(profiles={}), image)


def test_an_edit_of_no_size_is_met_by_the_image(image):
    path = made(engine([(0, 0.0), (0, 0.0)]), image)
    assert (path.frames == path.unedited).all()
    assert (np.diff(path.axis) > 0).all()


def test_seeds_give_other_placebos_and_equal_seeds_the_same(image):
    one, two, again = (made(engine(), image, seed).frames for seed in (1, 2, 1))
    assert (one == again).all()
    assert (one != two).any()


def test_only_nuisances_move_and_what_is_tested_stays(image, monkeypatch):
    placebo = engine(tested=["background_brightness", "position_x"])
    seen = []
    still = {name: np.array([number]) for name, number in image.latents.items()}
    render = placebo.world.render

    def spy(latents, **settings):
        seen.append(latents)
        return render(latents, **settings)

    monkeypatch.setattr(type(placebo.world), "render", lambda self, latents, **s: spy(latents, **s))
    made(placebo, image)
    moved = {name for latents in seen for name in latents if (latents[name] != still[name]).any()}
    assert moved <= set(placebo.latents)
    assert not moved & {"background_brightness", "position_x", "fur_lightness", "dogness"}
    assert {"background_hue", "position_y", "size"} <= moved


def test_named_latents_alone_move(image):
    assert engine(latents=["fur_hue"]).latents == ["fur_hue"]
    with pytest.raises(ZollstockError, match=r"placebos\.latents.*Did you mean 'fur_hue'"):
        engine(latents=["fur_hu"])


def test_the_size_asked_for_is_an_input(image):
    one, two = (engine([(1, size)]).inputs(image) for size in (0.1, 0.2))
    assert one != two
    both = {"dog": [(1, 0.1)], "cat": [(1, 0.3)]}
    assert engine(profiles=both).inputs(image) == one


def test_photographs_have_no_nuisances_to_draw(tmp_path):
    photo = ImageRecord("p", "dog", "00", "x", tmp_path / "none.png")
    with pytest.raises(ZollstockError, match=r"placebos\.instructions"):
        engine().shape([photo])


@pytest.fixture
def cup(tmp_path):
    """An image, and two series that begin at it and become brighter in steps of .1 and .05."""
    Image.new("RGB", (6, 5), (50, 50, 50)).save(tmp_path / "cup.png")
    for draw, unit in ((1, 25.5), (2, 12.75)):
        (tmp_path / f"cup-{draw}").mkdir()
        for step in range(5):
            grey = round(50 + unit * step)
            Image.new("RGB", (6, 5), (grey,) * 3).save(tmp_path / f"cup-{draw}" / f"{step}.png")
    file = tmp_path / "cup.png"
    checksum = pixel_sha256(read_rgb(file))
    return [ImageRecord("cup", "cup", checksum, "x", file, draw=draw) for draw in (1, 2)]


def captured(folder, sizes, **changes):
    settings = dict(steps=3, tolerance=0.2, profiles={"cup": sizes})
    return SeriesPlacebo(path=str(folder / "{image}-{draw}"), **settings | changes)


def test_of_a_captured_series_the_frames_as_large_as_the_edits_are_taken(tmp_path, cup):
    placebo = captured(tmp_path, [(0, 0.0), (1, 0.1), (1, 0.2)])
    assert placebo.shape(cup) == (3, 5, 6)
    paths = [made(placebo, record) for record in cup]
    assert [path.frames[:, 0, 0, 0].tolist() for path in paths] == [[50, 76, 101]] * 2
    assert placebo.inputs(cup[0]) != placebo.inputs(cup[1])


def test_a_captured_series_that_is_too_small_is_unmatched(tmp_path, cup):
    placebo = captured(tmp_path, [(0, 0.0), (1, 0.2), (1, 0.38)])
    assert made(placebo, cup[0]).frames[2, 0, 0, 0] == 152
    with pytest.raises(Unmatched, match=r"by 0\.2 where the edit changes them by 0\.38"):
        made(placebo, cup[1])
    # A series that runs one way has nothing on the other side.
    with pytest.raises(Unmatched):
        made(captured(tmp_path, [(-1, 0.1), (0, 0.0), (1, 0.1)]), cup[0])


def test_a_placebo_series_of_another_image_is_refused(tmp_path, cup):
    for step in range(5):
        Image.new("RGB", (6, 5), (200 + step, 0, 0)).save(tmp_path / "cup-1" / f"{step}.png")
    with pytest.raises(ZollstockError, match="shows another picture than the image 'cup'"):
        made(captured(tmp_path, [(0, 0.0), (1, 0.1), (1, 0.2)]), cup[0])


def test_a_missing_placebo_series_names_both_keys(tmp_path, cup):
    third = replace(cup[0], draw=3)
    with pytest.raises(ZollstockError, match=r"placebos\.series.*placebos\.number"):
        captured(tmp_path, [(1, 0.1)]).shape([*cup, third])


def test_a_captured_series_is_matched_on_the_side_where_the_edit_lies(tmp_path, cup):
    """Series that end at the picture, as an axis from 5 to 95 whose picture is at 95 does."""
    for draw in (1, 2):
        files = [tmp_path / f"cup-{draw}" / f"{step}.png" for step in range(5)]
        pictures = [Image.open(file).copy() for file in files]
        for file, picture in zip(files, reversed(pictures), strict=True):
            picture.save(file)
    path = made(captured(tmp_path, [(-1, 0.2), (-1, 0.1), (0, 0.0)]), cup[0])
    assert path.frames[:, 0, 0, 0].tolist() == [101, 76, 50]
    assert path.unedited[0, 0, 0] == 50
    with pytest.raises(Unmatched):
        made(captured(tmp_path, [(0, 0.0), (1, 0.1), (1, 0.2)]), cup[0])
