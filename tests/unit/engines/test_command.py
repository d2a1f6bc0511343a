"""An external program as an engine; the programs here are a few lines of Python."""

import os
import shlex
import stat
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from zollstock.engines import make_engine
from zollstock.engines.base import FailedPath
from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png

HEAD = """
import json, sys, time
from pathlib import Path
import numpy as np
from PIL import Image
image, axis, output, *rest = sys.argv[1:]
pixels = np.array(Image.open(image)).astype(int)
values = json.loads(Path(axis).read_text())
def write(name, frame):
    Image.fromarray(np.clip(frame, 0, 255).astype(np.uint8)).save(Path(output) / name)
"""
BRIGHTER = """
for number, value in enumerate(values):
    write(f"{number:03d}.png", pixels + 40 * value)
"""
FILES = ["{image}", "{axis}", "{output}"]


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    """Keep temporary folders where they can be counted."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def image(tmp_path):
    return record(tmp_path / "image.png", 6, 8)


def record(file, height, width, value=100):
    pixels = np.full((height, width, 3), value, np.uint8)
    save_png(pixels, file)
    return ImageRecord(file.stem, "cat", pixel_sha256(pixels), "test", file)


@pytest.fixture
def program(tmp_path):
    """Write a program and return the command that runs it."""

    def write(body, *further, head=HEAD):
        file = tmp_path / "edit program.py"
        file.write_text(head + textwrap.dedent(body))
        return [sys.executable, str(file), *FILES, *further]

    return write


def engine_of(command, **settings):
    return make_engine("command", {"command": command, "steps": 3} | settings)


def run(command, image, seed=1, **settings):
    return engine_of(command, **settings).path(image, seed, lambda done: None)


def test_frames_are_read_back_in_the_order_of_the_axis(program, image):
    engine = engine_of(program(BRIGHTER), start=-1, stop=2, steps=4)
    counted = []
    path = engine.path(image, 1, counted.append)
    assert engine.shape([image]) == path.frames.shape[:3] == (4, 6, 8)
    assert sum(counted) == 4
    np.testing.assert_array_equal(path.axis, [-1, 0, 1, 2])
    np.testing.assert_array_equal(path.frames[:, 0, 0, 0], [60, 100, 140, 180])
    np.testing.assert_array_equal(path.unedited, path.frames[1])
    assert engine.facts()["zero"] == "the frame at 0"


def test_one_text_is_split_as_a_shell_would_and_never_given_to_one(program, image, tmp_path):
    interpreter, file, *_ = program(BRIGHTER)
    text = f"{interpreter} '{file}' {{image}} {{axis}} {{output}} '; touch {tmp_path}/harm'"
    assert run(text, image).frames.shape == (3, 6, 8, 3)
    assert not (tmp_path / "harm").exists()


def test_placeholders_are_replaced_once(program, image):
    body = BRIGHTER + "Path(sys.argv[-1]).write_text(repr(rest[:-1]))"
    told = image.file.parent / "told"
    command = program(body, "{instruction}", "{seed}", "--size={size}", "{other}", str(told))
    run(command, image, seed=2**40 + 7, instruction="more {seed}, 'now' $HOME")
    assert told.read_text() == repr(["more {seed}, 'now' $HOME", "7", "--size=6x8", "{other}"])


def test_images_are_brought_to_the_size(program, image):
    engine = engine_of(program(BRIGHTER), size=[4, 10], fit="stretch")
    assert engine.shape([image]) == (3, 4, 10)
    assert engine.path(image, 1, lambda done: None).frames.shape == (3, 4, 10, 3)


def test_images_of_two_sizes_need_a_size(program, image, tmp_path):
    other = record(tmp_path / "other.png", 6, 9)
    with pytest.raises(ZollstockError, match=r"6×8 pixels .* 6×9"):
        engine_of(program(BRIGHTER)).shape([other, image])
    assert engine_of(program(BRIGHTER), size=[6, 6]).shape([other, image]) == (3, 6, 6)


# --- what the fingerprint sees --------------------------------------------------------


def test_the_version_tells_commands_and_versions_apart(program):
    command = program(BRIGHTER)
    versions = {
        engine_of(command).version,
        engine_of([*command, "--more"]).version,
        engine_of(command, version="2").version,
    }
    assert len(versions) == 3
    assert engine_of(command).version in versions
    assert sys.executable in engine_of(command).version


def test_a_file_behind_a_sign_of_equality_is_an_input(program, image, tmp_path):
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"old")
    command = [*program(BRIGHTER), f"--weights={weights}"]
    first = engine_of(command).inputs(image)
    assert f"file {weights}" in first
    weights.write_bytes(b"new")
    assert engine_of(command).inputs(image) != first


def test_a_changed_program_file_changes_the_inputs(program, image):
    first = engine_of(program(BRIGHTER)).inputs(image)
    assert first == engine_of(program(BRIGHTER)).inputs(image)
    assert first != engine_of(program(BRIGHTER + "\n# changed")).inputs(image)


def test_a_whole_script_as_an_argument_is_no_file(image):
    script = HEAD + BRIGHTER + "#" * 5000
    engine = engine_of([sys.executable, "-c", script, *FILES])
    assert list(engine.inputs(image)) == [f"file {sys.executable}"]
    assert engine.path(image, 1, lambda done: None).frames.shape == (3, 6, 8, 3)


# --- commands that cannot be right ------------------------------------------------------


@pytest.mark.parametrize("missing", ["image", "axis", "output"])
def test_a_command_without_its_files_is_refused(missing, image):
    command = [sys.executable, *(file for file in FILES if missing not in file)]
    with pytest.raises(ZollstockError, match=rf"without \{{{missing}\}}"):
        engine_of(command).shape([image])


def test_a_program_that_is_not_found_is_refused_before_anything_runs(image):
    with pytest.raises(ZollstockError, match="'no-such-editor', which is not found"):
        engine_of(["no-such-editor", *FILES]).shape([image])


def test_a_file_that_may_not_be_run_is_refused(image, tmp_path):
    file = tmp_path / "edit.sh"
    file.write_text("#!/bin/sh\n")
    with pytest.raises(ZollstockError, match="make the file executable"):
        engine_of([str(file), *FILES]).shape([image])
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    assert engine_of([str(file), *FILES]).shape([image]) == (3, 6, 8)


@pytest.mark.parametrize(
    ("command", "message"), [("edit 'open", "cannot be split"), ("", "is empty"), ([], "is empty")]
)
def test_a_command_that_is_none_is_refused(command, message):
    with pytest.raises(ZollstockError, match=message):
        engine_of(command)


def test_an_axis_must_ascend(program, image):
    with pytest.raises(ZollstockError, match="start below stop"):
        engine_of(program(BRIGHTER), start=1, stop=0).shape([image])


# --- programs that fail -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sys.exit('no weights\\nsecond line\\n')", "exit status 1: second line"),
        ("print('\\n', file=sys.stderr); sys.exit(3)", "exit status 3$"),
        ("import os; os.kill(os.getpid(), 9)", "ended by signal 9"),
        ("write('000.png', pixels)", r"1 of 3 pictures were written; 001.png is missing"),
        ("", "0 of 3 pictures were written; 000.png is missing"),
        (BRIGHTER + "write('003.png', pixels)", "003.png was written, but the axis has 3 values"),
        (BRIGHTER + "write('001.png', pixels[:, 1:])", "001.png has 6×7 pixels; 6×8 were asked"),
        (BRIGHTER + "write('002.png', 0 * pixels)", "002.png is black"),
        (BRIGHTER + "Path(output, '001.png').write_text('x')", "001.png: not an image"),
        ("for k in range(3): write(f'{k:03d}.png', pixels)", "all 3 pictures are the same"),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_is_left(program, image, scratch, body, message):
    with pytest.raises(FailedPath, match=message):
        run(program(body), image)
    assert list(scratch.iterdir()) == []


def test_a_black_image_may_stay_black(program, tmp_path):
    black = record(tmp_path / "black.png", 6, 8, value=0)
    assert run(program(BRIGHTER), black).frames[0].max() == 0


def test_nothing_is_left_after_success_either(program, image, scratch):
    run(program(BRIGHTER), image)
    assert list(scratch.iterdir()) == []


def test_a_program_that_takes_too_long_is_stopped_with_its_children(image, tmp_path, scratch):
    child = tmp_path / "child"
    command = ["sh", "-c", f"sleep 600 & echo $! > {shlex.quote(str(child))}; wait", *FILES]
    before = time.monotonic()
    with pytest.raises(FailedPath, match=r"sh was stopped after 1.5 s \(timeout\)"):
        run(command, image, timeout=1.5)
    assert time.monotonic() - before < 500
    assert ended(int(child.read_text()))
    assert list(scratch.iterdir()) == []


def ended(pid):
    """Whether a process is gone, or dead and only waits to be collected by its parent."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        if state.is_file() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False


def test_a_child_left_in_the_background_does_not_hold_the_path_up(image, tmp_path):
    """Pipes would stay open until it ends."""
    body = f"""
    import subprocess, sys
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3000)"])
    open({str(tmp_path / "child")!r}, "w").write(str(child.pid))
    """
    file = tmp_path / "edit.py"
    file.write_text(HEAD + BRIGHTER + textwrap.dedent(body))
    try:
        path = run([sys.executable, str(file), *FILES], image, timeout=2000)
        assert path.frames.shape == (3, 6, 8, 3)
    finally:
        os.kill(int((tmp_path / "child").read_text()), 9)
