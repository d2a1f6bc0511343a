"""Placebo paths that go through an image editor."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from zollstock.engines.base import FailedPath, StepDone, source_version
from zollstock.engines.diffusion.base import DiffusionEngine, RunOptions
from zollstock.engines.placebos.rendered import RenderedPlacebo
from zollstock.engines.registry import make_engine, register
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape

MARGIN = 1.2
"""The drawn path goes this much further than asked, since an editor softens what it repeats."""


@register("placebo_edited")
class EditedPlacebo:
    """Edits that should not matter, by the editor under test.

    With instructions, placebo k follows the k-th of them in turn, under its own seed. Without,
    the image must be a drawn one: its nuisances are drawn on their way to another draw (see
    `RenderedPlacebo`), and each frame is what the editor makes of that at knob 0, under the
    placebo's seed. The editor's own losses are then in the placebos as they are in the edits.

    Parameters
    ----------
    editor
        The settings of the editing property, its engine included.
    instructions
        What should not matter; empty for drawn images.
    steps, limits
        As in `RenderedPlacebo`.
    run
        See `RunOptions`.
    **drawn
        The other arguments of `RenderedPlacebo`: world, size, latents, tested.
    """

    version = source_version(FilePath(__file__))
    takes_run_options = True

    def __init__(
        self,
        *,
        editor: Mapping[str, Any],
        instructions: Sequence[str],
        steps: int,
        limits: Mapping[str, float] | None = None,
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
        wider = {image: MARGIN * limit for image, limit in (limits or {}).items()}
        self.drawn = RenderedPlacebo(steps=steps, limits=wider, **drawn)

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Check the instructions or the images, and return the common size."""
        if not self.instructions:
            self.drawn.shape(images)
        for text in self.instructions:
            self.editor.check_instruction(text)
        return self.editor.shape(images)

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return what a path depends on besides the settings."""
        drawn = {} if self.instructions else self.drawn.inputs(image)
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
        if self.instructions:
            yield from self._told(images, seeds, step_done)
            return
        drawn = [
            self.drawn.path(image, seed, lambda _: None)
            for image, seed in zip(images, seeds, strict=True)
        ]
        edited = self.editor.unedited([path.frames for path in drawn], seeds, step_done)
        for path, frames in zip(drawn, edited, strict=True):
            yield (
                frames if isinstance(frames, FailedPath) else EditPath(frames, path.axis, frames[0])
            )

    def _told(
        self, images: Sequence[ImageRecord], seeds: Sequence[int], step_done: StepDone
    ) -> Iterator[EditPath | FailedPath]:
        """Follow the instructions in turn, by the number of the draw."""
        for image, seed in zip(images, seeds, strict=True):
            self.editor.instruction = self.instructions[(image.draw - 1) % len(self.instructions)]
            try:
                made: EditPath | FailedPath = self.editor.path(image, seed, step_done)
            except FailedPath as reason:
                made = reason
            yield made
