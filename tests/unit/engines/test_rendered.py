"""The exact engine."""

import numpy as np
import pytest

from zollstock.engines.rendered import RenderedEngine
from zollstock.errors import ZollstockError
from zollstock.images.table import ImageRecord
from zollstock.worlds import get_world

WORLD = get_world("pets")


@pytest.fixture
def image(drawn):
    return drawn("dog")


def engine(**changes):
    settings = dict(world="pets", size=16, latent="fur_lightness", start=0.2, stop=0.8, steps=4)
    return RenderedEngine(**settings | changes)


def test_each_frame_is_the_image_with_one_latent_set(image):
    path = engine().path(image, 0, lambda done: None)
    np.testing.assert_allclose(path.axis, [0.2, 0.4, 0.6, 0.8])
    for value, frame in zip(path.axis, path.frames, strict=True):
        latents = {name: np.array([number]) for name, number in image.latents.items()}
        latents["fur_lightness"] = np.array([value])
        np.testing.assert_array_equal(frame, WORLD.render(latents, size=16).frames[0])


def test_unedited_is_the_image_with_its_own_latents(image):
    path = engine().path(image, 0, lambda done: None)
    latents = {name: np.array([number]) for name, number in image.latents.items()}
    np.testing.assert_array_equal(path.unedited, WORLD.render(latents, size=16).frames[0])


def test_seed_does_not_matter(image):
    one, two = (engine().path(image, seed, lambda done: None) for seed in (0, 1))
    assert one.frames.tobytes() == two.frames.tobytes()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latent": "fur_lightnes"}, "Did you mean 'fur_lightness'"),
        ({"stop": 7.0}, "value 7"),
        ({"start": -3.0}, "value -3"),
    ],
)
def test_wrong_latents_and_values_are_found_before_anything_is_rendered(image, changes, message):
    with pytest.raises(ZollstockError, match=message):
        engine(**changes).shape([image])


def test_a_photograph_is_refused_by_its_id(image, tmp_path):
    photo = ImageRecord("photo7", "dog", "00", "x", tmp_path / "none.png")
    with pytest.raises(ZollstockError, match="image photo7: has no latents"):
        engine().shape([image, photo])


def test_unknown_world_names_the_nearest():
    with pytest.raises(ZollstockError, match="Did you mean 'pets'"):
        engine(world="pet")
