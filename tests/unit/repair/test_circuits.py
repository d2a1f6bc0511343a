"""Which units carry a property before and after a repair."""

import numpy as np
import pandas as pd
import pytest

from zollstock.jobs.compare_circuits import compare_circuits
from zollstock.parquet import read_parquet, write_parquet
from zollstock.repair.circuits import Traced, compare_units, moves_of, summarise_units
from zollstock.repair.tables import OF_CIRCUITS

FACTS = {"base": "m", "method": "dfr", "seed": 1, "model": "m.dfr.1"}


def traced(shares, q, changes, prop="fur"):
    units = pd.DataFrame({"share": shares, "q": q, "unit": range(len(shares))})
    units = units.assign(property=prop, layer="conv", kind="channels")
    # Each path is cut at two places, between which its change does not differ.
    rows = [
        {"property": prop, "image": f"i{n}", "after": after, "change": change}
        for n, change in enumerate(changes)
        for after in ("a", "b")
    ]
    return Traced(units, pd.DataFrame(rows))


BEFORE = traced([0.6, 0.3, 0.1, -0.1], [0.01, 0.02, 0.5, np.nan], [1.0, -0.8])
AFTER = traced([0.2, 0.1, 0.6, 0.1], [0.01, 0.5, 0.04, np.nan], [0.1, 0.1])


def test_what_a_unit_carries_is_its_share_of_what_there_is():
    assert moves_of(BEFORE.cuts) == {"fur": pytest.approx(0.9)}
    table = compare_units(BEFORE, AFTER, FACTS, 0.05)
    assert tuple(table) == OF_CIRCUITS["units"]
    assert list(table["before"]) == pytest.approx([0.54, 0.27, 0.09, -0.09])
    assert list(table["after"]) == pytest.approx([0.02, 0.01, 0.06, 0.01])
    assert list(table["change"]) == ["kept", "lost", "gained", ""]
    moves = {"m.dfr.1": (moves_of(BEFORE.cuts), moves_of(AFTER.cuts))}
    (row,) = summarise_units(table, moves).to_dict("records")
    assert tuple(row) == OF_CIRCUITS["circuits"]
    assert (row["kept"], row["gained"], row["lost"]) == (1, 1, 1)
    assert (row["units_before"], row["units_after"]) == (2, 2)
    assert (row["before"], row["after"]) == pytest.approx((0.9, 0.1))
    # Of .08 that the circuit's units carry now .02 was carried by one of the circuit before.
    assert row["in_kept"] == pytest.approx(0.25)
    ranks = np.corrcoef([4, 3, 2, 1], [3, 1.5, 4, 1.5])[0, 1]
    assert row["likeness"] == pytest.approx(ranks)


def test_without_a_circuit_there_is_no_share_of_it():
    nothing = traced([0.2, 0.1, 0.6, 0.1], [0.5] * 4, [0.0, 0.0])
    table = compare_units(BEFORE, nothing, FACTS, 0.05)
    moves = {"m.dfr.1": (moves_of(BEFORE.cuts), moves_of(nothing.cuts))}
    (row,) = summarise_units(table, moves).to_dict("records")
    assert np.isnan(row["in_kept"]) and np.isnan(row["likeness"])
    assert row["lost"] == 2 and row["units_after"] == 0 and row["after"] == 0


def test_properties_and_models_are_told_apart(tmp_path):
    other = traced([0.5, 0.5, 0.0, 0.0], [0.5] * 4, [0.2], prop="007")
    both = {
        "m": [pd.concat(pair) for pair in zip(BEFORE, other, strict=True)],
        "m.dfr.1": [pd.concat(pair) for pair in zip(AFTER, other, strict=True)],
        "m.erm.1": [pd.concat(pair) for pair in zip(BEFORE, other, strict=True)],
    }
    for model, (units, cuts) in both.items():
        for name, table in (("units", units), ("cuts", cuts)):
            (tmp_path / model).mkdir(exist_ok=True)
            write_parquet(table.assign(model=model), tmp_path / model / f"{name}.parquet")
    files = {"units": tmp_path / "units.parquet", "circuits": tmp_path / "circuits.csv"}
    facts = {f"m.{name}.1": {"base": "m", "method": name, "seed": 1} for name in ("dfr", "erm")}
    folders = {model: tmp_path / model for model in both}
    compare_circuits(folders=folders, facts=facts, alpha=0.05, files=files)
    found = pd.read_csv(files["circuits"], dtype={"property": str}).set_index(["model", "property"])
    assert set(found.index) == {(m, p) for m in facts for p in ("fur", "007")}
    # A model that stayed as it was has all of its circuit.
    same = found.loc[("m.erm.1", "fur")]
    assert (same["kept"], same["gained"], same["lost"]) == (2, 0, 0) and same["in_kept"] == 1
    assert same["likeness"] == pytest.approx(1)
    assert found.loc[("m.dfr.1", "007"), "kept"] == 0
    assert len(read_parquet(files["units"])) == 2 * 2 * 4
