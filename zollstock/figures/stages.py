"""Figures of the stages behind the scores: entries as in `zollstock.figures.registry`."""

from zollstock.figures.entry import Figure

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
