"""Settings of segments, and of the masks that are made of them."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag, model_validator

from zollstock.settings.locate.choice import Choice, Entry, by_form

Cells = Annotated[int, Field(ge=1, le=1024)]
RowsColumns = Annotated[list[Cells], Field(min_length=2, max_length=2)]


class GridSettings(Entry):
    """Rectangles of equal sides."""

    size: RowsColumns = Field(description="Rows and columns.")

    short: ClassVar[str] = "size"

    def plain(self) -> dict[str, Any]:
        """Return rows and columns."""
        return {"rows": self.size[0], "columns": self.size[1]}


class SegmentSettings(Choice):
    """How the picture is cut into segments: one of the kinds, and the form of masks."""

    grid: (
        Annotated[
            Annotated[RowsColumns, Tag("value")] | Annotated[GridSettings, Tag("keys")], by_form
        ]
        | None
    ) = Field(None, description="A grid: `[rows, columns]`.")
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

    options: ClassVar[tuple[str, ...]] = ("grid",)

    @model_validator(mode="after")
    def _fits(self) -> "SegmentSettings":
        if self.chosen != "grid" and (self.masks == "bilinear" or self.shift):
            raise ValueError("a grid, where masks are bilinear or shift is true")
        if self.sigma is not None and self.masks != "gaussian":
            raise ValueError("masks: gaussian, where there is a sigma")
        return self

    def plain_masks(self) -> dict[str, Any]:
        """Return kind, sigma and shift of masks."""
        return {"kind": self.masks, "sigma": self.sigma, "shift": self.shift}
