"""Settings of properties: what is varied, by which engine."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from zollstock.errors import ZollstockError
from zollstock.settings.base import HeightWidth
from zollstock.settings.editors import (
    CommandProperty,
    FlowEditProperty,
    FluxKontextProperty,
    InstructPix2PixProperty,
    LeditsPPProperty,
    QwenImageEditProperty,
)
from zollstock.settings.grid import GridProperty
from zollstock.settings.naming import NamedProperty
from zollstock.settings.pixels import (
    BackgroundProperty,
    BlendProperty,
    GeometricProperty,
    OverlayProperty,
    PhotometricProperty,
)
from zollstock.settings.traits import Surroundings, UserFiles
from zollstock.worlds import check_choice, facts_of


class RenderedProperty(NamedProperty):
    """A latent of the drawn world, set exactly: do(latent = value)."""

    engine: Literal["rendered"] = "rendered"
    latent: str = Field(description="The latent that is set, e.g. `fur_lightness`.")
    start: float = Field(0.0, description="Value at the first step.")
    stop: float = Field(1.0, description="Value at the last step.")
    steps: int = Field(32, ge=3, description="Frames on the path, evenly spaced.")

    exact: ClassVar[bool] = True
    known: ClassVar[bool] = True
    frames_like_images: ClassVar[bool] = True
    composable: ClassVar[str | None] = "drawn"

    def varies(self) -> str | None:
        """Return the latent."""
        return self.latent

    def set_latent(self) -> dict[str, Any]:
        """Return the latent and both ends."""
        return {"name": self.latent, "ends": [self.start, self.stop]}

    def span(self) -> tuple[float, float]:
        """Return the ends of the axis."""
        return (self.start, self.stop)

    def frame_settings(self, around: Surroundings) -> dict[str, Any]:
        """Return all settings that frames depend on, those of the drawn world included."""
        drawn = {"world": around.world.name, "size": around.world.size}
        return super().frame_settings(around) | drawn

    def with_fewer(self, frames: int, around: Surroundings) -> dict[str, Any]:
        """Return the settings with so many frames over the same range."""
        return self.frame_settings(around) | {"steps": frames}

    def placebo_settings(self, around: Surroundings) -> dict[str, Any] | None:
        """Return the settings of the engine that draws other nuisances."""
        if around.placebos.engine == "pixels":
            return around.pixel_placebos()
        return {"engine": "placebo_rendered"} | around.drawn_placebos()

    def check(self, where: str, around: Surroundings) -> None:
        """Check range, images and steps."""
        if self.start == self.stop:
            raise ZollstockError(
                where,
                f"has start and stop both at {self.start}",
                "two different values",
                "Set the range that the latent moves over.",
            )
        if not around.drawn:
            raise ZollstockError(
                f"{where}.engine",
                "is 'rendered'",
                "an engine that can edit photographs",
                "Use the engine 'frames', or images.source: renderer.",
            )
        self._check_latent(where, facts_of(around.world.name).latents)
        self.check_steps(self.steps, where, around)

    def _check_latent(self, where: str, ranges: Mapping[str, tuple[float, float]]) -> None:
        check_choice(f"{where}.latent", self.latent, list(ranges))
        low, high = ranges[self.latent]
        for key, value in (("start", self.start), ("stop", self.stop)):
            if not low <= value <= high:
                raise ZollstockError(
                    f"{where}.{key}",
                    f"is {value:g}",
                    f"{low:g} to {high:g}, the range of {self.latent}",
                    "Correct it.",
                )


class FramesProperty(NamedProperty):
    """A captured or externally edited series of pictures per image."""

    engine: Literal["frames"] = "frames"
    path: str = Field(
        description="Folder of pictures whose names say their values or their order, or CSV with "
        "the columns `path` and `axis`. `{data_dir}` and `{image}` (the image's id, or the name of "
        "its file without ending) are replaced."
    )
    axis: Literal["names", "even"] = Field(
        "names",
        description="Where a folder's axis comes from. `names`: numbers in the names of the files "
        "are its values (`-30.png`, `0.25.png`, `15deg.png`, `gain_0.5.png`); whole numbers behind "
        "a word (`frame_001.png`) are an order, evenly spaced. `even`: all are an order.",
    )
    prepend_original: bool = Field(
        False, description="Put the image itself before the frames, as the paper does."
    )
    size: HeightWidth | None = Field(
        None,
        description="Height and width all frames are brought to; needed only where pictures "
        "differ in size.",
    )
    fit: Literal["crop", "stretch", "pad"] = Field(
        "stretch",
        description="How pictures of another shape get to `size`: cropped at the centre, "
        "stretched, or shown whole on their mean colour.",
    )
    reference: float | None = Field(
        None,
        description="Value of the axis at which a frame shows the image as it is; changes and "
        "edit sizes count from there. By default the frame that is nearest to the image, or the "
        "image itself with `prepend_original`.",
    )

    def check(self, where: str, around: Surroundings) -> None:
        """Check that one reference is named."""
        if self.reference is not None and self.prepend_original:
            raise ZollstockError(
                f"{where}.reference",
                "is given beside prepend_original",
                "one of them: the image that is put before the frames is the reference",
                "Remove one.",
            )

    def user_files(self) -> UserFiles:
        """Return where the series lie."""
        return UserFiles(series=self.path)

    def placebo_settings(self, around: Surroundings) -> dict[str, Any] | None:
        """Return the settings of captured placebos, which are read as the series are."""
        found = super().placebo_settings(around)
        if found is None or "path" not in found or self.axis == "names":
            return found
        return found | {"axis": self.axis}


PropertySettings = Annotated[
    RenderedProperty
    | GridProperty
    | FramesProperty
    | PhotometricProperty
    | OverlayProperty
    | BackgroundProperty
    | GeometricProperty
    | BlendProperty
    | InstructPix2PixProperty
    | LeditsPPProperty
    | FluxKontextProperty
    | QwenImageEditProperty
    | FlowEditProperty
    | CommandProperty,
    Field(discriminator="engine", description="What is varied, and by which engine."),
]
