"""The heat map of a grid of methods."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from zollstock.figures.combinations import draw_combinations

ATTRIBUTERS = ["rise", "lime ridge 0 kernel none", "kernel_shap", "pda log2", "ciu", "ciu inverse"]


def table(models=("net",), fills=("mean",), evaluated=("mean", "blur"), best=None):
    rng = np.random.default_rng(0)
    segments = ["grid 7×7 bilinear", "grid 7×7 gaussian", "slic 49 gaussian"]
    samples = ["random 0.5 N=4000", "shapley N=4000", "single removed", "single kept"]
    parts = product(segments, samples, fills, ATTRIBUTERS, ["pixels", "segments"])
    keys = ("segments", "samples", "fill", "attribute", "per", "model", "evaluated")
    rows = [
        dict(zip(keys, (*part, model, fill), strict=True)) | {"property": ""}
        for part in parts
        for model in models
        for fill in evaluated
    ]
    return pd.DataFrame(rows).assign(srg=rng.uniform(0.3, 0.7, len(rows)))


def panels(figure):
    return [axes for axes in figure.axes if axes.get_title(loc="left").startswith("SRG")]


def words(axes):
    return [text.get_text() for text in axes.texts]


def test_a_panel_for_each_fill_with_a_number_in_each_cell():
    figure = draw_combinations(table())
    assert [axes.get_title(loc="left") for axes in panels(figure)] == [
        "SRG, curves with the fill mean",
        "SRG, curves with the fill blur",
    ]
    second = panels(figure)[1]
    assert len(words(second)) == 3 * 4 * 6 * 2
    assert len(second.get_yticklabels()) == 3 * 4
    assert figure.get_figwidth() < 7.3 and figure.get_figheight() < 9


def test_a_number_stands_in_its_row_and_column_and_the_best_has_a_frame():
    given = table(evaluated=("mean",))
    given.loc[17, "srg"], given.loc[40, "srg"] = 0.99, np.nan
    (panel,) = panels(draw_combinations(given))
    labels = [label.get_text() for label in panel.get_yticklabels()]
    heads = [text.get_text().replace("\n", " ") for text in panel.texts if text.get_rotation()]
    best = given.loc[17]
    row = labels.index(f"{best['segments']}, {best['samples']}")
    column = heads.index(f"{best['attribute']}, {best['per']}")
    (cell,) = [text for text in panel.texts if text.get_text() == "0.99"]
    assert cell.get_position() == (column + 0.5, row + 0.5)
    assert panel.patches[-1].get_xy() == (column, row)
    assert words(panel).count("–") == 1


def test_of_several_models_the_rows_over_all_are_drawn():
    given = table(models=("all", "net"), evaluated=("mean",))
    given.loc[given["model"] == "net", "srg"] = 5.0
    (panel,) = panels(draw_combinations(given))
    assert "5.00" not in words(panel)


def test_several_fills_are_named_and_small_differences_have_another_digit():
    given = table(fills=("mean", "blur 3"), evaluated=("mean",))
    (panel,) = panels(draw_combinations(given))
    assert panel.get_yticklabels()[0].get_text().endswith((", mean", ", blur 3"))
    (panel,) = panels(draw_combinations(given.assign(srg=0.001 + given["srg"] / 1000)))
    assert all(len(word) == 5 for word in words(panel)[:50])


@pytest.mark.parametrize("value", [0.5, np.nan])
def test_equal_values_no_values_and_no_rows_are_drawn(value):
    draw_combinations(table().assign(srg=value))
    draw_combinations(table().iloc[:0])
