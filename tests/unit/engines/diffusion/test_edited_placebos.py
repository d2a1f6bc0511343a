"""Placebo paths through an editor."""

import numpy as np
import pytest
import torch

from zollstock.engines import make_engine
from zollstock.engines.base import FailedPath, Unmatched
from zollstock.engines.diffusion.base import RunOptions
from zollstock.engines.placebos.edited import TRIES, _next_try
from zollstock.errors import ZollstockError
from zollstock.images.table import ImageRecord
from zollstock.paths import pixel_change
from zollstock.profiles import Point, mismatch, slack_of
from zollstock.worlds import get_world

WORLD = get_world("pets")
LIGHTER, DARKER = "make the fur lighter", "make the fur darker"
PROFILE = [Point(0, 0.0), Point(1, 0.03), Point(1, 0.06)]
BOTH_WAYS = [Point(-1, 0.08), Point(-1, 0.04), Point(0, 0.0), Point(1, 0.05), Point(1, 0.1)]


@pytest.fixture
def placebo():
    def make(run=None, **changes):
        editor = {
            "engine": "instruct_pix2pix",
            "checkpoint": "pets",
            "instruction": LIGHTER,
            "stop": 3.0,
            "denoising_steps": 2,
            "image_guidance": 1.0,
        }
        settings = {
            "editor": editor | changes.pop("editor", {}),
            "instructions": [],
            "world": "pets",
            "size": 32,
            "latents": None,
            "tested": [],
            "steps": 3,
            "tolerance": 0.2,
            "profiles": {"cat": PROFILE},
        }
        return make_engine(
            "placebo_edited", settings | changes, run or RunOptions(device="cpu", batch_size=2)
        )

    return make


def drawn(tmp_path, draw=1):
    latents = WORLD.sample(np.array([0]), np.array([3], np.uint64))
    values = {key: float(value[0]) for key, value in latents.items()}
    return ImageRecord("cat", "cat", "00", "drawn", tmp_path / "none.png", values, draw=draw)


def fits(path, profile=PROFILE):
    sizes = [point.size for point in profile]
    found = mismatch(pixel_change(path.frames, path.unedited), sizes, slack_of(sizes))
    return bool((found <= 1.2).all())


def done_with(frames):
    pass


def test_drawn_images_go_through_the_editor_at_its_zero(placebo, tmp_path):
    """Reference and frames are the editor's own; each frame is as large as the edit's."""
    made = placebo()
    path = made.path(drawn(tmp_path), 5, done_with)
    image = made.drawn.ways(drawn(tmp_path), 5, PROFILE)[1].start.image
    alone = next(made.editor.unedited([image[None]], [5], done_with))[0]
    # Batches round their sums otherwise than single frames.
    assert np.abs(path.unedited.astype(int) - alone).max() <= 1
    assert path.frames.shape == (3, *made.editor.size, 3)
    assert fits(path)
    assert path.axis.tolist() == [0, 1, 2]


def test_the_editor_at_its_zero_gives_the_zero_frame_of_a_sweep(placebo, picture):
    editor = placebo().editor
    record = picture(*editor.size)
    sweep = editor.path(record, 9, lambda done: None)
    zero = next(editor.unedited([record.pixels()[None]], [9], done_with))[0]
    assert np.abs(zero.astype(int) - sweep.frames[0]).max() <= 1


@pytest.fixture
def told(monkeypatch):
    """Let an editor give grey frames whose size is a function of (instruction, knob)."""

    def stub(made, size_of):
        asked = []

        def opened(image, seed):
            editor = made.editor
            asked.append((editor.instruction, editor.opposite))

            def frames_at(knobs):
                sizes = [
                    size_of(editor.instruction if knob >= 0 else editor.opposite, abs(knob))
                    for knob in knobs
                ]
                return np.stack([np.full((8, 8, 3), round(255 * s), np.uint8) for s in sizes])

            return frames_at

        monkeypatch.setattr(made.editor, "opened", opened)
        return asked

    return stub


def followed(made, tmp_path, draws=(1,)):
    records = [drawn(tmp_path, draw) for draw in draws]
    return list(made.paths(records, [5] * len(records), done_with))


def test_instructions_are_followed_in_turn(placebo, tmp_path, told):
    made = placebo(instructions=[LIGHTER, DARKER])
    asked = told(made, lambda instruction, knob: 0.1 * knob)
    assert all(fits(path) for path in followed(made, tmp_path, (1, 2, 3)))
    assert asked == [(LIGHTER, None), (DARKER, None), (LIGHTER, None)]


