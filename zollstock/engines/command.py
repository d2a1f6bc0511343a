"""Frames made by any external program."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zollstock.engines.base import FailedPath, StepDone, source_version
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError
from zollstock.files import files_named, sha256_of
from zollstock.images import reading
from zollstock.images.geometry import Geometry
from zollstock.images.reading import UnusableImage, read_rgb
from zollstock.images.table import ImageRecord, save_png
from zollstock.paths import EditPath, PathShape

_NEEDED = ("image", "axis", "output")
_PLACEHOLDER = re.compile(r"\{(image|axis|output|instruction|seed|size)\}")


@register("command")
class CommandEngine:
    """Runs a program once per image; it writes one picture per value of the axis.

    The program is started without a shell, in the current folder, with these placeholders
    replaced wherever they stand in its arguments:

    - ``{image}``: a PNG with the image,
    - ``{axis}``: a JSON file with the list of the axis' values, ascending,
    - ``{output}``: an empty folder. The program writes ``000.png``, ``001.png``, … into it, one
      for each value in its order, as large as the image. Files of other kinds are ignored.
    - ``{instruction}``: the instruction,
    - ``{seed}``: a number from 0 to 2³² − 1, the same whenever the path is made again,
    - ``{size}``: height and width of the frames, as in ``512x768``.

    Parameters
    ----------
    command
        The program and its arguments: a list, or one text that is split as a shell would.
    instruction
        What the program is told.
    start, stop, steps
        The axis: evenly spaced values. The frame nearest to 0 counts as the unedited image, so
        at 0 the program should leave the image as it is but for its own loss.
    size, fit
        Height and width that images are brought to, and how; by default they keep their size,
        which must then be the same for all.
    timeout
        Seconds after which the program is stopped, with all that it started.
    version
        Raise it when the program changes: frames made by an earlier version are made again.
    """

    def __init__(
        self,
        *,
        command: str | Sequence[str],
        steps: int,
        instruction: str = "",
        start: float = 0.0,
        stop: float = 1.0,
        size: Sequence[int] | None = None,
        fit: str = "crop",
        timeout: float = 3600.0,
        version: str = "1",
    ) -> None:
        self.command = _split(command)
        self.instruction = instruction
        self.axis: NDArray[np.float64] = np.linspace(start, stop, steps)
        self.size = None if size is None else (int(size[0]), int(size[1]))
        self.geometry = Geometry(self.size, "bicubic", fit)
        self.timeout = float(timeout)
        self._checksums: dict[str, str] | None = None
        code = source_version(FilePath(__file__), FilePath(reading.__file__))
        self.version = f"{code} {version} {shlex.join(self.command)}"

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Check the command; return the common size."""
        missing = [name for name in _NEEDED if f"{{{name}}}" not in " ".join(self.command)]
        if missing:
            raise ZollstockError(
                "properties: command",
                f"is '{shlex.join(self.command)}', without {{{missing[0]}}}",
                "a command with " + ", ".join(f"{{{name}}}" for name in _NEEDED),
                "Put the placeholders where the program takes these files.",
            )
        if shutil.which(self.command[0]) is None:
            raise ZollstockError(
                "properties: command",
                f"starts '{self.command[0]}', which is not found or cannot be run",
                "a program on the PATH, or the path of an executable file",
                "Install it, correct the command, or make the file executable.",
            )
        if not self.axis[0] < self.axis[-1]:
            raise ZollstockError(
                "properties: stop",
                f"is {self.axis[-1]:g}, but start is {self.axis[0]:g}",
                "start below stop, and at least two steps",
                "Correct them.",
            )
        if self.size is not None:
            return PathShape(len(self.axis), *self.size)
        sizes = {image.pixels().shape[:2]: image.id for image in reversed(images)}
        if len(sizes) > 1:
            (one, one_id), (two, two_id) = list(sizes.items())[:2]
            raise ZollstockError(
                "properties: size",
                f"is not given, but {one_id} has {one[0]}×{one[1]} pixels and {two_id} "
                f"{two[0]}×{two[1]}",
                "images of equal size, or a size for the frames",
                "Set the property's size: [height, width].",
            )
        return PathShape(len(self.axis), *next(iter(sizes)))

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return the checksum of every local file that the command names."""
        if self._checksums is None:
            files = files_named(self.command)
            self._checksums = {f"file {part}": sha256_of(FilePath(part)) for part in files}
        return dict(self._checksums)

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        return {
            "command": list(self.command),
            "zero": f"the frame at {self.axis[self._unedited]:g}",
            "size": list(self.size) if self.size else "as it is",
        }

    @property
    def _unedited(self) -> int:
        return int(np.argmin(np.abs(self.axis)))

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Run the program on one image and read what it wrote."""
        source = self.geometry.apply(image.pixels()[None])[0]
        with tempfile.TemporaryDirectory(prefix="zollstock-") as name:
            folder = FilePath(name)
            output = folder / "output"
            output.mkdir()
            save_png(source, folder / "image.png")
            (folder / "axis.json").write_text(json.dumps(self.axis.tolist()), encoding="utf-8")
            values = {
                "image": str(folder / "image.png"),
                "axis": str(folder / "axis.json"),
                "output": str(output),
                "instruction": self.instruction,
                "seed": str(seed % 2**32),
                "size": f"{source.shape[0]}x{source.shape[1]}",
            }
            # In one pass: an instruction that contains a placeholder is left as it is.
            self._run(
                [_PLACEHOLDER.sub(lambda m: values[m[1]], part) for part in self.command], folder
            )
            frames = _read(output, len(self.axis), source)
        step_done(len(frames))
        return EditPath(frames, self.axis.copy(), frames[self._unedited])

    def _run(self, command: list[str], folder: FilePath) -> None:
        # Files, not pipes: what a program leaves running in the background keeps pipes open.
        with (folder / "stderr").open("wb") as errors:
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    start_new_session=True,
                )
            except OSError as error:
                raise FailedPath(f"{command[0]} cannot be started ({error.strerror})") from None
            try:
                status = process.wait(self.timeout)
            except BaseException as stopped:
                # Also when the user stops the run: no program may go on behind our back.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                if isinstance(stopped, subprocess.TimeoutExpired):
                    raise FailedPath(
                        f"{command[0]} was stopped after {self.timeout:g} s (timeout)"
                    ) from None
                raise
        if status:
            how = f"ended by signal {-status}" if status < 0 else f"exit status {status}"
            said = _last_line(folder / "stderr")
            raise FailedPath(f"{command[0]}: {how}" + (f": {said}" if said else ""))


