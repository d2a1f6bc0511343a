"""Cats and dogs with two confounders: which of them follows the class, and how closely."""

import numpy as np
import pytest

from tests.unit.worlds.drawing import draw
from zollstock.worlds import folders_of, get_world
from zollstock.worlds.crossed.world import WORLD

COUNT = 4000


@pytest.mark.parametrize(
    ("distribution", "following"),
    [
        ("unbiased", ()),
        ("fur", ("fur_lightness",)),
        ("room", ("background_brightness",)),
        ("both", ("fur_lightness", "background_brightness")),
    ],
)
def test_what_a_distribution_names_follows_the_class_and_nothing_else_does(distribution, following):
    latents, labels = draw(WORLD, COUNT, distribution=distribution, bias=0.9), np.arange(COUNT) % 2
    for name, more in (("fur_lightness", 1), ("background_brightness", 0)):
        told = (latents[name] > 0.5) == (labels == more)
        # Of those that do not follow half are there by chance.
        expected = 0.95 if name in following else 0.5
        assert told.mean() == pytest.approx(expected, abs=0.03), name


def test_both_follow_each_by_itself():
    latents = draw(WORLD, COUNT, distribution="both", bias=0.8)
    labels = np.arange(COUNT) % 2
    fur = (latents["fur_lightness"] > 0.5) == (labels == 1)
    room = (latents["background_brightness"] > 0.5) == (labels == 0)
    assert (fur != room).mean() == pytest.approx(2 * 0.9 * 0.1, abs=0.03)
    assert np.corrcoef(fur, room)[0, 1] == pytest.approx(0, abs=0.06)


def test_it_is_drawn_as_pets_are():
    pets = get_world("pets")
    mine, theirs = draw(WORLD, 4), draw(pets, 4)
    assert WORLD.render(mine, 16).frames.tobytes() == pets.render(theirs, 16).frames.tobytes()
    assert folders_of("pets")[1] in folders_of("crossed")
