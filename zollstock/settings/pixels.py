"""Settings of properties that are computed on the pixels of photographs, without weights."""

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from zollstock.engines.pixels.knobs import BACKGROUNDS, KNOBS, SHARE, ZERO, Knob
from zollstock.errors import ZollstockError
from zollstock.settings.base import NOT_BLANK, HeightWidth
from zollstock.settings.masks import Mask, SegmentedMask, place_of_masks
from zollstock.settings.naming import NamedProperty
from zollstock.settings.traits import Surroundings, UserFiles

Colour = Annotated[list[Annotated[int, Field(ge=0, le=255)]], Field(min_length=3, max_length=3)]
"""Red, green and blue."""
Two = Annotated[list[float], Field(min_length=2, max_length=2)]
Share = Annotated[float, Field(gt=0, le=10)]

PICTURES = (
    "`{data_dir}` and `{image}` (the image's id or name) are replaced; a folder of files that are "
    "named after the images, or a CSV with the columns `image` and `path`, will do as well"
)
_MIDDLE = re.compile(r"middle(\s+(0?\.\d+|1(\.0*)?))?")


class PixelsProperty(NamedProperty):
    """What all edits share that are computed on pixels: 0 on the axis is the photograph itself."""

    start: float | None = Field(
        None,
        description="Value at the first step. By default as far on the other side of 0 as `stop` "
        "is, or 0 where the knob has one side.",
    )
    stop: float | None = Field(
        None, description="Value at the last step; by default that of docs/photographs.md."
    )
    steps: int = Field(17, ge=3, description="Frames, evenly spaced.")
    size: HeightWidth | None = Field(
        None,
        description="Height and width of the frames. By default those of the images if all have "
        "the same and no side is above 512, else 256×256.",
    )
    fit: Literal["crop", "stretch", "pad"] = Field(
        "crop",
        description="Images of another shape are cropped at the centre, stretched, or shown whole "
        "on their mean colour.",
    )
    replicates: int = Field(
        1,
        ge=1,
        le=1000,
        description="Paths per image, each under its own seed, where something is drawn: the field "
        "of noise, or where an overlay lies. Scores are averaged over them.",
    )
    keeps_edges: bool = Field(
        False,
        description="True flags paths as `identity_lost` on which the picture's edges go; by "
        "default they may, since blur or a turn are what is asked for.",
    )

    known: ClassVar[bool] = True
    composable: ClassVar[str | None] = "pixels"
    frames_like_images: ClassVar[bool] = True

    def varies(self) -> str | None:
        """Return the operation, where there are several."""
        return getattr(self, "operation", None)

    def knob(self) -> Knob:
        """Return what the values of the axis mean, and which there are."""
        return SHARE

    def by_seed(self) -> bool:
        """Return whether anything is drawn."""
        return False

    def draws(self) -> int:
        """Return how many paths an image has."""
        return self.replicates

    def ends(self) -> tuple[float, float]:
        """Return the first and the last value of the axis."""
        knob = self.knob()
        stop = knob.stop if self.stop is None else self.stop
        return (knob.begin(stop) if self.start is None else self.start, stop)

    def span(self) -> tuple[float, float]:
        """Return the ends of the axis."""
        return self.ends()

    def frame_settings(self, around: Surroundings) -> dict[str, Any]:
        """Return all settings that frames depend on, with the ends of the axis."""
        start, stop = self.ends()
        return super().frame_settings(around) | {"start": start, "stop": stop}

    def check(self, where: str, around: Surroundings) -> None:
        """Check the axis: its ends, and that the photograph is one of its steps."""
        start, stop = self.ends()
        knob = self.knob()
        for key, value in (("start", start), ("stop", stop)):
            if not knob.least <= value <= knob.most:
                raise ZollstockError(
                    f"{where}.{key}",
                    f"is {value:g}",
                    f"{knob.least:g} to {knob.most:g} ({knob.meaning})",
                    "Correct it, or leave it out: the default shows what is usual.",
                )
        if start == stop:
            raise ZollstockError(
                where,
                f"has start and stop both at {start:g}",
                "two different values",
                "Set the range that the knob is turned over.",
            )
        if not _holds_zero(start, stop, self.steps):
            better = [steps for steps in range(3, 200) if _holds_zero(start, stop, steps)]
            nearest = min(better, key=lambda steps: abs(steps - self.steps), default=None)
            raise ZollstockError(
                f"{where}.steps",
                f"is {self.steps}, but the axis runs from {start:g} to {stop:g}",
                "a number with which one step is 0, the photograph itself",
                f"Use {nearest}." if nearest else f"Use start: {-stop:g}, or start: 0.",
            )
        if self.replicates > 1 and not self.by_seed():
            raise ZollstockError(
                f"{where}.replicates",
                f"is {self.replicates}, but nothing is drawn: all paths of an image would be equal",
                "1",
                "Remove it; noise, and overlays whose place, width or rotation is drawn, take it.",
            )
        self.check_steps(self.steps, where, around)


