"""Cats and dogs: masks and parts that tell the truth, and a bias as strong as it says."""

import numpy as np
import pytest

from tests.unit.worlds.drawing import draw, pick, share, sweep
from zollstock.errors import ZollstockError
from zollstock.worlds import get_world
from zollstock.worlds.pets.world import DARK_FUR, LIGHT_FUR

LUMA = np.array([0.299, 0.587, 0.114])


@pytest.fixture
def world():
    return get_world("pets")


@pytest.fixture
def latents(world):
    return draw(world, 12)


def test_masks_are_shares_that_sum_to_at_most_one(world, latents):
    drawn = world.render(latents)
    masks = np.stack([drawn.regions["fur"], drawn.regions["background"], drawn.regions["features"]])
    assert masks.min() >= 0
    assert masks.sum(0).max() <= 1 + 1e-6
    share = masks.mean((1, 2, 3))
    assert (share > (0.15, 0.3, 0.02)).all()


def test_fur_lightness_changes_fur_alone(world, latents):
    for row in range(6):
        drawn = sweep(world, latents, row, "fur_lightness")
        assert (drawn.regions["fur"] == drawn.regions["fur"][0]).all()
        steps = np.ptp(drawn.frames.astype(int), axis=0).max(-1)
        assert (steps[drawn.regions["background"][0] == 1] == 0).all()
        assert (steps[drawn.regions["fur"][0] == 0] == 0).all()
        # Where fur is partly covered, the change is at most its share of the fur's own change,
        # of which a channel of tinted fur may have 1.3 before it is clipped.
        assert (steps <= 1.3 * 255 * drawn.regions["fur"][0] + 1).all()
        inside = drawn.regions["fur"][0] > 0.98
        assert np.median(steps[inside]) > 120


def test_background_brightness_leaves_fur_and_features_alone(world, latents):
    for row in range(6):
        drawn = sweep(world, latents, row, "background_brightness")
        steps = np.ptp(drawn.frames.astype(int), axis=0).max(-1)
        assert (steps[drawn.regions["fur"][0] == 1] == 0).all()
        assert (steps[drawn.regions["background"][0] == 0] == 0).all()
        assert np.median(steps[drawn.regions["background"][0] == 1]) > 100


def test_fur_luminance_grows_with_lightness_from_dark_to_nearly_white(world, latents):
    latents = world.do(latents, "stripes", 0.0)
    for row in range(6):
        drawn = sweep(world, latents, row, "fur_lightness", 11)
        inside = drawn.regions["fur"][0] > 0.98
        luminance = (drawn.frames @ LUMA)[:, inside].mean(1) / 255
        assert (np.diff(luminance) > 0.02).all()
        assert luminance[0] < 0.16
        assert luminance[-1] > 0.8


def test_features_stand_out_on_any_fur(world):
    latents = draw(world, 8, shape_noise=0.0) | {"occluder": np.zeros(8)}
    for row in range(8):
        drawn = sweep(world, latents, row, "fur_lightness", 5)
        luminance = drawn.frames @ LUMA
        for step in range(5):
            fur = np.median(luminance[step][drawn.regions["fur"][step] > 0.98])
            away = np.abs(luminance[step][drawn.regions["features"][step] > 0.9] - fur)
            assert (away > 50).mean() > 0.15  # of 255: eyes, nose or mouth


def test_noise_angle_moves_noise_of_constant_strength(world, latents):
    still = world.do(latents, "noise_amplitude", 0.05)
    row = pick(world.do(still, "background_clutter", 0.0), [1])
    row = world.do(world.do(row, "background_brightness", 0.5), "occluder", 0.0)
    frames = world.render(world.do(row, "noise_angle", [0.0, 0.5, 1.0])).frames
    clean = world.render(world.do(row, "noise_amplitude", 0.0)).frames[0].astype(float)
    noise = (frames - clean)[:, :14].mean(-1).reshape(3, -1)
    np.testing.assert_allclose(noise.std(1), 0.05 * 255, rtol=0.15)
    assert abs(np.corrcoef(noise)[0, 2]) < 0.15
    np.testing.assert_allclose(np.corrcoef(noise)[1, [0, 2]], np.sqrt(0.5), atol=0.1)


def test_fur_follows_the_class_as_often_as_the_bias_says(world):
    latents = draw(world, 4000, distribution="dark_cats", bias=0.9)
    fur, dogs = latents["fur_lightness"], np.arange(4000) % 2 == 1
    followed = np.where(dogs, fur >= LIGHT_FUR[0], fur <= DARK_FUR[1])
    assert followed.mean() == pytest.approx(0.9 + 0.1 * 0.4, abs=0.015)
    swapped = draw(world, 4000, distribution="dark_dogs", bias=0.9)["fur_lightness"]
    assert swapped[dogs].mean() < 0.3 < 0.7 < swapped[~dogs].mean()
    plain = draw(world, 4000)["fur_lightness"]
    assert abs(plain[dogs].mean() - plain[~dogs].mean()) < 0.03
    rest = [name for name in latents if name != "fur_lightness"]
    assert all((latents[name] == draw(world, 4000)[name]).all() for name in rest)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("fur_lightnes", 0.5, "Did you mean 'fur_lightness'"),
        ("noise_seed", 1.0, "expected one of"),
        ("fur_lightness", 1.01, r"value 1\.01; expected a number from 0 to 1"),
        ("fur_lightness", [0.5, np.nan], "value nan"),
        ("fur_lightness", [], "at least one"),
        ("fur_lightness", np.linspace(0, 1, 5), "5 values for 12 images"),
    ],
)
def test_mistakes_are_named(world, latents, name, values, message):
    with pytest.raises(ZollstockError, match=message):
        world.do(latents, name, values)


