"""What the workflow's plan asks of a property, whatever makes its frames.

Each engine's settings class answers these; the rules and the plan never ask which engine it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from zollstock.errors import ZollstockError
from zollstock.settings.base import Section
from zollstock.settings.images import WorldSettings
from zollstock.settings.placebos import OPERATIONS


@dataclass(frozen=True)
class Surroundings:
    """What a property's frames, placebos and checks depend on beside its own settings.

    Attributes
    ----------
    world
        The drawn world.
    drawn
        Whether the images come from it.
    dtype, checkpoints
        Floating-point type of editors, and the folder of their fetched checkpoints.
    placebos
        The section `placebos`.
    varied
        What properties of the study vary that are no placebos themselves, sorted.
    properties
        The study's properties by name.
    models
        Names of the study's models.
    least_steps
        Steps that the study's statistics need, and the statistic that needs them.
    masks
        Where masks lie that a model draws.
    """

    world: WorldSettings
    drawn: bool
    dtype: str
    checkpoints: str
    placebos: Any
    varied: Sequence[str]
    properties: Mapping[str, "PropertyTraits"]
    models: Sequence[str]
    least_steps: tuple[int, str]
    masks: str = ""

    def drawn_placebos(self) -> dict[str, Any]:
        """Return the settings of placebos that are drawn: other nuisances of the same picture."""
        return {
            "world": self.world.name,
            "size": self.world.size,
            "latents": self.placebos.latents,
            "tested": list(self.varied),
        } | self.matched_placebos()

    def pixel_placebos(self) -> dict[str, Any]:
        """Return the settings of placebos that change pixels of the unedited picture."""
        return {
            "engine": "placebo_pixels",
            "operations": self.placebos.operations,
            "tested": [name for name in self.varied if name in OPERATIONS],
        } | self.matched_placebos()

    def matched_placebos(self) -> dict[str, Any]:
        """Return the settings that placebos of every kind have: how they are made to an edit."""
        return {"steps": self.placebos.steps, "tolerance": self.placebos.tolerance}


class UserFiles(NamedTuple):
    """The user's files that frames are made from.

    Attributes
    ----------
    series
        Path of a series, in which ``{image}`` and ``{draw}`` may stand.
    command
        A program and its arguments.
    pictures
        Key of the settings → a file, folder or table that holds something for each image, such
        as its mask; see `zollstock.images.belonging`.
    """

    series: str | None = None
    command: str | list[str] | None = None
    pictures: Mapping[str, str] = MappingProxyType({})


class Checkpoint(NamedTuple):
    """An editor's weights.

    Attributes
    ----------
    name, revision
        Hugging Face id and commit, or a local folder.
    parameters
        Numbers in the largest weights of this kind, for planning before they are there.
    """

    name: str
    revision: str | None
    parameters: float


class PropertyTraits(Section):
    """The answers of an engine that needs nothing special."""

    environment: ClassVar[str] = "interventions"
    """Name of the file in envs/ that its jobs need."""

    edited: ClassVar[bool] = False
    """Whether an image editor makes the frames: it has run options and wants a device."""

    may_fail: ClassVar[bool] = False
    """Whether single paths may fail while others are made."""

    exact: ClassVar[bool] = False
    """Whether it sets a property of drawn images exactly, so that edits can be held against it."""

    known: ClassVar[bool] = False
    """Whether what the edit does is known from the knob, so that nothing need be measured."""

    frames_like_images: ClassVar[bool] = False
    """Whether frames have the size that is set, or else the one that the images have in common,
    so that it is known before there is a frame; see `zollstock.images.fitting.common_size`."""

    composable: ClassVar[str | None] = None
    """What each of its steps is that another engine can go on from, as grids do: `drawn`, an image
    of the world; `pixels`, a picture. Two properties of a grid are of one kind."""

    grid: ClassVar[bool] = False
    """Whether a path is a grid of two properties, which is no series."""

    not_frames: ClassVar[frozenset[str]] = frozenset({"title", "placebo", "watch", "replicates"})
    """Keys that no frame depends on; those of the meter are none either."""

    def varies(self) -> str | None:
        """Return the name of what it varies, where that is known."""
        return None

    def along(self) -> Sequence[str]:
        """Return the two properties of a grid, the first one first; none of a series."""
        return ()

    def set_latent(self) -> dict[str, Any] | None:
        """Return the latent of the drawn world that it sets, and the ends of its path, if any."""
        return None

    def span(self) -> tuple[float, float] | None:
        """Return the first and the last value of the axis; None where frames alone tell."""
        return None

    def draws(self) -> int:
        """Return how many paths an image has."""
        return 1

    def watched(self) -> Sequence[str]:
        """Return the models that say where a path needs frames."""
        return ()

    def user_files(self) -> UserFiles:
        """Return the user's files that frames are made from."""
        return UserFiles()

    def fits(self) -> str:
        """Return how images are brought to the size of the frames: crop, stretch or pad."""
        return str(getattr(self, "fit", "stretch"))

    def outside_mask(self) -> bool:
        """Return whether the property is where its mask is black, not where it is white."""
        return False

    def weights(self) -> Checkpoint | None:
        """Return the editor's weights; None if it has none."""
        return None

    def frame_settings(self, around: Surroundings) -> dict[str, Any]:
        """Return all settings that frames depend on; titles and marks are none."""
        settings = self.model_dump()
        return {key: settings[key] for key in settings if key not in self.not_frames}

    def with_fewer(self, frames: int, around: Surroundings) -> dict[str, Any]:
        """Return `frame_settings` with so many frames, where any number of them can be made."""
        return self.frame_settings(around)

    def placebo_settings(self, around: Surroundings) -> dict[str, Any] | None:
        """Return the settings of the engine that makes its placebos; None if none can."""
        series = around.placebos.series
        if series is None or around.placebos.engine == "pixels":
            return around.pixel_placebos()
        size = getattr(self, "size", None)
        made = {"engine": "placebo_series", "path": series, "size": size, "fit": self.fits()}
        return made | around.matched_placebos()

    def check(self, where: str, around: Surroundings) -> None:
        """Check what no single key can know.

        Raises
        ------
        ZollstockError
            Naming the key below `where`.
        """

    def check_steps(self, least: int, where: str, around: Surroundings) -> None:
        """Check that a path of `least` steps is long enough for the study's statistics."""
        needed, statistic = around.least_steps
        if least < needed:
            raise ZollstockError(
                f"{where}.steps",
                f"is {least}, too few for the statistic {statistic}",
                f"at least {needed} steps",
                f"Raise it, or take {statistic} out of scoring.statistics.",
            )
