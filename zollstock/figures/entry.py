"""What an entry of a figure says, and what its data are read from.

Standard library only, since the Snakefile reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

SOURCES: Mapping[str, tuple[str, ...]] = {
    # Of one property.
    "strips": ("manifest", "frames"),
    "total": ("manifest",),
    "outlines": ("images",),
    "first_strips": ("manifest", "frames"),
    "telling": ("manifest", "frames", "predictions", "images", "scores", "tests"),
    "first_scores": ("scores",),
    "axes_of": ("predictions", "images"),
    "axis_title": ("manifest",),
    "curves": ("predictions", "images"),
    "unedited": ("predictions", "images"),
    "placebos": ("predictions", "images"),
    "nulls": ("predictions", "images", "scores"),
    "signatures": ("predictions", "images"),
    "steps": ("steps",),
    "verdicts": ("verdicts",),
    "property_tests": ("tests",),
    "paper": ("paper",),
    # Of a grid of two properties.
    "grid_surfaces": ("manifest", "predictions", "images"),
    "grid_axes": ("manifest",),
    "grid_scores": ("grids",),
    # Of a property whose axis closes on itself.
    "turns": ("manifest", "predictions", "images"),
    # Of the study.
    "images": ("images", "pixels"),
    "accuracy": ("accuracy",),
    "scores": ("scores",),
    "tests": ("tests",),
    "evidence": ("tests", "tested"),
    "summary": ("summary",),
    "pairs": ("pairs",),
    "gate": ("gates",),
    "card": ("editor_cards",),
    # Of the stage locate.
    "map_pages": ("maps", "manifests", "images", "pixels", "cards"),
    "ranking": ("ranking",),
    "control": ("control",),
    "flips": ("flips",),
    "likeness": ("likeness",),
    "combinations": ("combinations",),
    # Of the stage trace.
    "unit_pages": ("layers", "units", "cuts", "patches", "manifests"),
    "layers": ("layers",),
    "units": ("units",),
    "edges": ("edges",),
    "mediation": ("mediation",),
    "class_graphs": ("layers", "graphs", "traces"),
    "graphs": ("graphs",),
    "stability": ("stability",),
    "attribution_ranking": ("attribution_ranking",),
    "attribution_pages": ("attributions", "traces"),
    # Of the stage repair.
    "repairs": ("repairs",),
    "points": ("repairs", "repaired_accuracy"),
    "map_sheets": ("mapped", "manifests", "images", "pixels", "cards"),
    "repaired_units": ("repaired_units",),
    "circuits": ("circuits",),
    # Of the stage dynamics.
    "mean_curves": ("checkpoints", "checkpoint_accuracy"),
    "image_curves": ("checkpoints", "checkpoint_scores", "checkpoint_accuracy"),
    "flip_points": ("series",),
}
"""Data → what it is read from: names of the job's inputs. Data that are not here are settings."""


@dataclass(frozen=True)
class Figure:
    """A figure of the study, of each of its properties or of each of its small editors.

    Attributes
    ----------
    name
        Its file below figures/, without the ending. With ``{property}`` or ``{editor}`` there is
        one for each of them.
    function
        Module and function that draw it. The function returns a figure; with `pages` it yields
        pairs of a name and a figure.
    takes
        The function's parameters, each a name of data.
    caption
        A file in workflow/report/.
    category, subcategory, labels
        Where the report shows it.
    pages
        Whether it is a folder with a file a page, and a book of all of them in the format pdf.
    """

    name: str
    function: str
    takes: tuple[str, ...]
    caption: str
    category: str
    labels: Mapping[str, str]
    subcategory: str | None = None
    pages: bool = False
    needs: frozenset[str] = field(init=False)
    """Names of the inputs it is drawn from."""

    def __post_init__(self) -> None:
        needs = frozenset(name for datum in self.takes for name in SOURCES.get(datum, ()))
        object.__setattr__(self, "needs", needs)

    @property
    def module(self) -> str:
        """Name of the module that draws it."""
        return self.function.partition(":")[0]