class MaskedProperty(PixelsProperty):
    """Edits that a mask may keep to a part of the picture."""

    mask: Mask | None = Field(
        None,
        description="Where the picture may change: grey pictures, white inside, at the size of "
        f"the images or of the frames. {PICTURES}; `middle` is an ellipse about the centre, "
        "`middle 0.5` one of half the height and width. Or the `segmenter` that draws them. By "
        "default the whole picture changes.",
    )
    where: Literal["inside", "outside"] = Field(
        "inside", description="Of the mask: the side that changes."
    )

    not_frames: ClassVar[frozenset[str]] = PixelsProperty.not_frames - {"mask"}

    def frame_settings(self, around: Surroundings) -> dict[str, Any]:
        """Return all settings that frames depend on, with the place of the masks."""
        return super().frame_settings(around) | {"mask": place_of_masks(self.mask, around.masks)}

    def outside_mask(self) -> bool:
        """Return whether the property is where its mask is black."""
        return self.where == "outside"

    def user_files(self) -> UserFiles:
        """Return where masks and pictures lie."""
        named = {key: getattr(self, key, None) for key in ("mask", "picture", "places", "font")}
        if isinstance(self.mask, SegmentedMask) or _MIDDLE.fullmatch(str(self.mask)):
            del named["mask"]
        return UserFiles(pictures={key: file for key, file in named.items() if file})


class PhotometricProperty(MaskedProperty):
    """Light, colour, sharpness, noise or compression of the photograph, or of a part of it."""

    engine: Literal["photometric"] = "photometric"
    operation: Literal[
        "brightness",
        "contrast",
        "gamma",
        "saturation",
        "hue",
        "temperature",
        "grey",
        "blur",
        "sharpness",
        "noise",
        "jpeg",
        "pixelate",
    ] = Field(description="What is varied; docs/photographs.md has unit and range of each.")

    def knob(self) -> Knob:
        """Return the operation's knob."""
        return KNOBS[self.operation]

    def by_seed(self) -> bool:
        """Return whether anything is drawn: the field of noise."""
        return self.operation == "noise"


class OverlayProperty(MaskedProperty):
    """A picture or a text blended in: a patch, a watermark, a logo, a ruler."""

    engine: Literal["overlay"] = "overlay"
    picture: str | None = Field(
        None,
        description="The file that is laid over; where it is transparent, nothing is. "
        f"{PICTURES}. Give this or `text`.",
    )
    text: Annotated[str, Field(pattern=NOT_BLANK)] | None = Field(
        None, description="What is written over the picture; may have several lines."
    )
    colour: Colour = Field(default=[255, 255, 255], description="Of `text`: red, green, blue.")
    font: str | None = Field(
        None,
        description="Of `text`: a TrueType or OpenType file; by default one of Latin letters.",
    )
    stop: float | None = Field(
        None, description="Opacity at the last step; 1, the default, covers what is below."
    )
    position: Literal["middle", "random"] | Two = Field(
        "middle",
        description="Of its centre: `middle`; `random`, a place inside the picture for each image; "
        "or across and down, as shares of width and height.",
    )
    width: Share | Annotated[list[Share], Field(min_length=2, max_length=2)] = Field(
        0.5,
        description="Of the overlay, as a share of the picture's width; or the ends of a range, "
        "from which one is drawn for each image.",
    )
    rotation: float | Two = Field(
        0.0, description="Degrees, anticlockwise; or the ends of a range, as for `width`."
    )
    places: str | None = Field(
        None,
        description="CSV with the columns `image`, `x`, `y`, and perhaps `width` and `rotation`: "
        "where it lies on each image. `{data_dir}` is replaced.",
    )
    mode: Literal["normal", "multiply", "screen"] = Field(
        "normal",
        description="`normal` covers; `multiply` darkens, as ink does; `screen` lightens, as a "
        "reflection does.",
    )

    def by_seed(self) -> bool:
        """Return whether its place, width or rotation is drawn."""
        return self.position == "random" or any(
            isinstance(ends, list) for ends in (self.width, self.rotation)
        )

    def check(self, where: str, around: Surroundings) -> None:
        """Check the axis, and that there is one layer in one place."""
        super().check(where, around)
        if (self.picture is None) == (self.text is None):
            raise ZollstockError(
                where,
                "has neither picture nor text" if self.text is None else "has picture and text",
                "one of them: what is laid over the photograph",
                "Set it." if self.text is None else "Remove one.",
            )
        if self.places is not None and self.position != "middle":
            raise ZollstockError(
                f"{where}.position", "is given beside places", "one of them", "Remove one."
            )
        for key in ("width", "rotation"):
            ends = getattr(self, key)
            if isinstance(ends, list) and not ends[0] <= ends[1]:
                raise ZollstockError(
                    f"{where}.{key}", f"is {ends}", "the smaller end first", "Swap them."
                )


