"""Placebo paths through an editor."""

import numpy as np
import pytest
import torch

from zollstock.engines import make_engine
from zollstock.engines.base import FailedPath
from zollstock.engines.diffusion.base import RunOptions
from zollstock.errors import ZollstockError
from zollstock.images.table import ImageRecord
from zollstock.worlds import get_world

WORLD = get_world("pets")
LIGHTER, DARKER = "make the fur lighter", "make the fur darker"


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
        }
        return make_engine(
            "placebo_edited", settings | changes, run or RunOptions(device="cpu", batch_size=2)
        )

    return make


def drawn(tmp_path, name="cat"):
    latents = WORLD.sample(np.array([0]), np.array([3], np.uint64))
    values = {key: float(value[0]) for key, value in latents.items()}
    return ImageRecord(name, "cat", "00", "drawn", tmp_path / "none.png", values)


def done_with(frames):
    pass


def test_drawn_images_go_through_the_editor_at_its_zero(placebo, tmp_path):
    made = placebo()
    path = made.path(drawn(tmp_path), 5, lambda done: None)
    source = made.drawn.path(drawn(tmp_path), 5, lambda done: None)
    for frame, before in zip(path.frames, source.frames, strict=True):
        alone = next(made.editor.unedited([before[None]], [5], done_with))[0]
        # Batches round their sums otherwise than single frames.
        assert np.abs(frame.astype(int) - alone).max() <= 1
    assert path.frames.shape[1:] == (*made.editor.size, 3)
    np.testing.assert_array_equal(path.axis, source.axis)


def test_the_editor_at_its_zero_gives_the_zero_frame_of_a_sweep(placebo, picture):
    editor = placebo().editor
    record = picture(*editor.size)
    sweep = editor.path(record, 9, lambda done: None)
    zero = next(editor.unedited([record.pixels()[None]], [9], done_with))[0]
    assert np.abs(zero.astype(int) - sweep.frames[0]).max() <= 1


def test_instructions_are_followed_in_turn(placebo, picture, monkeypatch):
    made = placebo(instructions=[LIGHTER, DARKER])
    told = []
    monkeypatch.setattr(
        made.editor, "path", lambda image, seed, done: told.append(made.editor.instruction)
    )
    record = picture(32)
    for draw in (1, 2, 3):
        one = ImageRecord("one", "cat", "00", "x", record.file, draw=draw)
        made.path(one, 1, lambda done: None)
    assert told == [LIGHTER, DARKER, LIGHTER]


def test_draws_made_together_are_those_made_alone(placebo, tmp_path):
    """Batches of five frames cross the borders of draws of three; seeds belong to draws."""
    made = placebo(RunOptions(device="cpu", batch_size=5))
    records, seeds = [drawn(tmp_path, f"cat~{k}") for k in (1, 2, 3)], [5, 6, 5]
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
    edit = made.editor.edit

    def broken(session, values):
        frames = edit(session, values)
        frames[4] = torch.nan
        return frames

    monkeypatch.setattr(made.editor, "edit", broken)
    first, second, third = made.paths([drawn(tmp_path)] * 3, [5, 6, 7], done_with)
    assert isinstance(second, FailedPath) and "NaN" in str(second)
    assert first.frames.shape == third.frames.shape == (3, 64, 64, 3)


def test_what_was_made_is_given_before_the_rest_is(placebo, tmp_path, monkeypatch):
    made = placebo(RunOptions(device="cpu", batch_size=3))
    calls = []
    edit = made.editor.edit
    monkeypatch.setattr(made.editor, "edit", lambda *args: (calls.append(1), edit(*args))[1])
    paths = made.paths([drawn(tmp_path)] * 3, [5, 6, 7], done_with)
    next(paths)
    assert len(calls) == 1


def test_photographs_without_instructions_are_refused(placebo, picture):
    with pytest.raises(ZollstockError, match=r"placebos\.instructions"):
        placebo().shape([picture(32)])
    assert placebo(instructions=[LIGHTER]).shape([picture(32)]).steps == 3


def test_the_editors_two_sided_axis_is_not_taken_over(placebo):
    assert placebo(editor={"opposite": DARKER}).editor.knob_values[0] == 0