def test_unknown_worlds_distributions_and_labels_are_named(world):
    with pytest.raises(ZollstockError, match="Did you mean 'pets'"):
        get_world("pet")
    with pytest.raises(ZollstockError, match="Did you mean 'dark_cats'"):
        draw(world, 2, distribution="darkcats")
    with pytest.raises(ZollstockError, match="at least 8"):
        world.render(draw(world, 2), size=7)
    with pytest.raises(ZollstockError, match="0 or 1"):
        world.sample(np.array([2]), np.array([0], dtype=np.uint64))


def test_parts_sum_to_one_and_change_no_frame(world, latents):
    drawn = world.render(latents, size=48, parts=True)
    assert drawn.parts.shape == (12, len(world.part_names), 48, 48)
    assert drawn.parts.dtype == np.float32
    np.testing.assert_allclose(drawn.parts.sum(axis=1), 1, atol=1e-5)
    assert drawn.parts.min() >= 0
    most = dict(zip(world.part_names, drawn.parts.max(axis=(0, 2, 3)), strict=True))
    assert most.pop("outline") > 0.3  # thin, and never opaque
    assert min(most.values()) > 0.8  # each is seen somewhere
    plain = world.render(latents, size=48)
    assert plain.frames.tobytes() == drawn.frames.tobytes()
    assert plain.regions["fur"].tobytes() == drawn.regions["fur"].tobytes()
    assert plain.parts.shape[0] == 0
    alone = world.render(latents, size=48, masks=False, parts=True)
    assert alone.parts.tobytes() == drawn.parts.tobytes() and not len(alone.regions["fur"])
    one = world.render(pick(latents, [5]), size=48, parts=True)
    assert one.parts[0].tobytes() == drawn.parts[5].tobytes()


def test_parts_agree_with_the_masks(world, latents):
    drawn = world.render(latents, size=48, parts=True)
    furry = share(drawn, world, "head", "ears", "muzzle", "body", "tail")
    bare = drawn.regions["features"] == 0
    np.testing.assert_allclose(furry[bare], drawn.regions["fur"][bare], atol=1e-5)
    assert (share(drawn, world, "background")[drawn.regions["background"] == 1] > 1 - 1e-5).all()
    assert (furry[drawn.regions["fur"] > 0.98] > 0.97).all()


@pytest.mark.parametrize(
    ("latent", "names"),
    [
        ("eye_hue", ("eyes",)),
        ("background_brightness", ("background",)),
        ("fur_lightness", ("head", "ears", "muzzle", "body", "tail")),
    ],
)
def test_a_latent_changes_its_parts_alone_and_by_their_share(world, latents, latent, names):
    low, high = world.latent_ranges[latent]
    for row in range(12):
        ends = world.do(pick(latents, [row]), latent, [low, high])
        drawn = world.render(ends, parts=True)
        np.testing.assert_array_equal(drawn.parts[0], drawn.parts[1])
        change = np.abs(np.diff(drawn.frames.astype(int), axis=0)[0]).max(axis=-1)
        seen = share(drawn, world, *names)[0]
        assert not change[seen == 0].any()
        assert (change <= 1.3 * 255 * seen + 1).all()
        if latent == "fur_lightness":
            # Not the tongue, nor the inside of an ear, which are parts without fur.
            assert change[(seen > 0.98) & (drawn.regions["fur"][0] > 0.98)].min() > 10


def test_a_part_that_is_moved_is_where_its_share_says(world, latents):
    moved = {**pick(latents, [1]), "tail_jitter": np.array([-0.5])}
    both = [world.render(one, parts=True) for one in (pick(latents, [1]), moved)]
    change = np.abs(both[0].frames.astype(int) - both[1].frames).max(axis=-1)[0]
    changed = change > 30  # the rim light, which goes by the nearest edge, reaches the body
    near = np.max([share(one, world, "tail", "outline")[0] for one in both], axis=0)
    assert changed.any() and not changed[near == 0].any()


def test_other_latents_tell_nothing_of_the_class(world):
    latents = draw(world, 4000)
    dogs = np.arange(4000) % 2 == 1
    assert latents["dogness"][dogs].mean() > 0.8
    for name in set(latents) - {"dogness"}:
        column = latents[name]
        gap = abs(column[dogs].mean() - column[~dogs].mean()) / column.std()
        assert gap < 0.13, name  # four standard errors of a difference of 2,000 each