def test_on_the_other_side_of_an_axis_the_next_instruction_is_followed(placebo, tmp_path, told):
    made = placebo(instructions=[LIGHTER, DARKER], profiles={"cat": BOTH_WAYS}, steps=5)
    gain = {LIGHTER: 0.06, DARKER: 0.04}
    asked = told(made, lambda instruction, knob: gain[instruction] * knob)
    paths = followed(made, tmp_path, (1, 2))
    assert asked == [(LIGHTER, DARKER), (DARKER, LIGHTER)]
    assert all(fits(path, BOTH_WAYS) for path in paths)
    # One instruction serves both sides.
    alone = placebo(instructions=[DARKER], profiles={"cat": BOTH_WAYS}, steps=5)
    asked = told(alone, lambda instruction, knob: gain[instruction] * knob)
    assert fits(*followed(alone, tmp_path), BOTH_WAYS)
    assert asked == [(DARKER, DARKER)]


@pytest.mark.parametrize("power", [0.5, 0.8, 1, 1.5, 2, 4])
def test_the_knob_is_set_where_the_edit_is_as_large(placebo, tmp_path, told, power):
    made = placebo(instructions=[LIGHTER])
    told(made, lambda instruction, knob: 0.3 * (knob / 3) ** power)
    assert fits(*followed(made, tmp_path))


def test_an_instruction_is_followed_past_its_end_if_need_be_but_not_without_end(
    placebo, tmp_path, told
):
    made = placebo(instructions=[LIGHTER])
    told(made, lambda instruction, knob: 0.012 * knob)  # .036 at the end, .072 at twice the knob
    assert fits(*followed(made, tmp_path))
    told(made, lambda instruction, knob: 0.008 * knob)
    (path,) = followed(made, tmp_path)
    assert isinstance(path, Unmatched) and "where the edit changes them by 0.06" in str(path)


def test_an_editor_that_fails_is_no_missing_match(placebo, tmp_path, monkeypatch):
    def black(image, seed):
        def frames_at(knobs):
            raise FailedPath("a frame is black")

        return frames_at

    def silent(groups, seeds, step_done):
        yield from (FailedPath("a frame is black") for _ in groups)

    told, repeated = placebo(instructions=[LIGHTER]), placebo()
    monkeypatch.setattr(told.editor, "opened", black)
    monkeypatch.setattr(repeated.editor, "unedited", silent)
    for made in (told, repeated):
        (path,) = followed(made, tmp_path)
        assert isinstance(path, FailedPath) and not isinstance(path, Unmatched)
        assert str(path) == "a frame is black"


@pytest.fixture
def repeats(monkeypatch):
    """Let an editor at knob 0 change what it repeats; count how often each group is asked."""

    def stub(made, change):
        asked = []

        def unedited(groups, seeds, step_done):
            for group, seed in zip(groups, seeds, strict=True):
                asked.append(seed)
                found = change(group.astype(float), asked.count(seed))
                if not isinstance(found, FailedPath):
                    found = np.clip(np.round(found), 0, 255).astype(np.uint8)
                yield found

        monkeypatch.setattr(made.editor, "unedited", unedited)
        return asked

    return stub


@pytest.mark.parametrize("gain", [0.4, 0.7, 1.0, 1.6])
def test_what_an_editor_softens_is_drawn_further_and_tried_again(placebo, tmp_path, repeats, gain):
    made = placebo()
    asked = repeats(made, lambda group, turn: 128 + gain * (group - 128))
    paths = followed(made, tmp_path, (1, 2))
    assert all(fits(path) for path in paths)
    assert max(map(asked.count, asked)) <= TRIES * 2  # both placebos have one seed here


def test_an_editor_that_swallows_small_changes_is_asked_for_larger_ones(placebo, tmp_path, repeats):
    image = []

    def change(group, turn):
        image[:] = image or [group[0]]
        apart = group - image[0]
        sizes = np.abs(apart).mean(axis=(1, 2, 3), keepdims=True) / 255
        return image[0] + apart * np.maximum(1 - 0.05 / np.maximum(sizes, 0.05), 0)

    made = placebo()
    repeats(made, change)
    assert all(fits(path) for path in followed(made, tmp_path, (1, 2)))


def test_the_next_try_is_larger_where_nothing_moved_and_smaller_where_too_much_did():
    assert _next_try([0.0, 0.1], [0.0, 0.05], 0.1) == pytest.approx(0.2)
    assert _next_try([0.0, 0.1], [0.0, 0.0], 0.05) == pytest.approx(0.4)
    assert _next_try([0.0, 0.1, 0.2], [0.0, 0.09, 0.08], 0.04) == pytest.approx(0.1)


