"""The user's error."""

from pathlib import Path

from zollstock.errors import ZollstockError


def test_message_says_where_what_was_expected_and_what_to_do():
    error = ZollstockError(Path("a.csv"), "is empty", "rows", "Add some.")
    assert str(error) == "a.csv: is empty; expected rows. Add some."
    assert (error.where, error.found, error.expected, error.fix) == (
        "a.csv",
        "is empty",
        "rows",
        "Add some.",
    )
