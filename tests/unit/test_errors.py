"""The user's error."""

from pathlib import Path

import pytest

from zollstock.errors import ZollstockError, did_you_mean, nearest, some_of


def test_message_says_where_what_was_expected_and_what_to_do():
    error = ZollstockError(Path("a.csv"), "is empty", "rows", "Add some.")
    assert str(error) == "a.csv: is empty; expected rows. Add some."
    assert (error.where, error.found, error.expected, error.fix) == (
        "a.csv",
        "is empty",
        "rows",
        "Add some.",
    )


@pytest.mark.parametrize(
    ("word", "known", "named"),
    [
        ("n_per_clas", ["n_per_class", "path"], "n_per_class"),
        ("Dog", ["dog", "cat"], "dog"),
        ("golden_retriver", ["golden retriever", "flat-coated retriever"], "golden retriever"),
        ("Chinese text", ["rhinoceros_beetle", "tench"], None),
        ("zebra", ["tench"], None),
    ],
)
def test_only_what_may_be_a_slip_is_offered(word, known, named):
    assert did_you_mean(word, known, "other") == (f"Did you mean '{named}'?" if named else "other")


def test_of_many_words_the_first_and_their_number_are_told():
    many = [f"class{n}" for n in range(1000)]
    assert some_of(many, 2) == "class0, class1 and 998 others"
    assert some_of("abc", 2) == "a, b and 1 other"
    assert some_of("ab", 2) == "a, b"
    assert nearest("Class 77", many) == "class77"
    assert nearest("sofa", many) is None
