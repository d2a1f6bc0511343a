"""A grid of methods: passes are shared, finished rows are kept, and rows are what methods get."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from tests.unit.locate.nets import Net
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord
from zollstock.jobs.locate_grid import first_of
from zollstock.locate import combinations
from zollstock.locate.combinations import Combinations, judge_combinations
from zollstock.locate.kept import KeptMaps
from zollstock.locate.rows import KeptRows
from zollstock.locate.standing import stand_combinations, table_of_combinations
from zollstock.locate.study import Located, locate_in
from zollstock.locate.taking import Method
from zollstock.settings.locate.grid import MethodGridSettings

EVALUATE = {"steps": 4, "fills": ["mean", "blur"], "curves": ["lif", "mif"], "ties": 2}


def grid(**changed):
    given = {
        "segments": [{"grid": [3, 4], "masks": "bilinear"}],
        "samples": [{"random": 0.5, "number": 20}, {"single": "removed"}],
        "fill": ["mean"],
        "attribute": ["rise", "lime"],
    }
    plain = MethodGridSettings.model_validate(given | changed).job_settings()
    plain.pop("fraction")
    return Combinations(**plain)


@pytest.fixture
def records(tmp_path):
    rng = np.random.default_rng(0)
    found = []
    for name in ("a", "b"):
        pixels = rng.integers(0, 256, (16, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        file = tmp_path / f"{name}.png"
        found.append(ImageRecord(name, "cat", pixel_sha256(pixels), "here", file))
    return found


@pytest.fixture
def judge(differentiable, records, tmp_path, monkeypatch):
    """Judge a grid; `asked` has an entry for each pass over samples: its attributers."""
    model = differentiable(Net(), "cat", dtype=torch.float32)
    study = Located([], {}, 0, 2, "pets", 5, EVALUATE)
    asked = []

    def counted(picture, classifier, settings, attributers, *rest):
        asked.append(sorted(attributers))
        return perturb(picture, classifier, settings, attributers, *rest)

    perturb = combinations.perturb
    monkeypatch.setattr(combinations, "perturb", counted)

    def run(given, mark="model", root=tmp_path / "rows", evaluate=EVALUATE):
        asked.clear()
        told = dataclasses.replace(study, evaluate=evaluate)
        return judge_combinations(
            given, told, records, lambda _: model, KeptRows(root), mark, lambda: None
        )

    run.asked, run.model, run.study = asked, model, study
    return run


def test_attributers_pixels_and_segments_share_a_pass(judge):
    rows = list(judge(grid()))
    assert len(rows) == 2 * 2 * 2 * 2
    assert judge.asked == [["lime", "rise"]] * 4
    assert [row["number"] for row in rows[:8]] == [20] * 4 + [12] * 4
    assert [one["fill"] for one in rows[0]["found"]] == ["mean", "blur"]
    assert all(one["srg"] == one["lif"] - one["mif"] for row in rows for one in row["found"])


def test_a_row_is_the_judgement_of_the_method_with_these_parts(judge, records, tmp_path):
    given = grid()
    methods = [
        Method(
            f"{one['name']} {per}", "perturbation", told["settings"] | {"attribute": settings}, per
        )
        for told in given.passes[:1]
        for one in given.attributers
        for settings in [one["settings"]]
        for per in given.per
    ]
    study = dataclasses.replace(judge.study, methods=methods)
    kept = KeptMaps(tmp_path / "maps")
    judged = pd.DataFrame(
        locate_in(study, records, lambda _: judge.model, kept, "model", lambda _: None)
    )
    judged = judged.set_index(["image", "method", "fill", "measure"])["value"]
    rows = [row for row in judge(given) if row["samples"].startswith("random")]
    for row in rows:
        for one in row["found"]:
            key = (row["image"], f"{row['attribute']} {row['per']}", one["fill"])
            for measure in ("lif", "mif", "srg"):
                assert one[measure] == pytest.approx(judged[(*key, measure)], abs=1e-6)


def test_a_finished_grid_is_read_and_a_grown_one_computes_only_the_new(judge):
    first = list(judge(grid()))
    assert list(judge(grid())) == first and judge.asked == []
    grown = list(judge(grid(attribute=["rise", "pda", "lime"], fill=["mean", "blur"])))
    assert judge.asked == [["pda"], ["lime", "pda", "rise"]] * 4
    marks = {row["made_by"] for row in grown}
    assert {row["made_by"] for row in first} < marks
    assert list(judge(grid())) == first and judge.asked == []  # and back


def test_other_models_curves_and_repetitions_are_not_taken_for_the_same(judge):
    first = list(judge(grid()))
    list(judge(grid(), mark="another"))
    assert len(judge.asked) == 4
    list(judge(grid(), evaluate=EVALUATE | {"steps": 5}))
    assert len(judge.asked) == 4
    twice = list(judge(grid(repetitions=2)))
    assert len(judge.asked) == 4 and len(twice) == 2 * len(first)
    table = table_of_combinations("net", twice).set_index("repetition")
    table = table[table["samples"] != "single removed"]["srg"]
    assert (table[0].to_numpy() != table[1].to_numpy()).any()


def test_rows_outlive_a_kill_in_the_middle_and_a_line_that_was_cut_off(judge, tmp_path):
    whole = list(judge(grid(), root=tmp_path / "whole"))
    left = judge(grid())
    assert [next(left) for _ in range(3)] == whole[:3]
    left.close()  # killed after the first pass
    file = tmp_path / "rows" / "a.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    assert len(lines) == 4
    file.write_text("".join(lines[:3]) + lines[3][:40])
    assert list(judge(grid())) == whole
    # Of the first pass one row alone, and all that had not begun.
    assert judge.asked == [["lime"], *[["lime", "rise"]] * 3]
    assert list(judge(grid())) == whole and judge.asked == []
    # A number that another one stands for is judged again.
    text = file.read_text()
    file.write_text(text.replace('"number": ', '"number": 9', 1))
    assert list(judge(grid())) == whole and len(judge.asked) == 1


def test_a_map_without_a_value_is_a_row_without_one(judge):
    rows = list(judge(grid(samples=[{"random": 0.5, "number": 20}], attribute=["rise", "ciu"])))
    table = table_of_combinations("net", rows)
    nothing = table[table["attribute"] == "ciu"]
    assert len(nothing) == 4 and nothing["srg"].isna().all()
    stand = stand_combinations(table, 1)
    assert len(stand) == 2 * 2 * 2
    assert stand.groupby("attribute")["n"].sum().to_dict() == {"ciu": 0, "rise": 8}


def test_the_table_has_means_over_images_and_the_best_first(judge):
    rows = list(judge(grid(repetitions=2)))
    table = pd.concat([table_of_combinations(name, rows) for name in ("net", "twin")])
    stand = stand_combinations(table, 1)
    assert list(dict.fromkeys(stand["model"])) == ["all", "net", "twin"]
    assert len(stand) == 3 * 2 * 8
    for _, part in stand.groupby(["model", "evaluated"]):
        assert part["srg"].is_monotonic_decreasing
    first = stand.iloc[0]
    keys = ["segments", "samples", "attribute", "per", "evaluated"]
    mine = table[(table[keys] == first[keys]).all(axis=1)]
    assert first["n"] == len(mine) == 2 * 2 * 2
    assert first["srg"] == pytest.approx(mine["srg"].mean())
    assert first["low"] <= first["srg"] <= first["high"]
    one = stand_combinations(table_of_combinations("net", rows), 1)
    assert set(one["model"]) == {"net"}


def test_a_fraction_takes_the_first_images(records):
    assert first_of(records, 0.5) == records[:1]
    assert first_of(records, 0.51) == first_of(records, 1.0) == records
    assert len(first_of(records * 50, 0.07)) == 7
