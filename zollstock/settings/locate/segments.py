"""Settings of segments, and of the masks that are made of them."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag, model_validator

from zollstock.settings.base import NOT_BLANK
from zollstock.settings.locate.choice import Choice, Entry, by_form
from zollstock.settings.pixels import PICTURES

Cells = Annotated[int, Field(ge=1, le=1024)]
RowsColumns = Annotated[list[Cells], Field(min_length=2, max_length=2)]
Number = Annotated[int, Field(ge=1, le=10_000)]
Text = Annotated[str, Field(pattern=NOT_BLANK)]


class GridSettings(Entry):
    """Rectangles of equal sides."""

    size: RowsColumns = Field(description="Rows and columns.")

    short: ClassVar[str] = "size"

    def plain(self) -> dict[str, Any]:
        """Return rows and columns."""
        return {"rows": self.size[0], "columns": self.size[1]}


class SlicSettings(Entry):
    """SLIC superpixels, of scikit-image."""

    number: Number = Field(50, description="Segments, of which fewer may be found.")
    compactness: float = Field(
        10.0, gt=0, le=1e6, description="Weight of place against colour: the more, the squarer."
    )

    short: ClassVar[str] = "number"


class QuickshiftSettings(Entry):
    """Quickshift, of scikit-image."""

    kernel: float = Field(4.0, gt=0, le=100, description="Width of the density's kernel, pixels.")
    distance: float = Field(
        200.0, gt=0, le=1e6, description="Farthest that two pixels of a segment may be apart."
    )
    ratio: float = Field(0.2, ge=0, le=1, description="Weight of colour against place.")

    short: ClassVar[str] = "kernel"


class FelzenszwalbSettings(Entry):
    """Felzenszwalb's graph of pixels, of scikit-image."""

    scale: float = Field(100.0, gt=0, le=1e6, description="The more, the larger the segments.")
    sigma: float = Field(0.8, ge=0, le=100, description="Blur before, in pixels.")
    least: int = Field(50, ge=1, le=1_000_000, description="Pixels of the smallest segment.")

    short: ClassVar[str] = "scale"


class WatershedSettings(Entry):
    """Watershed of the gradient, of scikit-image."""

    number: Number = Field(50, description="Segments, of which fewer may be found.")
    compactness: float = Field(0.001, ge=0, le=1e6, description="The more, the squarer.")

    short: ClassVar[str] = "number"


class LabelSettings(Entry):
    """A label picture of the user's."""

    path: Text = Field(
        description="Pictures in which the pixels of a segment have one value, or one colour, of "
        f"the images' size or of another of the same proportions. {PICTURES}."
    )

    short: ClassVar[str] = "path"
    needs: ClassVar[str | None] = "labels"

    def user_files(self) -> str | None:
        """Return where the label pictures lie."""
        return self.path


class PartSettings(Entry):
    """The drawn world's parts."""

    needs: ClassVar[str | None] = "parts"


class MaskSettings(Entry):
    """Inside and outside of a property's mask."""

    property: Text = Field(description="Name of the property.")

    short: ClassVar[str] = "property"
    needs: ClassVar[str | None] = "mask"


class SegmentSettings(Choice):
    """How the picture is cut into segments: one of the kinds, and the form of masks."""

    grid: (
        Annotated[
            Annotated[RowsColumns, Tag("value")] | Annotated[GridSettings, Tag("keys")], by_form
        ]
        | None
    ) = Field(
        None,
        description="A grid: `[rows, columns]`.",
    )
    slic: (
        Annotated[Annotated[Number, Tag("value")] | Annotated[SlicSettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="SLIC: about so many segments of alike colour.",
    )
    quickshift: QuickshiftSettings | None = Field(
        None,
        description="Quickshift: modes of colour and place.",
    )
    felzenszwalb: (
        Annotated[
            Annotated[float, Tag("value")] | Annotated[FelzenszwalbSettings, Tag("keys")], by_form
        ]
        | None
    ) = Field(
        None,
        description="Felzenszwalb: a graph of pixels, cut where colours jump.",
    )
    watershed: (
        Annotated[
            Annotated[Number, Tag("value")] | Annotated[WatershedSettings, Tag("keys")], by_form
        ]
        | None
    ) = Field(
        None,
        description="Watershed: about so many basins of the gradient.",
    )
    labels: (
        Annotated[Annotated[Text, Tag("value")] | Annotated[LabelSettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="A label picture of yours for each image: the folder, or another path.",
    )
    parts: PartSettings | None = Field(
        None,
        description="The drawn world's parts; `parts: {}`.",
    )
    mask: (
        Annotated[Annotated[Text, Tag("value")] | Annotated[MaskSettings, Tag("keys")], by_form]
        | None
    ) = Field(
        None,
        description="Inside and outside of the mask of this property.",
    )
    masks: Literal["hard", "bilinear", "gaussian"] = Field(
        "hard",
        description="How segments meet: `hard` has edges; `bilinear`, of a grid, passes linearly "
        "from one cell's centre to the next; `gaussian` is blurred. The shares of all segments "
        "sum to one at every pixel.",
    )
    sigma: float | None = Field(
        None,
        gt=0,
        le=1000,
        description="Of `gaussian`, in pixels; by default 0.3125 of the side of a square of a "
        "segment's mean area.",
    )
    shift: bool = Field(
        False,
        description="Of a grid: each sample's lies elsewhere, by less than a cell, as in RISE.",
    )

    options: ClassVar[tuple[str, ...]] = (
        "grid",
        "slic",
        "quickshift",
        "felzenszwalb",
        "watershed",
        "labels",
        "parts",
        "mask",
    )

    @model_validator(mode="after")
    def _fits(self) -> "SegmentSettings":
        if self.grid is None and (self.masks == "bilinear" or self.shift):
            raise ValueError("a grid, where masks are bilinear or shift is true")
        if self.sigma is not None and self.masks != "gaussian":
            raise ValueError("masks: gaussian, where there is a sigma")
        return self

    def plain_masks(self) -> dict[str, Any]:
        """Return kind, sigma and shift of masks."""
        return {"kind": self.masks, "sigma": self.sigma, "shift": self.shift}
