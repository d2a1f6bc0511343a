"""What holds for every drawn world: exact `do`, no dependence on the batch, masks that add up."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.unit.worlds.drawing import draw, pick, sweep
from zollstock.errors import ZollstockError
from zollstock.worlds import facts_of, folders_of, get_world, known_worlds
from zollstock.worlds.base import over_range
from zollstock.worlds.facts import PLAIN
from zollstock.worlds.noise import normal, smooth_fields, uniform

SIZE = 32
COUNT = 12


@pytest.fixture(scope="module", params=known_worlds())
def world(request):
    return get_world(request.param)


@pytest.fixture(scope="module")
def latents(world):
    return draw(world, COUNT)


def test_what_is_known_of_a_world_fits_what_it_draws(world, latents):
    facts = facts_of(world.name)
    assert facts is world.facts and facts.distributions[0] == PLAIN
    assert set(facts.latents) <= set(latents)
    assert set(facts.nuisances) <= set(latents)
    for name, (region, other) in facts.meters.items():
        assert name in facts.latents and {region, other} <= set(facts.regions)
    assert set(facts.places) <= set(facts.latents)
    assert set(facts.places.values()) <= set(facts.regions)
    many = draw(world, 400)
    for name, (low, high) in facts.latents.items():
        assert (low <= many[name]).all() and (many[name] <= high).all(), name


def test_what_is_known_is_read_without_numpy():
    code = "import sys; from zollstock.worlds import facts_of, known_worlds\n"
    code += "assert all(facts_of(name).classes for name in known_worlds())\n"
    code += "assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_frames_and_masks_have_their_shapes_and_types(world, latents):
    drawn = world.render(latents, size=SIZE)
    assert drawn.frames.shape == (COUNT, SIZE, SIZE, 3)
    assert drawn.frames.dtype == np.uint8
    assert set(drawn.regions) == set(world.facts.regions)
    for mask in drawn.regions.values():
        assert mask.shape == (COUNT, SIZE, SIZE)
        assert mask.dtype == np.float32
        assert mask.min() >= 0 and mask.max() > 0.5  # hairs are thin
    plain = world.render(latents, size=SIZE, masks=False)
    assert np.array_equal(plain.frames, drawn.frames)
    assert all(len(mask) == 0 for mask in plain.regions.values())
    assert sum(drawn.regions.values()).max() <= 1 + 1e-5


def test_parts_sum_to_one_and_change_no_frame(world, latents):
    drawn = world.render(latents, size=SIZE, parts=True)
    assert drawn.parts.shape == (COUNT, len(world.part_names), SIZE, SIZE)
    np.testing.assert_allclose(drawn.parts.sum(axis=1), 1, atol=1e-5)
    assert drawn.parts.min() >= 0 and (drawn.parts.max(axis=(0, 2, 3)) > 0.2).all()
    plain = world.render(latents, size=SIZE, masks=False)
    assert plain.frames.tobytes() == drawn.frames.tobytes()
    # The background is the first of the parts, and a region of the same name has its shares.
    first = world.part_names[0]
    clear = drawn.regions[first] == 1
    assert clear.any() and (drawn.parts[:, 0][clear] > 1 - 1e-5).all()


def test_same_seed_same_bytes(world):
    first = world.render(draw(world, 4), SIZE)
    again = world.render(draw(world, 4), SIZE)
    assert first.frames.tobytes() == again.frames.tobytes()
    other = world.render(draw(world, 4, first=1000), SIZE)
    assert all((a != b).any() for a, b in zip(first.frames, other.frames, strict=True))


def test_an_image_depends_on_neither_batch_nor_order(world, monkeypatch):
    monkeypatch.setattr(type(world), "chunk", 2)  # 8 images of this size at once
    biased = world.distributions[-1]
    labels = np.arange(19) % len(world.class_names)
    seeds = np.arange(19, dtype=np.uint64) * np.uint64(2**57 + 11)
    whole = world.sample(labels, seeds, biased)
    drawn = world.render(whole, SIZE, parts=True)
    shuffle = np.random.default_rng(1).permutation(19)
    mixed = world.sample(labels[shuffle], seeds[shuffle], biased)
    assert world.render(mixed, SIZE).frames.tobytes() == drawn.frames[shuffle].tobytes()
    for row in (0, 7, 8, 18):
        alone = world.sample(labels[[row]], seeds[[row]], biased)
        assert all(alone[name][0] == whole[name][row] for name in whole)
        one = world.render(alone, SIZE, parts=True)
        assert one.frames.tobytes() == drawn.frames[row].tobytes()
        assert one.parts.tobytes() == drawn.parts[row].tobytes()


def test_latents_survive_json_to_the_byte(world, latents):
    rows = [{name: float(column[i]) for name, column in latents.items()} for i in range(COUNT)]
    read = json.loads(json.dumps(rows))
    back = {name: np.array([row[name] for row in read]) for name in latents}
    assert all(column.dtype == np.float64 for column in latents.values())
    assert all(back[name].tobytes() == latents[name].tobytes() for name in latents)
    frames = world.render(latents, SIZE).frames
    assert world.render(back, SIZE).frames.tobytes() == frames.tobytes()


def test_without_a_bias_no_strength_of_it_is_asked_for(world, latents):
    again = draw(world, COUNT, bias=None)
    assert all((again[name] == latents[name]).all() for name in latents)


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
    few = pick(latents, np.arange(3))
    frames = world.render(few, SIZE).frames
    for name in world.latent_ranges:
        same = world.do(few, name, few[name])
        assert world.render(same, SIZE).frames.tobytes() == frames.tobytes(), name
        # What is seen in some pictures only is looked for in more.
        assert any(
            np.ptp(sweep(world, latents, row, name, 3, size=SIZE).frames, axis=0).any()
            for row in range(COUNT)
        ), name


def test_nothing_changes_outside_of_where_a_latent_is(world, latents):
    for name, region in world.facts.places.items():
        one, other = (
            world.render(world.do(latents, name, [end] * COUNT), size=SIZE)
            for end in world.latent_ranges[name]
        )
        bare = np.maximum(one.regions[region], other.regions[region]) == 0
        changed = (one.frames != other.frames).any(-1)
        # What is there at neither end, hairs without hair, cannot change either.
        assert not changed[bare].any(), name


def test_meters_regions_grow_brighter_or_darker_throughout(world, latents):
    for name, (region, other) in world.facts.meters.items():
        drawn = sweep(world, latents, 1, name, 5, size=SIZE)
        still = drawn.regions[region]
        assert (still == still[0]).all(), name
        grey = drawn.frames.mean(-1)
        inside = grey[:, still[0] > 0.9].mean(1)
        assert (np.diff(inside) > 1).all() or (np.diff(inside) < -1).all(), name
        outside = drawn.regions[other][0] == 1
        assert not np.ptp(drawn.frames[:, outside], axis=0).any(), name


def test_nuisances_tell_nothing_of_the_class_in_any_distribution(world):
    classes = len(world.class_names)
    count = 2000 * classes  # the means of each class are as sure
    labels = np.arange(count) % classes
    for distribution in world.distributions:
        latents = draw(world, count, distribution=distribution)
        for name in world.nuisances:
            means = [latents[name][labels == k].mean() for k in range(classes)]
            gap = np.ptp(means) / max(latents[name].std(), 1e-9)
            assert gap < 0.15, (distribution, name)


def test_mistakes_are_named(world, latents):
    with pytest.raises(ZollstockError, match="expected one of"):
        world.do(latents, "noise_seed", 1.0)
    with pytest.raises(ZollstockError, match="Did you mean 'noise_angle'"):
        world.do(latents, "noise_angel", 0.5)
    with pytest.raises(ZollstockError, match=f"Did you mean '{PLAIN}'"):
        draw(world, 2, distribution="unbiassed")
    with pytest.raises(ZollstockError, match="at least 8"):
        world.render(latents, size=7)
    with pytest.raises(ZollstockError, match="one label, 0"):
        world.sample(np.array([len(world.class_names)]), np.array([0], dtype=np.uint64))


def test_what_draws_a_world_lies_in_the_shared_folder_and_its_own(world):
    shared, own, *_ = folders_of(world.name)
    assert (shared / "base.py").is_file() and (own / "world.py").is_file()
    for find in (get_world, facts_of, folders_of):
        with pytest.raises(ZollstockError, match=f"Did you mean '{world.name}'"):
            find(world.name[:-1])


def test_over_range_sets_a_latent_from_end_to_end(world, latents):
    name = next(iter(world.latent_ranges))
    one = pick(latents, [0])
    expected = sweep(world, latents, 0, name, size=SIZE).frames
    np.testing.assert_array_equal(over_range(world, one, name, 6, SIZE), expected)


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
