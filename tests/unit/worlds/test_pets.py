"""The drawn world: exact `do`, no dependence on the batch, masks that tell the truth."""

import json

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.worlds import get_world
from zollstock.worlds.base import over_range
from zollstock.worlds.noise import normal, smooth_fields, uniform
from zollstock.worlds.pets.world import DARK_FUR, LIGHT_FUR

LUMA = np.array([0.299, 0.587, 0.114])


@pytest.fixture
def world():
    return get_world("pets")


@pytest.fixture
def latents(world):
    return draw(world, 12)


def draw(world, count, first=0, distribution="unbiased", **options):
    labels = np.arange(count) % 2
    seeds = np.arange(first, first + count, dtype=np.uint64)
    return world.sample(labels, seeds, distribution, **options)


def pick(latents, rows):
    return {name: column[rows] for name, column in latents.items()}


def sweep(world, latents, row, name, steps=6):
    low, high = world.latent_ranges[name]
    return world.render(world.do(pick(latents, [row]), name, np.linspace(low, high, steps)))


def test_frames_and_masks_have_their_shapes_and_types(world, latents):
    drawn = world.render(latents, size=48)
    assert drawn.frames.shape == (12, 48, 48, 3)
    assert drawn.frames.dtype == np.uint8
    for mask in (drawn.regions["fur"], drawn.regions["background"], drawn.regions["features"]):
        assert mask.shape == (12, 48, 48)
        assert mask.dtype == np.float32
        assert mask.max() > 0.9
    plain = world.render(latents, size=48, masks=False)
    assert np.array_equal(plain.frames, drawn.frames)
    assert len(plain.regions["fur"]) == 0


def test_same_seed_same_bytes(world):
    first = world.render(draw(world, 4))
    again = world.render(draw(world, 4))
    assert first.frames.tobytes() == again.frames.tobytes()
    other = world.render(draw(world, 4, first=1000))
    assert all((a != b).any() for a, b in zip(first.frames, other.frames, strict=True))


def test_an_image_depends_on_neither_batch_nor_order(world):
    labels = np.arange(37) % 2
    seeds = np.arange(37, dtype=np.uint64) * np.uint64(2**57 + 11)
    whole = world.sample(labels, seeds, "dark_cats")
    frames = world.render(whole).frames
    shuffle = np.random.default_rng(1).permutation(37)
    mixed = world.sample(labels[shuffle], seeds[shuffle], "dark_cats")
    assert world.render(mixed).frames.tobytes() == frames[shuffle].tobytes()
    for row in (0, 15, 16, 36):
        alone = world.sample(labels[[row]], seeds[[row]], "dark_cats")
        assert all(alone[name][0] == whole[name][row] for name in whole)
        assert world.render(alone).frames.tobytes() == frames[row].tobytes()


def test_latents_survive_json_to_the_byte(world, latents):
    rows = [{name: float(column[i]) for name, column in latents.items()} for i in range(12)]
    read = json.loads(json.dumps(rows))
    back = {name: np.array([row[name] for row in read]) for name in latents}
    assert all(column.dtype == np.float64 for column in latents.values())
    assert all(back[name].tobytes() == latents[name].tobytes() for name in latents)
    assert world.render(back).frames.tobytes() == world.render(latents).frames.tobytes()


def test_do_sets_its_latent_and_no_other(world, latents):
    before = {name: column.copy() for name, column in latents.items()}
    for name, (low, high) in world.latent_ranges.items():
        one = world.do(pick(latents, [3]), name, np.linspace(low, high, 5))
        np.testing.assert_array_equal(one[name], np.linspace(low, high, 5))
        rest = [key for key in latents if key != name]
        assert all((one[key] == latents[key][3]).all() for key in rest)
        every = world.do(latents, name, low)
        assert (every[name] == low).all()
        assert all((every[key] == latents[key]).all() for key in rest)
    assert all((before[name] == latents[name]).all() for name in latents)


def test_every_property_changes_some_picture_and_setting_its_value_changes_none(world, latents):
    frames = world.render(latents).frames
    for name in world.latent_ranges:
        same = world.do(latents, name, latents[name])
        assert world.render(same).frames.tobytes() == frames.tobytes(), name
        assert any(
            (np.diff(sweep(world, latents, row, name, 3).frames.astype(int), axis=0) != 0).any()
            for row in range(3)
        ), name


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


def test_other_latents_tell_nothing_of_the_class(world):
    latents = draw(world, 4000)
    dogs = np.arange(4000) % 2 == 1
    assert latents["dogness"][dogs].mean() > 0.8
    for name in set(latents) - {"dogness"}:
        column = latents[name]
        gap = abs(column[dogs].mean() - column[~dogs].mean()) / column.std()
        assert gap < 0.13, name  # four standard errors of a difference of 2,000 each


def test_draws_are_uniform_normal_and_unrelated():
    seeds = np.arange(20_000, dtype=np.uint64)
    first, second = uniform(seeds, "a"), uniform(seeds, "b")
    counts = np.histogram(first, 20, (0, 1))[0]
    assert ((counts - 1000) ** 2 / 1000).sum() < 45  # χ² with 19 degrees of freedom, p ≈ 0.0007
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 0.03
    assert normal(seeds, "a").std() == pytest.approx(1, abs=0.02)


def test_smooth_fields_have_mean_zero_variance_one_and_are_unrelated():
    fields = smooth_fields(np.array([3.0, 4.0, 2.0**32 - 1]), 128)
    flat = fields.reshape(9, -1)
    np.testing.assert_allclose(flat.mean(1), 0, atol=0.06)
    np.testing.assert_allclose(flat.std(1), 1, atol=0.05)
    assert np.abs(np.corrcoef(flat) - np.eye(9)).max() < 0.06
    neighbours = np.corrcoef(fields[0, 0, :, 1:].ravel(), fields[0, 0, :, :-1].ravel())[0, 1]
    assert neighbours == pytest.approx(2 / 3, abs=0.05)  # (1·2 + 2·1)/(1 + 4 + 1)


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


def test_over_range_sets_a_latent_from_end_to_end(world, latents):
    name = next(iter(world.latent_ranges))
    one = {key: column[:1] for key, column in latents.items()}
    expected = sweep(world, latents, 0, name).frames
    np.testing.assert_array_equal(over_range(world, one, name, 6, 64), expected)


def share(drawn, world, *names):
    return drawn.parts[:, [world.part_names.index(name) for name in names]].sum(axis=1)


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
