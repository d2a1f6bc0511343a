"""Figures of the stage `trace` where tables are empty, hold no number, or say something apart."""

import numpy as np
import pandas as pd
import pytest

from zollstock.figures.circuits import Layered, Node, draw_circuits, draw_layered
from zollstock.figures.conductance import Patch, UnitPage, draw_units
from zollstock.figures.tracing import draw_class_graphs, draw_mediation, draw_stability, draw_worth
from zollstock.trace.structure import Graph
from zollstock.trace.structure import Node as GraphNode

from .conftest import drawn, inside, words
from .extremes import Case, Drawn

TITLES = {"p0": "fur"}


@pytest.fixture
def data(tmp_path):
    case = dict(images=4, models=2, properties=1, classes=2, title="fur", name="", flagged=False)
    return Drawn(Case(**case, folder=tmp_path))


def first(pages):
    """The first page; all of them are drawn."""
    return next(iter(list(pages)))[1]


@pytest.mark.parametrize("keep", ["nothing", "no number"])
def test_tables_without_numbers_are_drawn(data, keep, tmp_path):
    tables = {name: getattr(data, name) for name in ("units", "edges", "mediation", "graphs")}
    tables |= {"stability": data.stability}
    for table in tables.values():
        numbers = table.select_dtypes(float).columns.difference(["size", "strength"])
        table[numbers] = np.nan
    if keep == "nothing":
        tables = {name: table.iloc[:0] for name, table in tables.items()}
    pages = list(draw_mediation(tables["mediation"], TITLES))
    pages += draw_circuits(tables["units"], tables["edges"], data.layers, TITLES, 0.05)
    assert len(pages) == (0 if keep == "nothing" else 3)
    pages += [("", draw_worth(tables["graphs"])), ("", draw_stability(tables["stability"]))]
    blank = UnitPage("x", "fur", [], tables["units"].iloc[:0], [], float("nan"))
    units = tables["units"]
    pages += draw_units(iter([blank]), 0.05)
    if len(units):
        mine = units[units["model"] == data.models[0]]
        best = [(dict(mine.iloc[0]), [])]
        page = UnitPage("x", "fur", data.traced.names, mine, best, float("nan"))
        pages += draw_units(iter([page]), 0.05)
        assert "channel 0: –" in words(pages[-1][1])
        assert " 0 pass the test" in words(pages[-1][1])
    assert not list(draw_class_graphs([]))
    for _, figure in pages:
        inside(drawn(figure, tmp_path))
        assert "nan" not in words(figure).replace(" | ", " ")


def test_twenty_models_and_one_unit(data, tmp_path):
    table = pd.concat([data.mediation.assign(model=f"model {n}") for n in range(20)])
    inside(drawn(first(draw_mediation(table, TITLES)), tmp_path))
    graph = Layered("fur", "", {"a": 1}, [Node("a", 0, 0.0)])
    inside(drawn(draw_layered(graph), tmp_path))


def test_sets_found_and_judged_on_the_same_images_are_called_so(data):
    said = words(first(draw_mediation(data.mediation, TITLES)))
    assert "found on 100 images and judged on 100 others" in said and "too good" not in said
    same = data.mediation.assign(held_out=False, images=1)
    said = words(first(draw_mediation(same, TITLES)))
    assert "found and judged on the same 1 image, so they look too good" in said


def test_curves_are_the_table_s(data):
    table = data.mediation[data.mediation["model"] == data.models[0]]
    table = table.assign(removed=table["size"] / 2, kept=table["size"] / 3)
    removed, kept = first(draw_mediation(table, TITLES)).axes
    for axes, column in ((removed, "removed"), (kept, "kept")):
        (line,) = [one for one in axes.lines if one.get_marker() == "o"]
        np.testing.assert_allclose(line.get_ydata(), table[column])
        np.testing.assert_allclose(line.get_xdata(), table["size"])


