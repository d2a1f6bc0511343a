import numpy as np
import pytest

from zollstock import placebo_test
from zollstock.errors import ZollstockError
from zollstock.significance.placebo import placebo_p


def test_an_edit_beside_its_placebos(rng):
    placebos = 0.3 * rng.random((19, 5))
    test = placebo_test([0.1, 0.2, 0.5, 0.8, 0.9], placebos)
    assert (test.larger, test.p_value, test.resolution) == (0, 0.05, 0.05)
    np.testing.assert_allclose(test.placebos, np.ptp(placebos, axis=1))
    assert test.value == pytest.approx(0.8)


@pytest.mark.parametrize("statistic", ["range", "net", "smooth"])
def test_p_is_that_of_the_tables(statistic, rng):
    p, placebos = rng.random(6), rng.random((30, 6))
    test = placebo_test(p, placebos, statistic, reference=2)
    assert test.p_value == placebo_p([test.value], test.placebos[None])[0]
    assert test.larger == (test.placebos >= test.value).sum()


def test_a_placebo_without_a_number_is_not_counted(rng):
    placebos = rng.random((4, 5))
    placebos[1, 2] = np.nan
    test = placebo_test(np.zeros(5), placebos)
    assert test.larger == 3 and test.p_value == 1 and test.resolution == 0.25


@pytest.mark.parametrize(
    ("p", "placebos", "how"),
    [
        (np.zeros(5), np.zeros((3, 4)), {}),
        (np.zeros(5), np.zeros(5), {}),
        (np.zeros((2, 5)), np.zeros((3, 5)), {}),
        (np.zeros(5), np.zeros((3, 5)), {"reference": 5}),
        (np.zeros(5), np.zeros((3, 5)), {"statistic": "epgm"}),
    ],
)
def test_what_does_not_fit_is_refused(p, placebos, how):
    with pytest.raises(ZollstockError):
        placebo_test(p, placebos, **how)
