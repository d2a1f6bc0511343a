"""What is drawn: an entry a figure. Standard library only, since the Snakefile reads it.

A new figure costs one drawing function, one entry here, and one caption in workflow/report/. The
function's parameters are the names of data (`Figure.takes`), which the job that draws hands over:
attributes of `zollstock.jobs.draw_property.PropertyData` or `zollstock.jobs.draw_study.StudyData`.
"""

from collections.abc import Collection, Iterable, Mapping
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

OF_LOCATE = (
    Figure(
        "locate/maps",
        "zollstock.figures.maps:draw_maps",
        takes=("map_pages",),
        caption="maps.rst",
        category="6 Where",
        labels={"image": "{image}", "figure": "maps"},
        pages=True,
    ),
    Figure(
        "locate/ranking",
        "zollstock.figures.locating:draw_ranking",
        takes=("ranking", "titles"),
        caption="ranking.rst",
        category="6 Where",
        labels={"image": "all", "figure": "how good methods are"},
    ),
    Figure(
        "locate/holding",
        "zollstock.figures.holding:draw_holding",
        takes=("likeness", "ranking"),
        caption="holding.rst",
        category="6 Where",
        labels={"image": "all", "figure": "whether maps hold"},
    ),
    Figure(
        "locate/control",
        "zollstock.figures.locating:draw_control",
        takes=("control", "titles"),
        caption="control.rst",
        category="6 Where",
        labels={"image": "all", "figure": "what methods say where nothing is"},
    ),
    Figure(
        "locate/flips",
        "zollstock.figures.locating:draw_flips",
        takes=("flips",),
        caption="flips.rst",
        category="6 Where",
        labels={"image": "all", "figure": "who foretells changed decisions"},
    ),
    Figure(
        "locate/flips_by_model",
        "zollstock.figures.foretelling:draw_flips_by_model",
        takes=("flips",),
        caption="flips_by_model.rst",
        category="6 Where",
        labels={"image": "all", "figure": "who foretells changed decisions, by model"},
    ),
    Figure(
        "locate/grid",
        "zollstock.figures.combinations:draw_combinations",
        takes=("combinations",),
        caption="locate_grid.rst",
        category="6 Where",
        labels={"image": "all", "figure": "a grid of methods"},
    ),
)

OF_TRACE = (
    Figure(
        "trace/mediation",
        "zollstock.figures.tracing:draw_mediation",
        takes=("mediation", "titles"),
        caption="mediation.rst",
        category="7 How",
        labels={"image": "all", "figure": "units held, and units alone"},
        pages=True,
    ),
    Figure(
        "trace/units",
        "zollstock.figures.conductance:draw_units",
        takes=("unit_pages", "alpha"),
        caption="units.rst",
        category="7 How",
        labels={"image": "all", "figure": "which units carry a property"},
        pages=True,
    ),
    Figure(
        "trace/circuits",
        "zollstock.figures.circuits:draw_circuits",
        takes=("units", "edges", "layers", "titles", "alpha"),
        caption="circuits.rst",
        category="7 How",
        labels={"image": "all", "figure": "circuits of properties"},
        pages=True,
    ),
    Figure(
        "trace/classes",
        "zollstock.figures.tracing:draw_class_graphs",
        takes=("class_graphs",),
        caption="class_graphs.rst",
        category="7 How",
        labels={"image": "all", "figure": "causal graphs of classes"},
        pages=True,
    ),
    Figure(
        "trace/worth",
        "zollstock.figures.tracing:draw_worth",
        takes=("graphs",),
        caption="worth.rst",
        category="7 How",
        labels={"image": "all", "figure": "what causal graphs are worth"},
    ),
    Figure(
        "trace/stability",
        "zollstock.figures.tracing:draw_stability",
        takes=("stability",),
        caption="stability.rst",
        category="7 How",
        labels={"image": "all", "figure": "whether they are found again"},
    ),
    Figure(
        "trace/attributions",
        "zollstock.figures.attributions:draw_attributions",
        takes=("attribution_ranking",),
        caption="attributions.rst",
        category="7 How",
        labels={"image": "all", "figure": "how good maps from causal graphs are"},
    ),
    Figure(
        "trace/maps",
        "zollstock.figures.attributions:draw_attribution_maps",
        takes=("attribution_pages",),
        caption="graph_maps.rst",
        category="7 How",
        labels={"image": "all", "figure": "maps from causal graphs"},
        pages=True,
    ),
)

OF_REPAIR = (
    Figure(
        "repair/scores",
        "zollstock.figures.repairing:draw_repairs",
        takes=("repairs", "drawn_properties", "alpha"),
        caption="repairs.rst",
        category="8 Repair",
        labels={"image": "all", "figure": "scores before and after"},
        pages=True,
    ),
    Figure(
        "repair/frontier",
        "zollstock.figures.repairing:draw_frontier",
        takes=("points",),
        caption="frontier.rst",
        category="8 Repair",
        labels={"image": "all", "figure": "score against accuracy"},
        pages=True,
    ),
    Figure(
        "repair/maps",
        "zollstock.figures.repaired_maps:draw_repaired_maps",
        takes=("map_sheets",),
        caption="repaired_maps.rst",
        category="8 Repair",
        labels={"image": "all", "figure": "maps before and after"},
        pages=True,
    ),
    Figure(
        "repair/circuits",
        "zollstock.figures.repaired_circuits:draw_repaired_circuits",
        takes=("repaired_units", "circuits", "titles", "alpha"),
        caption="repaired_circuits.rst",
        category="8 Repair",
        labels={"image": "all", "figure": "units before and after"},
        pages=True,
    ),
)

OF_DYNAMICS = tuple(
    Figure(
        f"dynamics/{name}",
        f"zollstock.figures.dynamics:draw_{name}",
        takes=(data,),
        caption=f"dynamics_{name}.rst",
        category="9 Training",
        labels={"image": "all", "figure": words},
        pages=True,
    )
    for name, data, words in (
        ("epochs", "mean_curves", "score and accuracy over epochs"),
        ("images", "image_curves", "single images over epochs"),
        ("flips", "flip_points", "score against flips"),
    )
)

FIGURES = (
    *PER_PROPERTY,
    *PER_GRID,
    *PER_TURN,
    *OF_STUDY,
    *OF_LOCATE,
    *OF_TRACE,
    *OF_REPAIR,
    *OF_DYNAMICS,
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
