"""Placebo paths that are drawn or read."""

import numpy as np
import pytest
from PIL import Image

from zollstock.engines.placebos.rendered import RenderedPlacebo
from zollstock.engines.placebos.series import SeriesPlacebo
from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256, read_rgb
from zollstock.images.table import ImageRecord
from zollstock.paths import pixel_change
from zollstock.worlds import get_world

WORLD = get_world("pets")


@pytest.fixture
def image(drawn):
    return drawn("dog")


def engine(**changes):
    settings = dict(world="pets", size=32, latents=None, tested=["background_brightness"], steps=4)
    return RenderedPlacebo(**settings | changes)


def made(placebo, image, seed=1):
    return placebo.path(image, seed, lambda done: None)


def test_it_starts_at_the_image_itself(image):
    path = made(engine(), image)
    latents = {name: np.array([number]) for name, number in image.latents.items()}
    np.testing.assert_array_equal(path.frames[0], WORLD.render(latents, size=32).frames[0])
    np.testing.assert_array_equal(path.frames[0], path.unedited)


@pytest.mark.parametrize("limit", [0.01, 0.03, 0.06])
def test_it_ends_where_the_edit_is_as_large_as_asked(image, limit):
    path = made(engine(limits={"dog": limit}), image)
    reached = pixel_change(path.frames, path.frames[0])[-1]
    assert reached == pytest.approx(limit, rel=0.15)


def test_what_cannot_be_reached_goes_all_the_way(image):
    assert made(engine(limits={"dog": 0.9}), image).axis[-1] == 1


def test_an_edit_of_no_size_still_gives_an_axis(image):
    path = made(engine(limits={"dog": 0.0}), image)
    assert (np.diff(path.axis) > 0).all()


def test_seeds_give_other_placebos_and_equal_seeds_the_same(image):
    one, two, again = (made(engine(), image, seed).frames for seed in (1, 2, 1))
    assert (one == again).all()
    assert (one != two).any()


def test_only_nuisances_move_and_what_is_tested_stays(image, monkeypatch):
    placebo = engine(tested=["background_brightness", "position_x"])
    seen = []
    render = placebo.world.render

    def spy(latents, **settings):
        seen.append(latents)
        return render(latents, **settings)

    monkeypatch.setattr(type(placebo.world), "render", lambda self, latents, **s: spy(latents, **s))
    made(placebo, image)
    moved = {name for name, value in seen[-1].items() if np.ptp(value) > 0}
    assert moved <= set(placebo.latents)
    assert not moved & {"background_brightness", "position_x", "fur_lightness", "dogness"}
    assert {"background_hue", "position_y", "size"} <= moved


def test_named_latents_alone_move(image):
    assert engine(latents=["fur_hue"]).latents == ["fur_hue"]
    with pytest.raises(ZollstockError, match=r"placebos\.latents.*Did you mean 'fur_hue'"):
        engine(latents=["fur_hu"])


def test_the_size_asked_for_is_an_input(image):
    one, two = (engine(limits={"dog": limit}).inputs(image) for limit in (0.1, 0.2))
    assert one != two
    assert engine(limits={"dog": 0.1, "cat": 0.3}).inputs(image) == one


def test_photographs_have_no_nuisances_to_draw(tmp_path):
    photo = ImageRecord("p", "dog", "00", "x", tmp_path / "none.png")
    with pytest.raises(ZollstockError, match=r"placebos\.instructions"):
        engine().shape([photo])


def test_a_captured_series_is_read_by_image_and_draw(tmp_path):
    for draw in (1, 2):
        for step in range(3):
            folder = tmp_path / f"cup-{draw}"
            folder.mkdir(exist_ok=True)
            Image.new("RGB", (6, 5), (draw * 50, step, 0)).save(folder / f"{step}.png")
    file = tmp_path / "cup-1" / "0.png"
    records = [
        ImageRecord("cup", "cup", pixel_sha256(read_rgb(file)), "x", file, draw=draw)
        for draw in (1, 2)
    ]
    placebo = SeriesPlacebo(path=str(tmp_path / "{image}-{draw}"))
    assert placebo.shape(records) == (3, 5, 6)
    paths = [made(placebo, record) for record in records]
    assert [path.frames[0, 0, 0, 0] for path in paths] == [50, 100]
    assert placebo.inputs(records[0]) != placebo.inputs(records[1])