def test_only_units_that_pass_are_full_and_others_are_said_to_be_large_alone(data):
    units, mine = data.units, data.units["model"] == data.models[0]
    passed = int((units.loc[mine, "q"] <= 0.05).sum())
    full = first(draw_circuits(units, data.edges, data.layers, TITLES, 0.05))
    assert f"{passed} of {mine.sum()} units pass the test over 4 images" in words(full)
    none = first(draw_circuits(units.assign(q=0.5), data.edges, data.layers, TITLES, 0.05))
    assert "No unit passes the test over 4 images: hollow are the largest shares." in words(none)
    faces = [tuple(face) for one in none.axes[0].collections[:-1] for face in one.get_facecolor()]
    assert len(faces) == 24 and set(faces) == {(1.0, 1.0, 1.0, 1.0)}
    one = units.assign(q=np.nan, n=1)
    assert "One image alone: hollow" in words(
        first(draw_circuits(one, data.edges, data.layers, TITLES, 0.05))
    )


def test_heads_are_a_column_of_their_own(data):
    """They are no layer's output, so that the table of layers does not name them."""
    heads = data.units.assign(layer=lambda table: table["layer"] + " (heads)", kind="heads")
    both = pd.concat([data.units, heads, heads.assign(layer="block")])
    figure = first(draw_circuits(both, data.edges, data.layers, TITLES, 0.05))
    names = data.traced.names
    said = [text.get_text() for text in figure.axes[0].texts]
    heads = [name for name in said if name == "block" or name in names or "(" in name]
    assert heads == [one for name in names for one in (f"{name} (heads)", name)] + ["block"]


def test_a_class_is_shown_however_many_layers_carry_more():
    layers = {f"layer {number}": 3 for number in range(20)}
    nodes = [GraphNode("layer 19", 1, 2.0, 1.0, np.nan, np.nan)]
    nodes += [
        GraphNode(f"layer {n}", unit, 1.0, 0.5, 0.01, 0.01) for n in range(19) for unit in (0, 1)
    ]
    graph = Graph(tuple(nodes), tuple((n, 0) for n in range(1, 39)), {})
    figure = first(draw_class_graphs([("m", "cat", graph, layers)]))
    said = words(figure).replace(" | ", " ")
    assert "layer 19" in said and "1 of 3" in said
    assert "Of 20 layers with such units the 12 that carry most." in said


def test_signs_are_colours(data):
    graph = Layered("", "", {"a": 2}, [Node("a", 0, 0.5), Node("a", 1, -0.5)])
    (discs, _) = draw_layered(graph).axes[0].collections
    (blue, orange) = discs.get_facecolor()
    assert blue[2] > blue[0] and orange[0] > orange[2]


def test_models_and_classes_are_told_apart_however_long_they_are(data):
    long = "a_model_with_a_very_long_name_of_which_the_end_counts_"
    table = pd.concat(
        [data.graphs.assign(model=f"{long}{n}").replace({"class": {"c0": "cat"}}) for n in (1, 2)]
    )
    labels = [one.get_text() for one in draw_worth(table).axes[0].get_yticklabels()]
    assert len({*labels}) == len(table.drop_duplicates(["model", "class"]))
    assert all("79 of 226" in label for label in labels)


def test_layers_keep_both_ends_of_their_names(data):
    names = [f"vision.encoder.layer.10.attention.{part}" for part in ("query", "output.dense")]
    units = data.units.iloc[:2].assign(layer=names)
    picture = np.zeros((3, 3, 3), np.uint8)
    best = [(dict(units.iloc[0]), [Patch("i", picture, picture)])]
    page = UnitPage("x", "fur", names, units, best, 0.004)
    figure = first(draw_units(iter([page]), 0.05))
    labels = [one.get_text() for one in figure.axes[0].get_yticklabels()]
    assert labels[0].endswith("query") and labels[1].endswith("dense")
    assert "miss more than 0.40 %" in words(figure).replace(" | ", " ")


def test_what_noise_does_is_weighed_by_the_units_of_a_layer(data):
    rows = [
        ("a", "noise", 0.0, 1.0, 3), ("b", "noise", 0.0, 0.5, 1), ("a", "images", np.nan, 0.4, 1)
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["layer", "kind", "strength", "appearance", "selected"])
    table = table.assign(model="m", jaccard=0.7, size=1.0, **{"class": "cat"})
    lines = draw_stability(table).axes[0].lines
    assert lines[0].get_ydata() == pytest.approx([0.875])
    assert lines[1].get_ydata() == pytest.approx([0.4])
