"""Placebos as curves beside the edits they are compared with."""

import numpy as np

from zollstock.scoring.follow import Followed
from zollstock.significance.beside import placebo_curves

NAN = float("nan")


def test_a_placebo_is_a_curve_over_its_share_of_the_edits_size():
    series = np.array([[0.1, 0.4, NAN], [0.2, 0.3, 0.5]])
    made = Followed(["a", "a"], np.zeros((2, 3)), np.zeros(2, int), series, 2, [2, 1])
    grown = {("a", 1): np.array([0, 0.1, 0.2]), ("a", 2): np.array([0, 0.1])}
    sizes = {"a": np.array([0, 0.4, NAN]), "b": np.array([NAN])}
    found = placebo_curves({"m": made}, grown, sizes, ["a", "b"])
    (x, p), (shorter, _) = found["a"]["m"]
    np.testing.assert_allclose(x, [0, 0.25, 0.5])
    np.testing.assert_array_equal(p, [0.2, 0.3, 0.5])
    np.testing.assert_allclose(shorter, [0, 0.25])
    assert found["b"] == {"m": []}  # its edit has no size
    assert placebo_curves({}, {}, sizes, ["a"]) == {"a": {}}