def test_what_an_editor_flattens_is_unmatched_after_a_few_tries(placebo, tmp_path, repeats):
    made = placebo()
    asked = repeats(made, lambda group, turn: np.full_like(group, 90.0))
    (path,) = followed(made, tmp_path)
    assert isinstance(path, Unmatched) and "by 0 where" in str(path)
    assert max(map(asked.count, asked)) == TRIES


def test_what_cannot_be_drawn_so_far_is_unmatched_before_the_editor_is_asked(
    placebo, tmp_path, repeats
):
    made = placebo(profiles={"cat": [Point(0, 0.0), Point(1, 0.4), Point(1, 0.9)]})
    asked = repeats(made, lambda group, turn: group)
    paths = followed(made, tmp_path, (1, 2))
    assert all(isinstance(path, Unmatched) for path in paths)
    assert not asked


def test_a_try_that_fails_leaves_what_was_made_before(placebo, tmp_path, repeats):
    made = placebo()
    made._margins = {"cat": [1.1] * 3}  # learnt already
    again = FailedPath("a frame is black")
    repeats(made, lambda group, turn: 128 + 0.85 * (group - 128) if turn == 1 else again)
    (path,) = followed(made, tmp_path)
    assert not isinstance(path, FailedPath) and fits(path)


def test_an_image_whose_edit_failed_has_no_placebo(placebo, tmp_path, repeats):
    made = placebo(profiles={})
    asked = repeats(made, lambda group, turn: group)
    (path,) = followed(made, tmp_path)
    assert "the edit itself failed" in str(path) and not isinstance(path, Unmatched)
    assert not asked


def test_the_size_asked_for_is_an_input(placebo, tmp_path):
    for how in ({}, {"instructions": [LIGHTER]}):
        one, two = (
            placebo(profiles={"cat": [(1, size)]}, **how).inputs(drawn(tmp_path))
            for size in (0.1, 0.2)
        )
        assert one != two


def test_draws_made_together_are_those_made_alone(placebo, tmp_path):
    """Batches of five frames cross the borders of draws; seeds belong to draws."""
    made = placebo(RunOptions(device="cpu", batch_size=5))
    records, seeds = [drawn(tmp_path, k) for k in (1, 2, 3)], [5, 6, 5]
    counted = []
    together = list(made.paths(records, seeds, counted.append))
    assert sum(counted) == 9
    for record, seed, path in zip(records, seeds, together, strict=True):
        alone = made.path(record, seed, done_with)
        assert np.abs(path.frames.astype(int) - alone.frames).max() <= 1
        np.testing.assert_array_equal(path.axis, alone.axis)
    assert np.abs(together[0].frames.astype(int) - together[1].frames).max() > 1


def test_a_draw_that_fails_leaves_the_others(placebo, tmp_path, monkeypatch):
    made = placebo(RunOptions(device="cpu", batch_size=9))
    made.path(drawn(tmp_path), 4, done_with)  # then the margins are known
    edit, calls = made.editor.edit, []

    def broken(session, values):
        frames = edit(session, values)
        if not calls:
            frames[4] = torch.nan
        calls.append(len(frames))
        return frames

    monkeypatch.setattr(made.editor, "edit", broken)
    first, second, third = made.paths([drawn(tmp_path)] * 3, [5, 6, 7], done_with)
    assert isinstance(second, FailedPath) and "NaN" in str(second)
    assert not isinstance(second, Unmatched)
    assert first.frames.shape == third.frames.shape == (3, 64, 64, 3)


def test_what_was_made_is_given_before_the_rest_is(placebo, tmp_path, monkeypatch):
    """A few draws share batches; no more are made before these are given."""
    monkeypatch.setattr("zollstock.engines.placebos.edited.AT_ONCE", 1)
    made = placebo(RunOptions(device="cpu", batch_size=3))
    seeds = []
    unedited = made.editor.unedited

    def spy(groups, of_each, step_done):
        seeds.extend(of_each)
        return unedited(groups, of_each, step_done)

    monkeypatch.setattr(made.editor, "unedited", spy)
    paths = made.paths([drawn(tmp_path)] * 3, [5, 6, 7], done_with)
    next(paths)
    assert 5 in seeds and not {6, 7} & set(seeds)


def test_photographs_without_instructions_are_refused(placebo, picture):
    with pytest.raises(ZollstockError, match=r"placebos\.instructions"):
        placebo().shape([picture(32)])
    assert placebo(instructions=[LIGHTER]).shape([picture(32)]).steps == 3


def test_the_editors_two_sided_axis_is_not_taken_over(placebo):
    assert placebo(editor={"opposite": DARKER}).editor.knob_values[0] == 0
