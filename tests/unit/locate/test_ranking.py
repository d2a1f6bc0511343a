"""From judgements to tables, by hand."""

import numpy as np
import pytest

from zollstock.locate.ranking import control_methods, rank_methods, table_of


def judged(values):
    """Rows of (method, image, measure, value)."""
    rows = [
        {"model": "m", "method": method, "image": image, "measure": measure, "value": value}
        | {"property": "fur"}
        for method, image, measure, value in values
    ]
    return table_of(rows)


def test_differences_to_the_random_map_are_taken_image_by_image():
    values = [("a", "x", "mass", 0.9), ("a", "y", "mass", 0.5), ("a", "z", "mass", np.nan)]
    values += [("random", "x", "mass", 0.5), ("random", "y", "mass", 0.1)]
    table = rank_methods(judged(values), 1).set_index("method")
    assert list(table.index) == ["a", "random"]
    assert table.loc["a", "n"] == 2
    assert table.loc["a", "mean"] == pytest.approx(0.7)
    # Equal on both images, so that the interval is a point.
    assert table.loc["a", ["apart", "apart_low", "apart_high"]].tolist() == pytest.approx([0.4] * 3)
    assert np.isnan(table.loc["random", "apart"])


def test_without_a_random_map_and_of_one_image_there_is_no_interval():
    (row,) = rank_methods(judged([("a", "x", "mass", 0.9)]), 1).to_dict("records")
    assert row["mean"] == 0.9
    assert np.isnan([row["low"], row["high"], row["apart"], row["apart_low"]]).all()


def test_units_are_those_of_the_placebos():
    values = [("a", "x", "share_before", 0.2), ("a", "x", "share_after", 0.8)]
    values += [("a", "x", "share_placebo", 0.2), ("a", "x", "share_placebo", 0.4)]
    (row,) = control_methods(judged(values)).to_dict("records")
    spread = np.std([0.0, 0.2], ddof=1)
    assert row["units"] == pytest.approx((0.6 - 0.1) / spread)
    assert (row["images"], row["placebos"], row["before"], row["after"]) == (1, 2, 0.2, 0.8)


def test_without_placebos_there_are_no_units():
    values = [("a", "x", "share_before", 0.2), ("a", "x", "share_after", 0.8)]
    (row,) = control_methods(judged(values)).to_dict("records")
    assert row["placebos"] == 0
    assert np.isnan([row["placebo"], row["spread"], row["units"]]).all()
    assert control_methods(judged([])).empty
    assert rank_methods(judged([]), 1).empty
