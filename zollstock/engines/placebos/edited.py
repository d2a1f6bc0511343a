"""Placebo paths that go through an image editor."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zollstock.engines.base import FailedPath, StepDone, source_version
from zollstock.engines.diffusion.base import DiffusionEngine, RunOptions
from zollstock.engines.placebos import matched, rendered, ways
from zollstock.engines.placebos.matched import (
    check_long_enough,
    frames_on,
    image_of,
    points_of,
    side_of,
)
from zollstock.engines.placebos.rendered import RenderedPlacebo
from zollstock.engines.placebos.ways import check_matched
from zollstock.engines.registry import make_engine, register
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape, pixel_change
from zollstock.profiles import Point, mismatch, nearest, slack_of
from zollstock.seeds import seed_for

MARGIN = 1.1
"""How much further than asked a drawn picture goes at first: an editor softens what it repeats."""
TRIES = 3
NEAR = 1.12
"""A frame whose size misses by a smaller factor is not made again."""
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
        FilePath(__file__),
        FilePath(matched.__file__),
        FilePath(ways.__file__),
        FilePath(rendered.__file__),
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
        self._margins: dict[str, list[float]] = {}
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
        """Let the editor repeat other nuisances at knob 0, and again where that missed."""
        every = [
            _Repeated(self.drawn, self.profiles[image.id], image, seed, self._margins_of(image))
            for image, seed in zip(images, seeds, strict=True)
        ]
        self._make(every)
        return [one.path(self.tolerance) for one in every]

    def _margins_of(self, image: ImageRecord) -> list[float]:
        """Return how much further drawn pictures of an image have to go, at each of its frames.

        One placebo more is made to learn it, the same for all, so that most others fit at once.
        """
        if image.id not in self._margins:
            profile = self.profiles[image.id]
            tried = _Repeated(
                self.drawn, profile, image, seed_for("margin", image.id), [MARGIN] * len(profile)
            )
            self._make([tried])
            self._margins = {image.id: tried.margins()}  # images come one after the other
        return self._margins[image.id]

    def _make(self, every: Sequence["_Repeated"]) -> None:
        """Let the editor repeat drawn pictures until they fit, or have been tried enough."""
        for _ in range(TRIES):
            # The editor is not asked for what cannot be made far enough.
            wanted = [one for one in every if one.possible(self.tolerance) and one.unfinished()]
            groups = [one.drawn_again() for one in wanted]
            made = self.editor.unedited(groups, [one.seed for one in wanted], _nobody)
            for one, frames in zip(wanted, made, strict=True):
                one.take(frames)

    def _told(self, image: ImageRecord, seed: int) -> EditPath | FailedPath:
        """Follow the instructions in turn, each as far as the edit goes."""
        profile = self.profiles[image.id]
        slack = _slack(profile)
        sides = sorted({side_of(point) for point in profile}, reverse=True)
        turn = image.draw - 1
        names = [self.instructions[(turn + k) % len(self.instructions)] for k in (0, 1)]
        self.editor.instruction, self.editor.opposite = names[0], names[1] if -1 in sides else None
        looked = self.editor.stop * np.arange(1, KNOBS + 1) / KNOBS
        knobs = np.concatenate([[0.0], *(side * looked for side in sides)])
        try:
            frames_at = self.editor.opened(image, seed)
            frames = frames_at(knobs)
            sizes = pixel_change(frames, frames[0])
            for _ in range(TRIES):
                stop = self.editor.stop
                found = [_crossing(knobs, sizes, point, stop, slack) for point in profile]
                new = np.setdiff1d([knob for knob in found if knob is not None], knobs)
                if not len(new):
                    break
                knobs = np.concatenate([knobs, new])
                frames = np.concatenate([frames, frames_at(new)])
                sizes = pixel_change(frames, frames[0])
        except FailedPath as reason:
            return reason
        chosen = []
        for point in profile:
            side = np.flatnonzero((np.sign(knobs) == side_of(point)) | (knobs == 0))
            chosen.append(int(side[nearest(sizes[side], point.size, slack)]))
        return _path_of(frames[[0, *chosen]], profile, self.tolerance)


class _Repeated:
    """A placebo that is being made: drawn frames, and what the editor makes of them at knob 0."""

    def __init__(
        self,
        drawn: RenderedPlacebo,
        profile: Sequence[Point],
        image: ImageRecord,
        seed: int,
        margins: Sequence[float],
    ) -> None:
        self.profile, self.seed, self.slack = profile, seed, _slack(profile)
        self.ways = drawn.ways(image, seed, profile, max(margins))
        self.frames: NDArray[np.uint8] | None = None
        self.failed: FailedPath | None = None
        # How far drawn pictures were asked to go and how far the editor's frames went, try by try.
        self.asked = [
            [0.0, margin * point.size] for point, margin in zip(profile, margins, strict=True)
        ]
        self.reached = [[0.0] for _ in profile]

    def possible(self, tolerance: float) -> bool:
        """Return whether the drawn ways are long enough, which is noted if they are not."""
        try:
            check_long_enough(self.ways, self.profile, tolerance)
        except FailedPath as reason:
            self.failed = self.failed or reason
        return self.failed is None

    def unfinished(self) -> bool:
        """Return whether the editor has to be asked, for the reference at least."""
        return self.frames is None or bool(self.missing())

    def missing(self) -> list[int]:
        """Return which frames of the profile are still to be made, or made better."""
        if self.frames is None:  # the reference is made in any case
            return [k for k, point in enumerate(self.profile) if point.size > 0]
        sizes = pixel_change(self.frames[1:], self.frames[0])
        off = mismatch(sizes, [point.size for point in self.profile], self.slack)
        return np.flatnonzero(off > NEAR).tolist()

    def drawn_again(self) -> NDArray[np.uint8]:
        """Return the pictures that the editor is to repeat; at first the image is one."""
        missing = self.missing()
        pictures, _ = frames_on(
            self.ways,
            [self.profile[k] for k in missing],
            [self.asked[k][-1] for k in missing],
        )
        if self.frames is not None:
            return pictures
        return np.concatenate([image_of(self.ways)[None], pictures])

    def take(self, made: NDArray[np.uint8] | FailedPath) -> None:
        """Take what the editor made, where it is nearer to what was asked."""
        if isinstance(made, FailedPath):
            self.failed = self.failed or (made if self.frames is None else None)
            return
        missing = self.missing()
        if self.frames is None:
            self.frames = np.repeat(made[:1], 1 + len(self.profile), axis=0)
            made = made[1:]
        for k, frame in zip(missing, made, strict=True):
            size = self.profile[k].size
            both = pixel_change([self.frames[1 + k], frame], self.frames[0])
            if nearest(both, size, self.slack):
                self.frames[1 + k] = frame
            self.reached[k].append(float(both[1]))
            self.asked[k].append(_next_try(self.asked[k], self.reached[k], size))

    def margins(self) -> list[float]:
        """Return how far drawn pictures had to go, as shares of what was wanted."""
        return [
            float(np.clip(asked[nearest(reached, point.size, self.slack)] / point.size, 0.5, 3.0))
            if point.size > 0 and len(reached) > 1
            else MARGIN
            for point, asked, reached in zip(self.profile, self.asked, self.reached, strict=True)
        ]

    def path(self, tolerance: float) -> EditPath | FailedPath:
        """Return the path, or why there is none."""
        if self.failed is not None:
            return self.failed
        assert self.frames is not None, "the editor was asked"
        return _path_of(self.frames, self.profile, tolerance)


def _next_try(asked: Sequence[float], reached: Sequence[float], wanted: float) -> float:
    """Return how far to ask for next: on the straight line through the last two tries."""
    rise = (reached[-1] - reached[-2]) / max(asked[-1] - asked[-2], 1e-9, key=abs)
    flat = asked[-1] * wanted / max(reached[-1], 1e-9)
    found = asked[-1] + (wanted - reached[-1]) / rise if rise > 0 else flat
    return float(np.clip(found, 0.25 * asked[-1], 4 * asked[-1]))


def _nobody(_: int) -> None:
    """Count nothing: frames that are made twice are one step of a path."""


def _slack(profile: Sequence[Point]) -> float:
    return slack_of([point.size for point in profile])


def _crossing(
    knobs: NDArray[np.float64],
    sizes: NDArray[np.float64],
    point: Point,
    stop: float,
    slack: float,
) -> float | None:
    """Return where a size is first reached, by straight lines; up to twice the last knob.

    None where a frame that fits is there already.
    """
    sign = side_of(point)
    mine = np.flatnonzero(knobs * sign >= 0)
    mine = mine[np.argsort(np.abs(knobs[mine]))]
    x, y = np.abs(knobs[mine]), sizes[mine]
    if mismatch(y, point.size, slack).min() <= NEAR:
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
