"""Placebo paths that go through an image editor."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zollstock.engines.base import FailedPath, StepDone, source_version
from zollstock.engines.diffusion.base import DiffusionEngine, RunOptions
from zollstock.engines.placebos import rendered, ways
from zollstock.engines.placebos.rendered import (
    RenderedPlacebo,
    check_long_enough,
    frames_on,
    points_of,
)
from zollstock.engines.placebos.ways import check_matched
from zollstock.engines.registry import make_engine, register
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape, pixel_change
from zollstock.profiles import Point, mismatch, nearest

MARGIN = 1.1
"""How much further than asked a drawn picture goes at first: an editor softens what it repeats."""
NEAR = 1.05
"""A frame whose size is off by a smaller factor is not made again."""
AT_ONCE = 8
"""Placebos of an image that share batches."""
KNOBS = 4
"""Evenly spaced values of the knob at which the size of an instruction's edit is looked at."""


@register("placebo_edited")
class EditedPlacebo:
    """Edits that should not matter, by the editor under test, each as large as the edit.

    With instructions, placebo k follows the k-th of them in turn, under its own seed; on the other
    side of a two-sided axis it follows the next one. The knob is set where the frame is as far
    from the editor's own zero as the edit's is. Without instructions the image must be a drawn one:
    its nuisances are drawn on their way to another draw (see `RenderedPlacebo`), and each frame is
    what the editor makes of that at knob 0, under the placebo's seed. The editor's own losses are
    then in the placebos as they are in the edits.

    Parameters
    ----------
    editor
        The settings of the editing property, its engine included.
    instructions
        What should not matter; empty for drawn images.
    steps, tolerance, profiles
        As in `RenderedPlacebo`.
    run
        See `RunOptions`.
    **drawn
        The other arguments of `RenderedPlacebo`: world, size, latents, tested.
    """

    version = source_version(
        FilePath(__file__), FilePath(ways.__file__), FilePath(rendered.__file__)
    )
    takes_run_options = True

    def __init__(
        self,
        *,
        editor: Mapping[str, Any],
        instructions: Sequence[str],
        steps: int,
        tolerance: float,
        profiles: Mapping[str, Sequence[Sequence[float]]] | None = None,
        run: RunOptions | None = None,
        **drawn: Any,  # noqa: ANN401 - arguments of another class
    ) -> None:
        settings = dict(editor) | {"steps": steps, "opposite": None, "axis": "zero"}
        settings.pop("reverse", None)
        if instructions:
            settings["instruction"] = instructions[0]
        made = make_engine(settings.pop("engine"), settings, run or RunOptions())
        assert isinstance(made, DiffusionEngine), "only editors are wrapped"
        self.editor = made
        self.instructions = list(instructions)
        self.tolerance, self.profiles = tolerance, points_of(profiles)
        self.drawn = RenderedPlacebo(steps=steps, tolerance=tolerance, profiles=profiles, **drawn)

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Check the instructions or the images, and return the common size."""
        if not self.instructions:
            self.drawn.shape(images)
        for text in self.instructions:
            self.editor.check_instruction(text)
        return self.editor.shape(images)

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return what a path depends on besides the settings."""
        drawn = self.drawn.inputs(image)
        if self.instructions:
            drawn = {"profile": drawn["profile"]}
        return self.editor.inputs(image) | drawn | {"editor": self.editor.version}

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        how: dict[str, Any] = (
            {"placebo": "unrelated instructions", "instructions": self.instructions}
            if self.instructions
            else self.drawn.facts() | {"placebo": "nuisances drawn again, then the editor at 0"}
        )
        return self.editor.facts() | how

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Make the path."""
        made = next(self.paths([image], [seed], step_done))
        if isinstance(made, FailedPath):
            raise made
        return made

    def paths(
        self, images: Sequence[ImageRecord], seeds: Sequence[int], step_done: StepDone
    ) -> Iterator[EditPath | FailedPath]:
        """Make several paths; at knob 0 their frames share batches."""
        made: Iterable[EditPath | FailedPath]
        for first in range(0, len(images), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            if images[part][0].id not in self.profiles:
                made = [FailedPath("the edit itself failed")] * len(images[part])
            elif self.instructions:
                made = map(self._told, images[part], seeds[part])
            else:
                made = self._repeated(images[part], seeds[part])
            for path in made:
                yield path
                step_done(self.drawn.steps)

    def _repeated(
        self, images: Sequence[ImageRecord], seeds: Sequence[int]
    ) -> list[EditPath | FailedPath]:
        """Let the editor repeat other nuisances at knob 0, and once more where that missed."""
        every = [
            _Repeated(self.drawn, self.profiles[image.id], image, seed)
            for image, seed in zip(images, seeds, strict=True)
        ]
        for _ in range(2):
            # The editor is not asked for what cannot be made far enough.
            wanted = [one for one in every if one.possible(self.tolerance) and one.missing()]
            groups = [one.drawn_again() for one in wanted]
            made = self.editor.unedited(groups, [one.seed for one in wanted], _nobody)
            for one, frames in zip(wanted, made, strict=True):
                one.take(frames)
        return [one.path(self.tolerance) for one in every]

    def _told(self, image: ImageRecord, seed: int) -> EditPath | FailedPath:
        """Follow the instructions in turn, each as far as the edit goes."""
        profile = self.profiles[image.id]
        sides = sorted({-1 if point.side < 0 else 1 for point in profile}, reverse=True)
        turn = image.draw - 1
        names = [self.instructions[(turn + k) % len(self.instructions)] for k in (0, 1)]
        self.editor.instruction, self.editor.opposite = names[0], names[1] if -1 in sides else None
        looked = self.editor.stop * np.arange(1, KNOBS + 1) / KNOBS
        knobs = np.concatenate([[0.0], *(side * looked for side in sides)])
        try:
            frames_at = self.editor.opened(image, seed)
            frames = frames_at(knobs)
            sizes = pixel_change(frames, frames[0])
            found = [_crossing(knobs, sizes, point, self.editor.stop) for point in profile]
            new = np.unique([knob for knob in found if knob is not None])
            if len(new):
                knobs = np.concatenate([knobs, new])
                frames = np.concatenate([frames, frames_at(new)])
                sizes = pixel_change(frames, frames[0])
        except FailedPath as reason:
            return reason
        chosen = []
        for point in profile:
            side = np.flatnonzero((np.sign(knobs) == (-1 if point.side < 0 else 1)) | (knobs == 0))
            chosen.append(int(side[nearest(sizes[side], point.size)]))
        return _path_of(frames[[0, *chosen]], profile, self.tolerance)


class _Repeated:
    """A placebo that is being made: drawn frames, and what the editor makes of them at knob 0."""

    def __init__(
        self, drawn: RenderedPlacebo, profile: Sequence[Point], image: ImageRecord, seed: int
    ) -> None:
        self.profile, self.seed = profile, seed
        self.ways = drawn.ways(image, seed, profile, MARGIN)
        self.frames: NDArray[np.uint8] | None = None
        self.failed: FailedPath | None = None

    def possible(self, tolerance: float) -> bool:
        """Return whether the drawn ways are long enough, which is noted if they are not."""
        try:
            check_long_enough(self.ways, self.profile, tolerance)
        except FailedPath as reason:
            self.failed = self.failed or reason
        return self.failed is None

    def missing(self) -> list[int]:
        """Return which frames of the profile are still to be made, or made better."""
        if self.frames is None:
            return list(range(len(self.profile)))
        sizes = pixel_change(self.frames[1:], self.frames[0])
        off = mismatch(sizes, [point.size for point in self.profile])
        return np.flatnonzero(off > NEAR).tolist()

    def drawn_again(self) -> NDArray[np.uint8]:
        """Return the pictures that the editor is to repeat; at first the image is one."""
        if self.frames is None:
            image = next(iter(self.ways.values())).nuisances.image
            sizes = [MARGIN * point.size for point in self.profile]
            return np.concatenate([image[None], frames_on(self.ways, self.profile, sizes)])
        reached = pixel_change(self.frames[1:], self.frames[0])
        missing = [self.profile[k] for k in self.missing()]
        sizes = [
            MARGIN * point.size * float(np.clip(point.size / max(reached[k], 1e-6), 0.25, 4.0))
            for k, point in zip(self.missing(), missing, strict=True)
        ]
        return frames_on(self.ways, missing, sizes)

    def take(self, made: NDArray[np.uint8] | FailedPath) -> None:
        """Take what the editor made, where it is nearer to what was asked."""
        if isinstance(made, FailedPath):
            self.failed = self.failed or (made if self.frames is None else None)
        elif self.frames is None:
            self.frames = made
        else:
            for k, frame in zip(self.missing(), made, strict=True):
                sizes = pixel_change([self.frames[1 + k], frame], self.frames[0])
                if nearest(sizes, self.profile[k].size):
                    self.frames[1 + k] = frame

    def path(self, tolerance: float) -> EditPath | FailedPath:
        """Return the path, or why there is none."""
        if self.failed is not None:
            return self.failed
        assert self.frames is not None, "the editor was asked"
        return _path_of(self.frames, self.profile, tolerance)


def _nobody(_: int) -> None:
    """Count nothing: frames that are made twice are one step of a path."""


def _crossing(
    knobs: NDArray[np.float64], sizes: NDArray[np.float64], point: Point, stop: float
) -> float | None:
    """Return where a size is first reached, by straight lines; up to twice the last knob.

    None where a frame that fits is there already.
    """
    sign = -1 if point.side < 0 else 1
    mine = np.flatnonzero(knobs * sign >= 0)
    mine = mine[np.argsort(np.abs(knobs[mine]))]
    x, y = np.abs(knobs[mine]), sizes[mine]
    if mismatch(y, point.size).min() <= NEAR:
        return None
    if y.max() < point.size:
        return float(sign * min(x[-1] * point.size / max(y[-1], 1e-6), 2 * stop))
    after = int(np.argmax(y >= point.size))
    share = (point.size - y[after - 1]) / (y[after] - y[after - 1])
    return float(sign * (x[after - 1] + share * (x[after] - x[after - 1])))


def _path_of(
    frames: NDArray[np.uint8], profile: Sequence[Point], tolerance: float
) -> EditPath | FailedPath:
    """Return the path of frames behind their reference, or why it does not fit."""
    reference, rest = frames[0], frames[1:]
    try:
        check_matched(pixel_change(rest, reference).tolist(), profile, tolerance)
    except FailedPath as reason:
        return reason
    return EditPath(rest, np.arange(len(rest), dtype=np.float64), reference)