def _split(command: str | Sequence[str]) -> list[str]:
    try:
        parts = shlex.split(command) if isinstance(command, str) else [str(p) for p in command]
    except ValueError as error:
        raise ZollstockError(
            "properties: command",
            f"is '{command}', which cannot be split ({error})",
            "a program and its arguments",
            "Close the quotation, or give a list.",
        ) from None
    if not parts or not parts[0]:
        raise ZollstockError(
            "properties: command", "is empty", "a program and its arguments", "Give them."
        )
    return parts


def _last_line(file: FilePath) -> str:
    lines = [
        line.strip() for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    return next((line for line in reversed(lines) if line), "")


def _read(folder: FilePath, steps: int, source: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Read the frames `000.png`, … and check them."""
    expected = [f"{step:03d}.png" for step in range(steps)]
    found = {file.name for file in folder.glob("*.png")}
    if missing := sorted(set(expected) - found):
        raise FailedPath(f"{len(found)} of {steps} pictures were written; {missing[0]} is missing")
    if further := sorted(found - set(expected)):
        raise FailedPath(f"{further[0]} was written, but the axis has {steps} values")
    frames = []
    for name in expected:
        try:
            frame = read_rgb(folder / name)
        except UnusableImage as reason:
            raise FailedPath(f"{name}: {reason}") from None
        if frame.shape != source.shape:
            raise FailedPath(
                f"{name} has {frame.shape[0]}×{frame.shape[1]} pixels; "
                f"{source.shape[0]}×{source.shape[1]} were asked for (the property's size)"
            )
        if source.any() and not frame.any():
            raise FailedPath(f"{name} is black")
        frames.append(frame)
    if steps > 1 and all(np.array_equal(frame, frames[0]) for frame in frames):
        raise FailedPath(f"all {steps} pictures are the same; does the program read the axis?")
    return np.stack(frames)
