"""What the report says was found: counts and q, and nothing more."""

import pandas as pd
import pytest

from zollstock.report.headline import answers, table_rows

NAN = float("nan")


def summary(*rows):
    base = {"placebo": False, "images": 8, "failed": 0, "flagged": 0, "statistic": "epgm"}
    base |= {"low": 0.1, "high": 0.2, "match": 1.0, "used": 19.0, "direction": 0.1, "flipped": 0.0}
    base |= {"score": 0.5, "p": 0.01, "q_bh": 0.02, "tested": 8, "interesting": 1.0}
    base |= {"paper_grad": 0.1, "model": "plain"}
    return pd.DataFrame([base | {"title": row["property"]} | row for row in rows])


def reasons_of(table, untested=""):
    return table[["property", "model"]].assign(untested=untested)


def said(*rows, untested="", alpha=0.05):
    table = summary(*rows)
    return " ".join(answers(table, reasons_of(table, untested), alpha))


UNTESTED = {"p": NAN, "q_bh": NAN, "match": NAN, "used": NAN, "tested": 0}
NOTHING = {"p": 0.5, "q_bh": 0.9}


def test_what_was_found_is_named_property_by_property():
    text = said(
        {"property": "fur"},
        {"property": "fur", "model": "dark"},
        {"property": "sky"} | NOTHING,
    )
    assert "In 2 of 3 tested pairs of property and model" in text
    assert "(q ≤ 0.05): fur – plain, dark; for the others this was not shown" in text
    assert "sky" not in text.partition("The highest")[0]
    assert "could not be tested" not in text


def test_nothing_found_is_no_proof():
    text = said({"property": "fur"} | NOTHING)
    assert "In none of 1 tested pair of property" in text
    assert "no proof of independence" in text


def test_all_found_says_nothing_of_others():
    assert "others" not in said({"property": "fur"})


def test_a_q_just_above_alpha_is_not_found():
    assert "In none of" in said({"property": "fur", "q_bh": 0.0501})
    assert "In 1 of" in said({"property": "fur", "q_bh": 0.05})


def test_what_could_not_be_tested_is_named_with_its_reason():
    table = summary({"property": "fur"}, {"property": "sky"} | UNTESTED)
    tests = reasons_of(table).assign(untested=["", "unmatched"])
    text = " ".join(answers(table, tests, 0.05))
    assert "In 1 of 1 tested pair" in text
    assert "1 pair could not be tested (sky – plain), since no placebo edit has the size" in text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("unmatched", "since no placebo edit has the size of the edit"),
        ("no placebos", "since there are no placebo edits"),
        ("no value", "since the paths have no number to compare"),
    ],
)
def test_without_any_p_nothing_was_tested(reason, words):
    text = said({"property": "fur"} | UNTESTED, untested=reason)
    assert text == f"Nothing was tested, {words}."
    assert "moved" not in text


def test_a_pair_with_few_tested_images_is_told():
    text = said({"property": "fur", "tested": 1})
    assert "In 1 tested pair some images have no test, at worst 7 of 8 (fur, plain)." in text


def test_a_placebo_property_that_is_found_warns():
    text = said({"property": "fur"}, {"property": "noise", "placebo": True, "score": 0.01})
    assert "A placebo property is among them (noise – plain)" in text
    assert "The highest mean score is 0.50 (fur, plain)" in text
    assert text.endswith("0.010.")
    fine = said({"property": "fur"}, {"property": "noise", "placebo": True} | NOTHING)
    assert "among them" not in fine


def test_properties_of_one_title_stay_apart_and_long_lists_are_short():
    table = summary({"property": "a"}, {"property": "b"}).assign(title="same")
    assert ": same – plain; same – plain." in answers(table, reasons_of(table), 0.05)[0]
    many = said(*({"property": f"p{number}"} for number in range(20)))
    assert "p3 – plain; 16 more." in many


def test_found_and_of_interest_are_two_marks():
    rows = table_rows(
        summary(
            {"property": "a", "interesting": 0.0},
            {"property": "b", "interesting": 1.0} | NOTHING,
            {"property": "c", "interesting": 1.0} | UNTESTED,
            {"property": "d", "interesting": NAN, "score": NAN} | UNTESTED,
        ),
        0.05,
    )
    assert [row["found"] for row in rows] == [True, False, False, False]
    assert [row["notable"] for row in rows] == [False, True, True, False]
    assert [row["q"] for row in rows] == ["0.02", "0.90", "not tested", "not tested"]
    assert "nan" not in str(rows).lower().replace("'notable'", "")


def test_a_q_is_not_rounded_across_alpha():
    (row,) = table_rows(summary({"property": "a", "q_bh": 0.0504}), 0.05)
    assert row["q"] == "0.0504"
    assert not row["found"]
