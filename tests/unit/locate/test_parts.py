"""Shares of parts and masks at a model's input size: they go the way of the frames."""

import numpy as np
import pytest

from zollstock.images.geometry import Geometry
from zollstock.images.table import ImageRecord
from zollstock.locate.parts import parts_of, resized, weights_for
from zollstock.locate.truth import part_effects
from zollstock.worlds import get_world


@pytest.fixture(scope="module")
def drawn():
    """A picture, its record and its parts, (11, 64, 64)."""
    world = get_world("pets")
    latents = world.sample(np.array([0]), np.array([5], np.uint64))
    found = world.render(latents, parts=True)
    values = {name: float(column[0]) for name, column in latents.items()}
    record = ImageRecord("cat", "cat", "sha", "pets", None, values)
    return record, found.frames[0], found.parts[0]


@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_shares_go_the_way_of_the_frames(fit, drawn):
    parts = drawn[2]
    found = weights_for(Geometry((30, 40), "bicubic", fit), parts)
    assert found.shape == (11, 30, 40)
    np.testing.assert_allclose(found.sum(0), 1, atol=1e-5)
    np.testing.assert_allclose(weights_for(Geometry(), parts), parts, atol=1e-6)
    if fit == "pad":
        assert (found[0][:, 0] == 1).all()


def test_a_model_that_cuts_out_of_a_larger_picture_gets_no_other_parts_than_pixels(drawn):
    cut = Geometry((64, 64), "bilinear", "crop", 80)
    shown = (drawn[2] * 255).round().astype(np.uint8)[..., None].repeat(3, axis=-1)
    wanted = cut.apply(shown)[..., 0] / 255
    np.testing.assert_allclose(weights_for(cut, drawn[2]), wanted, atol=0.03)


@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_parts_of_a_drawn_picture_have_exact_effects_at_any_input_size(fit, drawn):
    record, picture, _ = drawn
    geometry = Geometry((20, 28), "bilinear", fit)
    names, weights = parts_of(record, world="pets", size=(64, 64), geometry=geometry)
    np.testing.assert_allclose(weights.sum(0), 1, atol=1e-5)
    start, end = geometry.apply(np.stack([picture, 255 - picture]))
    if fit == "pad":
        # What a model pads with is the background's.
        assert names[0] == "background" and (weights[0][:, :4] == 1).all()
        end[:, :4] = end[:, -4:] = 0
    found = part_effects(lambda x: x.mean((1, 2, 3)), start, end, weights, names, batch=512)
    assert found.effects.sum() == pytest.approx(float(end.mean() - start.mean()), abs=0.05)


def test_a_mask_is_nowhere_in_what_is_padded():
    mask = np.ones((4, 4), np.float32) / 3
    assert (
        resized(mask, Geometry((4, 8), "bilinear", "pad")).tolist()
        == [[0, 0, *[pytest.approx(1 / 3)] * 4, 0, 0]] * 4
    )
    assert (resized(mask, Geometry()) == mask).all()
