"""What the page says of the edges of causal graphs."""

import pandas as pd

from tests.unit.report.test_tracing import ACCURACY, EMPTY, MEDIATION, SUMMARY, render
from zollstock.report.pictures import Album
from zollstock.report.tracing import How, traced

GRAPHS = pd.DataFrame([{"model": "plain", "class": "cat"}])


def effects(*rows):
    columns = ["model", "class", "images", "edges", "kept", "removed"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(whole=1.0, random_kept=0.25, random_removed=0.5)


def told(table, folder):
    how = How(MEDIATION, ACCURACY, GRAPHS, table)
    return traced(how, Album(folder), folder, {"fur": "fur lightness"}, SUMMARY)


def test_all_classes_at_once_are_told_or_the_only_one(tmp_path):
    table = effects(
        ("plain", "cat", 20, 30, 0.1, 0.2),
        # An empty cell of a CSV file.
        ("plain", None, 40, 55, 0.95, 0.05),
        ("plain", "dog", 20, 30, 0.3, 0.4),
        ("biased", "cat", 7, 9, 0.6, 0.7),
    )
    found = told(table, tmp_path)
    plain, biased = found["effects"]
    assert (plain["kept"], plain["edges"], plain["classes"]) == (0.95, 55, 2)
    assert (biased["kept"], biased["edges"], biased["classes"]) == (0.6, 9, 1)
    page = " ".join(render(found).split())
    assert "55 edges of 2 graphs in their layers 0.95 of 40 images" in page
    assert "(random graphs: 0.25)" in page and "9 edges of 1 graph in" in page


def test_without_effects_nothing_is_told(tmp_path):
    found = told(EMPTY, tmp_path)
    assert found["effects"] == [] and "All are right" not in render(found)
