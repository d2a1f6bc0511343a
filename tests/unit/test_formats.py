"""docs/formats.md has the columns of all tables whose columns stand in the code."""

import pandas as pd
import pytest

from tests.formats import Formats
from zollstock.ledger import COLUMNS as LEDGER
from zollstock.locate.ranking import COLUMNS as JUDGED
from zollstock.locate.ranking import (
    completeness,
    control_methods,
    likeness_of_methods,
    rank_methods,
)
from zollstock.repair.tables import TABLES as REPAIR
from zollstock.scoring.vector import CLASS_COLUMNS
from zollstock.significance.checkpoints import SERIES
from zollstock.trace.tables import AS_CSV
from zollstock.trace.tables import TABLES as TRACE

NONE = pd.DataFrame(columns=list(JUDGED)).astype({"measure": str})
TABLES = {
    "ledger/fur.steps.csv": tuple(LEDGER),
    "locate/judged.parquet": JUDGED,
    "locate/completeness.csv": tuple(completeness(NONE)),
    "locate/control.csv": tuple(control_methods(NONE)),
    "locate/likeness.csv": tuple(likeness_of_methods(NONE)),
    "locate/ranking.csv": tuple(rank_methods(NONE)),
    "scores/classes.parquet": ("property", "model", *CLASS_COLUMNS),
    "dynamics/series.csv": SERIES,
    **{f"repair/{name}.csv": columns for name, columns in REPAIR.items()},
    **{
        f"trace/{name}.{'csv' if name in AS_CSV else 'parquet'}": ("model", *columns)
        for name, columns in TRACE.items()
    },
}


@pytest.mark.parametrize("name", TABLES)
def test_the_page_has_a_tables_columns_and_no_others(name):
    assert not Formats().wrong(name, TABLES[name])


def test_what_is_missing_or_too_much_is_seen():
    text = "| `model` | x |\n\n### `a/<b>.parquet`, `.csv`\n\n| `one`, `two` | x |\n| `x_…` | y |\n"
    page = Formats(text)
    assert set(page.own) == {"a/*.parquet", "a/*.csv"}
    assert not page.wrong("a/c.csv", ["one", "two", "model", "x_1"])
    assert page.wrong("a/c.csv", ["one", "two", "three"]) == {"three"}
    assert page.wrong("a/c.parquet", ["one"]) == {"two"}
    with pytest.raises(AssertionError, match=r"has no other\.csv"):
        page.wrong("other.csv", [])
