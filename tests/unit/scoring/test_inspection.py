"""What lies behind a score: nulls and signatures of the paths that are looked at."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zollstock.scoring.follow import Followed
from zollstock.scoring.inspection import (
    first_draws,
    fitted,
    most_telling,
    null_rows,
    row_of,
    signatures,
)
from zollstock.scoring.shuffle import shuffle_test

SPACINGS = np.array([1.0, 2, 4, 8])
NAN = float("nan")


def followed():
    axis = np.array([[0, 1, 2, 3, NAN], [0, 1, 2, 3, 4.0], [NAN] * 5])
    series = np.array([[0.1, 0.2, 0.6, 0.9, NAN], [0.5, 0.1, 0.4, 0.2, 0.9], [NAN] * 5])
    return Followed(["a", "b", "c"], axis, np.array([0, 0, -1]), series, series[:, 0], 2)


def table():
    rows = []
    for name, p in (("a", followed().series[0, :4]), ("b", followed().series[1])):
        test = shuffle_test(p, "epgm", 99, 3)
        rows.append(
            {"image": name, "model": "m", "score": test.score, "null_mean": test.null_mean}
            | {"null_std": test.null_std, "p_value": test.p_value}
        )
    rows.append(rows[0] | {"image": "c"} | dict.fromkeys(("score", "p_value"), NAN))
    return pd.DataFrame(rows)


def test_nulls_are_those_of_the_test():
    how = {"statistic": "epgm", "permutations": 99, "seed": 3}
    rows = null_rows({"m": followed()}, table(), ["b", "a", "c"], **how)
    assert [row.image for row in rows] == ["b", "a", "c"]
    cell = rows[1].cells["m"]
    np.testing.assert_array_equal(cell.axis, [0, 1, 2, 3])  # the unused step is left out
    assert cell.shuffled.shape == (20, 4)
    assert len(cell.null) == 99
    # p as the score table has it, counted in the null that is shown.
    extreme = np.abs(cell.null - cell.null.mean()) >= abs(cell.score - cell.null.mean()) - 1e-12
    assert cell.p_value == pytest.approx((extreme.sum() + 1) / 100)
    failed = rows[2].cells["m"]
    assert [len(failed.axis), len(failed.null), len(failed.shuffled)] == [0, 0, 0]


def test_signatures_begin_with_the_plain_score():
    found = signatures({"m": followed()}, ["b", "c"])
    one = found["b"]["m"]
    assert one.spacings[0] == 1
    assert one.scores[0] == pytest.approx(np.abs(np.diff(followed().series[1])).sum())
    assert not len(found["c"]["m"].scores)


@given(a=st.floats(0, 1), b=st.floats(0, 1), count=st.integers(2, 9))
def test_the_fit_finds_a_and_b(a, b, count):
    spacings = np.arange(1.0, count + 1)
    assert fitted(spacings, a + b / spacings)[2:] == pytest.approx((a, b), abs=1e-9)


def test_a_score_that_grows_with_the_spacing_is_fitted_by_a_flat_line():
    found = fitted(SPACINGS, np.array([0.1, 0.2, 0.3, 0.4]))
    assert found[2:] == pytest.approx((0.25, 0))


def test_of_replicates_the_first_is_looked_at():
    nothing = np.zeros((5, 1))
    several = Followed(
        ["a", "a", "b", "b", "c"],
        nothing,
        np.zeros(5, int),
        nothing,
        nothing[:, 0],
        2,
        [0, 1, 1, 0, 0],
    )
    assert first_draws(several, 2) == ["a", "b"]
    assert row_of(several) == {"a": 0, "b": 3, "c": 4}


def scored(*rows):
    return pd.DataFrame(rows, columns=["image", "model", "score"])


def test_the_most_telling_image_is_that_on_which_models_differ_most():
    table = scored(
        *(("a", "m", 0.9), ("a", "n", 0.8)),
        *(("b", "m", 0.1), ("b", "n", 0.4)),
        *(("c", "m", 0.0), ("c", "n", 1.0)),
        *(("d", "m", 0.0), ("d", "n", NAN)),
    )
    assert most_telling(table, set(), ["a", "b", "c", "d"]) == "c"
    assert most_telling(table, {"c"}, ["a", "b", "c"]) == "b"
    assert most_telling(table, {"a", "b", "c"}, ["a", "b", "c"]) == "c"
    assert most_telling(table, set(), ["a", "b"]) == "b"
    assert most_telling(table, set(), ["d"]) is None
    assert most_telling(table[table["model"] == "m"], set(), ["a", "b", "c"]) == "a"
    equal = table.assign(score=0.5)
    assert most_telling(equal, set(), ["c", "b", "a"]) == "c"
