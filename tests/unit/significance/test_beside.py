"""Placebos beside the edits they are compared with."""

import numpy as np

from zollstock.scoring.follow import Followed
from zollstock.significance.beside import placebo_changes

NAN = float("nan")


def followed(images, axis, series, unedited, draws):
    return Followed(
        list(images), np.array(axis), np.zeros(len(images), int), np.array(series),
        np.array(unedited), 2, draws,
    )  # fmt: skip


def test_a_placebo_stands_where_the_edit_is_compared_less_its_own_picture():
    target = followed("ab", [[0, 1, 2, 3, 4.0], [NAN] * 5], np.zeros((2, 5)), [0.1, NAN], [0, 0])
    made = followed(
        "aaa",
        [[0, 1, 2.0]] * 3,
        [[0.2, 0.3, 0.5], [NAN, NAN, NAN], [0.1, 0.1, 0.0]],
        [0.2, NAN, 0.1],
        [2, 3, 1],
    )
    found = placebo_changes(target, made, ["a", "b"], 3)
    assert found["a"].places.tolist() == [0, 2, 4]
    np.testing.assert_allclose(found["a"].changes, [[0, 0.1, 0.3], [0, 0, -0.1]], atol=1e-12)
    assert found["b"].changes.shape == (0, 0)  # its edit failed
    assert placebo_changes(target, None, ["a"], 3)["a"].changes.shape == (0, 3)
