"""Settings of the edit ledger: how an edit is measured, and from where on it is flagged."""

from typing import Any, Literal

from pydantic import Field

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.settings.base import Section
from zollstock.settings.masks import Mask, place_of_masks
from zollstock.worlds import facts_of

METERS = ("luminance", "clip_direction")
"""Meters that need no drawn world; each world has further ones, named after its latents."""


class LedgerSettings(Section):
    """From where on a path is flagged; no score depends on this section."""

    min_range: float = Field(
        0.05,
        ge=0,
        description="`flat`: the target's meter moves less than this; for luminance of 0 to 1.",
    )
    max_saturation: float = Field(
        0.5,
        ge=0,
        le=1,
        description="`saturated`: over more than this share of the axis the meter stays within "
        "2 % of its end value; of a two-sided axis either side counts.",
    )
    min_spearman: float = Field(
        0.95,
        ge=0,
        le=1,
        description="`not_monotone`: the rank correlation of meter and axis, taken up to the flat "
        "end, is weaker than this.",
    )
    max_off_target: float = Field(
        0.15,
        ge=0,
        description="`entangled`: what should stay moves by more than this share of the target's "
        "movement.",
    )
    max_collateral: float = Field(
        0.05,
        ge=0,
        le=1,
        description="`entangled`: pixels outside the target change by more than this on average, "
        "of 0 to 1.",
    )
    min_edge_correlation: float = Field(
        0.4,
        ge=-1,
        le=1,
        description="`identity_lost`: a frame keeps less of the picture's edges. Exact edits of "
        "the drawn world keep 0.6 and more, another animal has 0.2; −1 switches it off.",
    )


class ClipSettings(Section):
    """A direction in CLIP's space: from one text to another."""

    model: str = Field(
        min_length=1,
        description="Folder of a CLIP model, as `hf download NAME --local-dir FOLDER` makes it; "
        "jobs run offline. `{data_dir}` is replaced.",
    )
    source_text: str = Field(min_length=1, description="What the picture shows before the edit.")
    target_text: str = Field(min_length=1, description="What it should show after it.")


class MeterSettings(Section):
    """How the ledger measures what a property's edit did."""

    meter: str | None = Field(
        None,
        description="What is measured in each frame: of drawn images a latent that moves the "
        "luminance of a region, such as `fur_lightness` (docs/worlds.md lists them), `luminance` "
        "inside `mask`, or `clip_direction` (needs `clip`). Null leaves the edit unmeasured, which "
        "is flagged unless the engine computes it.",
    )
    mask: Mask | None = Field(
        None,
        description="Grey PNG at the size of the frames, white where the property is. "
        "`{data_dir}` and `{image}` (the image's id) are replaced. Or the `segmenter` that draws "
        "them. Drawn images have masks.",
    )
    clip: ClipSettings | None = Field(None, description="For the meter `clip_direction`.")
    direction: Literal[-1, 1] | None = Field(
        None,
        description="1 if the meter should rise with the axis, -1 if it should fall; null takes "
        "either.",
    )
    keeps_edges: bool = Field(
        True,
        description="False for a property that moves or turns things: that edges move then does "
        "not count as `identity_lost`.",
    )

    def meter_settings(self, masks: str) -> dict[str, Any]:
        """Return how the frames are measured, without what else a property has.

        `masks` is where those lie that a model draws.
        """
        told = self.model_dump(include=set(MeterSettings.model_fields))
        return told | {"mask": place_of_masks(self.mask, masks)}

    @staticmethod
    def no_meter() -> dict[str, Any]:
        """Return the settings of frames that are not measured."""
        return MeterSettings().model_dump()

    def needs_clip(self) -> bool:
        """Return whether measuring runs a CLIP model."""
        return self.meter == "clip_direction"


def check_meter(settings: MeterSettings, where: str, drawn: bool, world: str) -> None:
    """Check what the single keys of a meter cannot know.

    Parameters
    ----------
    settings
        Of a property.
    where
        File and key of the property, for messages.
    drawn
        Whether the images come from the renderer.
    world
        The drawn world.

    Raises
    ------
    ZollstockError
        If meter, mask and clip do not fit each other or the images.
    """
    meter, of_world = settings.meter, facts_of(world).meters
    if meter is not None and meter not in (*of_world, *METERS):
        known = [*(of_world if drawn else ()), *METERS]
        raise ZollstockError(
            f"{where}.meter",
            f"is '{meter}'",
            f"one of {', '.join(known)}",
            did_you_mean(meter, known, "Choose one of these."),
        )
    if meter in of_world and not drawn:
        raise ZollstockError(
            f"{where}.meter",
            f"is '{meter}'",
            "a meter that works on photographs",
            "Use 'luminance' with a mask, 'clip_direction', or images.source: renderer.",
        )
    if meter in of_world and settings.mask:
        raise ZollstockError(
            f"{where}.mask",
            f"is set beside the meter '{meter}', which takes the renderer's masks",
            "no mask",
            "Remove it, or use the meter 'luminance'.",
        )
    if meter == "luminance" and not settings.mask:
        raise ZollstockError(
            f"{where}.mask",
            "is missing beside the meter 'luminance'",
            "the path of a grey PNG, white where the property is",
            "Set it; {image} in the path stands for the image's id.",
        )
    if meter == "clip_direction" and settings.clip is None:
        raise ZollstockError(
            f"{where}.clip",
            "is missing beside the meter 'clip_direction'",
            "model, source_text and target_text",
            "Set them.",
        )
    if meter != "clip_direction" and settings.clip is not None:
        raise ZollstockError(
            f"{where}.clip",
            f"is set beside the meter '{meter or 'null'}', which does not use it",
            "no clip",
            "Remove it, or use the meter 'clip_direction'.",
        )
