"""Settings of fills: what is put where a segment is taken away."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag, model_validator

from zollstock.settings.base import NOT_BLANK
from zollstock.settings.locate.choice import Choice, Entry, by_form

Byte = Annotated[int, Field(ge=0, le=255)]
Rgb = Annotated[list[Byte], Field(min_length=3, max_length=3)]
Sigma = Annotated[float, Field(gt=0, le=1000)]
Text = Annotated[str, Field(pattern=NOT_BLANK)]


class MeanSettings(Entry):
    """The picture's mean colour."""


class MedianSettings(Entry):
    """The picture's median colour."""


class ColourSettings(Entry):
    """One colour."""

    rgb: Rgb = Field(description="Red, green, blue.")

    short: ClassVar[str] = "rgb"


class OwnMeanSettings(Entry):
    """Each segment's own mean colour."""

    own: ClassVar[bool] = True


class OwnMedianSettings(Entry):
    """Each segment's own median colour."""

    own: ClassVar[bool] = True


class OwnRandomSettings(Entry):
    """A random colour for each segment."""

    own: ClassVar[bool] = True


class RandomColourSettings(Entry):
    """A random colour."""

    each: bool = Field(False, description="Another one for each sample.")

    short: ClassVar[str] = "each"


class BlurSettings(Entry):
    """The picture, blurred by a Gaussian."""

    sigma: Sigma | None = Field(None, description="In pixels; by default 0.05 of the shorter side.")

    short: ClassVar[str] = "sigma"


class InpaintSettings(Entry):
    """What is around, painted on (biharmonic, of scikit-image)."""

    of: Literal["segment", "sample"] = Field(
        "segment",
        description="Painted once for each segment, as if it alone were missing; or anew for each "
        "sample, which costs some tenths of a second each.",
    )

    short: ClassVar[str] = "of"
    own: ClassVar[bool] = True


class HistogramSettings(Entry):
    """A colour of the picture for each sample, as often as the picture has it."""


class NoiseSettings(Entry):
    """Noise with the mean and the spread of the picture's colours."""

    number: int = Field(8, ge=1, le=1000, description="Pictures of noise, drawn from by samples.")

    short: ClassVar[str] = "number"


class PictureSettings(Entry):
    """Another image of the study."""

    image: Text = Field(
        "random",
        description="`random`, or the id or name of one that is put into all others. Of that one "
        "itself there is no map.",
    )
    number: int = Field(
        1,
        ge=1,
        le=1000,
        description="Of `random`: how many are drawn for each image; of several each sample gets "
        "one.",
    )

    short: ClassVar[str] = "image"
    needs: ClassVar[str | None] = "pictures"

    @model_validator(mode="after")
    def _fits(self) -> "PictureSettings":
        if self.image != "random" and self.number != 1:
            raise ValueError("no number beside the one image that is named")
        return self


class PathSettings(Entry):
    """The same segment of another frame of the image's path: a counterfactual fill."""

    property: Text | None = Field(
        None, description="Whose path; by default that of each property in turn."
    )
    frame: Literal["first", "last", "farthest"] = Field(
        "farthest",
        description="Of the path: an end, or the end that differs most from the picture.",
    )

    short: ClassVar[str] = "property"
    needs: ClassVar[str | None] = "frame"


class FillSettings(Choice):
    """What takes the place of a segment: one of the kinds, with its settings."""

    mean: MeanSettings | None = Field(
        None,
        description="The picture's mean colour.",
    )
    median: MedianSettings | None = Field(
        None,
        description="The picture's median colour.",
    )
    colour: (
        Annotated[Annotated[Rgb, Tag("value")] | Annotated[ColourSettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="A colour: `[red, green, blue]`.",
    )
    own_mean: OwnMeanSettings | None = Field(
        None,
        description="Each segment's own mean colour.",
    )
    own_median: OwnMedianSettings | None = Field(
        None,
        description="Each segment's own median colour.",
    )
    own_random: OwnRandomSettings | None = Field(
        None,
        description="A random colour for each segment.",
    )
    random_colour: (
        Annotated[
            Annotated[bool, Tag("value")] | Annotated[RandomColourSettings, Tag("keys")], by_form
        ]
        | None
    ) = Field(
        None,
        description="A random colour; `true`: another for each sample.",
    )
    blur: (
        Annotated[Annotated[Sigma, Tag("value")] | Annotated[BlurSettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="The picture under a Gaussian of so many pixels.",
    )
    inpaint: (
        Annotated[
            Annotated[Literal["segment", "sample"], Tag("value")]
            | Annotated[InpaintSettings, Tag("keys")],
            by_form,
        ]
        | None
    ) = Field(
        None,
        description="What is around, painted on.",
    )
    histogram: HistogramSettings | None = Field(
        None,
        description="A colour of the picture for each sample.",
    )
    noise: (
        Annotated[Annotated[int, Tag("value")] | Annotated[NoiseSettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="Noise with the picture's colours.",
    )
    picture: (
        Annotated[Annotated[Text, Tag("value")] | Annotated[PictureSettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="Another image of the study: `random`, or its id.",
    )
    path: (
        Annotated[Annotated[Text, Tag("value")] | Annotated[PathSettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="The same segment of another frame of this property's path.",
    )

    options: ClassVar[tuple[str, ...]] = (
        "mean",
        "median",
        "colour",
        "own_mean",
        "own_median",
        "own_random",
        "random_colour",
        "blur",
        "inpaint",
        "histogram",
        "noise",
        "picture",
        "path",
    )


FillWord = Literal[
    "mean",
    "median",
    "own_mean",
    "own_median",
    "own_random",
    "random_colour",
    "blur",
    "inpaint",
    "histogram",
    "noise",
    "picture",
    "path",
]
"""Fills that need no further word."""
Fill = Annotated[Annotated[FillWord, Tag("value")] | Annotated[FillSettings, Tag("keys")], by_form]


def fill_of(given: str | FillSettings) -> FillSettings:
    """Return a fill's settings in full."""
    return given if isinstance(given, FillSettings) else FillSettings.model_validate({given: {}})


def fill_plain(given: str | FillSettings) -> dict[str, Any]:
    """Return what `zollstock.locate.fills.make_fill` takes."""
    return fill_of(given).plain_entry()