class BackgroundProperty(MaskedProperty):
    """What is around the subject: blurred, without colour, or replaced by degrees."""

    engine: Literal["background"] = "background"
    operation: Literal["blur", "grey", "colour", "picture"] = Field(
        description="What becomes of it: `colour` and `picture` take its place by degrees."
    )
    mask: Mask = Field(
        description="Where the subject is, which stays to the byte: grey pictures, white there, at "
        f"the size of the images or of the frames. {PICTURES}; `middle` is an ellipse about the "
        "centre, `middle 0.5` one of half the height and width. Or the `segmenter` that draws them."
    )
    where: Literal["outside"] = Field("outside", description="Of the mask: the side that changes.")
    colour: Colour = Field(
        default=[128, 128, 128], description="Of the operation `colour`: red, green, blue."
    )
    picture: str | None = Field(
        None, description=f"Of the operation `picture`: the new background. {PICTURES}."
    )

    not_frames: ClassVar[frozenset[str]] = MaskedProperty.not_frames | {"where"}

    def knob(self) -> Knob:
        """Return the operation's knob."""
        return BACKGROUNDS[self.operation]

    def check(self, where: str, around: Surroundings) -> None:
        """Check the axis, and that a picture is there where one is shown."""
        super().check(where, around)
        if (self.operation == "picture") != (self.picture is not None):
            missing = self.picture is None
            raise ZollstockError(
                f"{where}.picture",
                f"is {'missing' if missing else 'given'} beside the operation '{self.operation}'",
                "the picture that becomes the background" if missing else "no picture",
                "Set it." if missing else "Remove it, or use operation: picture.",
            )


class GeometricProperty(PixelsProperty):
    """The photograph turned, shifted, scaled, sheared or tilted."""

    engine: Literal["geometric"] = "geometric"
    operation: Literal["rotate", "translate", "scale", "shear", "perspective"] = Field(
        description="What is varied; docs/photographs.md has unit and range of each."
    )
    towards: float | None = Field(
        None,
        description="Direction in degrees, 0 to the right and 90 upwards: where `translate` goes, "
        "where the top goes in `shear`, which side recedes in `perspective`. By default 0, and 90 "
        "in `perspective`.",
    )
    corners: Literal["reflect", "crop"] | Colour = Field(
        "reflect",
        description="What comes in from outside: the picture mirrored at its edges; a colour (red, "
        "green, blue); or nothing, with `crop`: frames show the part of the photograph that is "
        "there all along the axis.",
    )

    def knob(self) -> Knob:
        """Return the operation's knob."""
        return KNOBS[self.operation]


class BlendProperty(MaskedProperty):
    """From the photograph to another picture."""

    engine: Literal["blend"] = "blend"
    picture: str = Field(description=f"The other picture, brought to the same size. {PICTURES}.")


def _holds_zero(start: float, stop: float, steps: int) -> bool:
    """Return whether 0 is a step, or lies outside of the axis."""
    if not min(start, stop) < ZERO < max(start, stop):
        return True
    place = (ZERO - start) / (stop - start) * (steps - 1)
    return abs(place - round(place)) < 1e-6
