"""What is drawn: an entry a figure. Standard library only, since the Snakefile reads it.

A new figure costs one drawing function, one entry here (those of `locate` and later stages stand in
`zollstock.figures.stages`), and one caption in workflow/report/. The function's parameters are the
names of data (`Figure.takes`), which the job that draws hands over: attributes of
`zollstock.jobs.draw_property.PropertyData` or `zollstock.jobs.draw_study.StudyData`. What data are
read from stands in `zollstock.figures.entry`.
"""

from collections.abc import Collection, Iterable

from zollstock.figures.entry import SOURCES as SOURCES
from zollstock.figures.entry import Figure as Figure
from zollstock.figures.stages import OF_DYNAMICS as OF_DYNAMICS
from zollstock.figures.stages import OF_LOCATE as OF_LOCATE
from zollstock.figures.stages import OF_REPAIR as OF_REPAIR
from zollstock.figures.stages import OF_TRACE as OF_TRACE

PER_PROPERTY = (
    Figure(
        "{property}/frames",
        "zollstock.figures.sheets:draw_path_sheet",
        takes=("strips", "title", "total", "outlines"),
        caption="frames.rst",
        category="4 Images",
        labels={"figure": "frames, {property}"},
    ),
    Figure(
        "{property}/models",
        "zollstock.figures.overlay:draw_overlay",
        takes=(
            *("telling", "curves", "first_scores", "property_tests", "looks"),
            *("title", "axis_title", "alpha", "period", "boundary", "flattest"),
        ),
        caption="models.rst",
        category="1 Summary",
        labels={"table": "one image along {property}"},
    ),
    Figure(
        "{property}/response",
        "zollstock.figures.response:draw_response",
        takes=(
            *("axes_of", "curves", "unedited", "placebos", "property_tests"),
            *("looks", "title", "axis_title", "period", "boundary", "bounds", "flattest"),
        ),
        caption="response.rst",
        category="1 Summary",
        labels={"table": "along {property}"},
    ),
    Figure(
        "{property}/arranged",
        "zollstock.figures.arranged:draw_arranged",
        takes=(
            *("arrangement", "axes_of", "curves", "telling", "paper", "property_tests"),
            *("palette", "title", "axis_title", "period", "boundary", "flattest"),
        ),
        caption="arranged.rst",
        category="1 Summary",
        labels={"table": "means along {property}"},
    ),
    Figure(
        "{property}/paths",
        "zollstock.figures.cards:draw_cards",
        takes=(
            *("first_strips", "curves", "unedited", "placebos", "property_tests"),
            *("looks", "title", "axis_title", "period", "alpha", "boundary", "bounds", "flattest"),
        ),
        caption="cards.rst",
        category="2 Paths",
        subcategory="{property}",
        labels={"image": "{image}", "figure": "frames and predictions"},
        pages=True,
    ),
    Figure(
        "{property}/nulls",
        "zollstock.figures.nulls:draw_nulls",
        takes=("nulls", "looks", "title", "statistic", "axis_title"),
        caption="nulls.rst",
        category="2 Paths",
        subcategory="{property}",
        labels={"image": "all", "figure": "shuffle test"},
    ),
    Figure(
        "{property}/signature",
        "zollstock.figures.signature:draw_signature",
        takes=("signatures", "looks", "title"),
        caption="signature.rst",
        category="2 Paths",
        subcategory="{property}",
        labels={"image": "all", "figure": "jitter"},
    ),
    Figure(
        "{property}/ledger",
        "zollstock.figures.ledger:draw_ledger",
        takes=("steps", "verdicts", "title", "axis_title", "max_images"),
        caption="ledger.rst",
        category="4 Images",
        labels={"figure": "what changed, {property}"},
    ),
)

PER_GRID = (
    Figure(
        "{property}/grid",
        "zollstock.figures.grid:draw_grid",
        takes=(
            *("grid_surfaces", "grid_axes", "grid_scores", "grid_titles"),
            *("models", "title", "boundary"),
        ),
        caption="grid.rst",
        category="2 Paths",
        subcategory="{property}",
        labels={"image": "all", "figure": "two properties at once"},
    ),
)

PER_TURN = (
    Figure(
        "{property}/turn",
        "zollstock.figures.turning:draw_turns",
        takes=(*("turns", "title", "axis_title", "unit", "period", "noun", "flattest", "palette"),),
        caption="turn.rst",
        category="2 Paths",
        subcategory="{property}",
        labels={"image": "{image}", "figure": "all classes along a turn"},
        pages=True,
    ),
)

OF_STUDY = (
    Figure(
        "images",
        "zollstock.figures.sheets:draw_images",
        takes=("images",),
        caption="images.rst",
        category="4 Images",
        labels={"figure": "contact sheet"},
    ),
    Figure(
        "accuracy",
        "zollstock.figures.tables:draw_accuracy",
        takes=("accuracy", "trained"),
        caption="accuracy.rst",
        category="3 Models",
        labels={"figure": "accuracy on each test split"},
    ),
    Figure(
        "summary",
        "zollstock.figures.forest:draw_forest",
        takes=("scores", "summary", "looks", "alpha"),
        caption="summary_figure.rst",
        category="1 Summary",
        labels={"table": "mean scores, drawn"},
    ),
    Figure(
        "heatmap",
        "zollstock.figures.heatmap:draw_heatmap",
        takes=("scores", "tests", "models", "alpha", "titles", "statistic"),
        caption="heatmap.rst",
        category="1 Summary",
        labels={"table": "scores of all images"},
    ),
    Figure(
        "volcano",
        "zollstock.figures.volcano:draw_volcano",
        takes=("evidence", "summary", "looks", "titles", "alpha"),
        caption="volcano.rst",
        category="1 Summary",
        labels={"table": "effects and their q"},
    ),
    Figure(
        "comparison",
        "zollstock.figures.comparison:draw_comparison",
        takes=("scores", "pairs", "looks", "titles", "statistic"),
        caption="comparison.rst",
        category="1 Summary",
        labels={"table": "edited against exact"},
    ),
    Figure(
        "editor_{editor}",
        "zollstock.figures.gate:draw_gate",
        takes=("gate", "card", "editor", "models", "palette"),
        caption="gate.rst",
        category="3 Models",
        labels={"figure": "gate of the editor {editor}"},
    ),
)

FIGURES = (
    *(*PER_PROPERTY, *PER_GRID, *PER_TURN, *OF_STUDY),
    *(*OF_LOCATE, *OF_TRACE, *OF_REPAIR, *OF_DYNAMICS),
)


def drawable(figures: Iterable[Figure], absent: Collection[str]) -> list[Figure]:
    """Return the figures that need none of the absent inputs.

    A study without trained models has no accuracy to draw, an archive without frames no sheets.
    """
    return [figure for figure in figures if not figure.needs & set(absent)]


def needed(figures: Iterable[Figure]) -> frozenset[str]:
    """Return the names of the inputs that figures are drawn from."""
    return frozenset[str]().union(*(figure.needs for figure in figures))


def modules(figures: Iterable[Figure]) -> list[str]:
    """Return the modules that draw figures; they are imported by name."""
    return sorted({figure.module for figure in figures})
