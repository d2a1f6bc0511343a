"""Settings of properties: what is varied, by which engine."""

from typing import Annotated, Literal

from pydantic import Field

from zollstock.settings.base import HeightWidth
from zollstock.settings.editors import (
    CommandProperty,
    FlowEditProperty,
    FluxKontextProperty,
    InstructPix2PixProperty,
    LeditsPPProperty,
    QwenImageEditProperty,
)
from zollstock.settings.naming import NamedProperty


class RenderedProperty(NamedProperty):
    """A latent of the drawn world, set exactly: do(latent = value)."""

    engine: Literal["rendered"] = "rendered"
    latent: str = Field(description="The latent that is set, e.g. `fur_lightness`.")
    start: float = Field(0.0, description="Value at the first step.")
    stop: float = Field(1.0, description="Value at the last step.")
    steps: int = Field(32, ge=3, description="Frames on the path, evenly spaced.")


class FramesProperty(NamedProperty):
    """A captured or externally edited series of pictures per image."""

    engine: Literal["frames"] = "frames"
    path: str = Field(
        description="Folder of pictures in the order of their names, or CSV with the columns "
        "`path` and `axis`. `{data_dir}` and `{image}` (the image's id) are replaced."
    )
    prepend_original: bool = Field(
        False, description="Put the image itself before the frames, as the paper does."
    )
    size: HeightWidth | None = Field(
        None,
        description="Height and width all frames are resized to; needed only where the series "
        "of different images differ in size.",
    )


PropertySettings = Annotated[
    RenderedProperty
    | FramesProperty
    | InstructPix2PixProperty
    | LeditsPPProperty
    | FluxKontextProperty
    | QwenImageEditProperty
    | FlowEditProperty
    | CommandProperty,
    Field(discriminator="engine", description="What is varied, and by which engine."),
]
