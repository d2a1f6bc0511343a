"""Figures of levels and power: what must be seen in them."""

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from zollstock.figures.calibration import (
    BAD,
    GOOD,
    GREY,
    LEAST_RATE,
    LOOKS,
    draw_power,
    draw_rates,
)

from .conftest import drawn, words

TESTS = {"shuffle": "shuffle test, grad", "placebo": "placebo test, net", "absent": "not there"}
CASES = {"iid": "independent noise", "drift": "drift"}


def rate(test, case, rate, holds=True, k=19, level=0.05, reachable=True):
    return {
        "test": test,
        "case": case,
        "k": k,
        "level": level,
        "reachable": reachable,
        "rate": rate,
        "low": rate * 0.9,
        "high": min(rate * 1.1, 1),
        "low_all": rate * 0.8,
        "high_all": min(rate * 1.2, 1),
        "holds": holds,
    }


def dots(axes):
    return {
        int(line.get_ydata()[0]): (float(line.get_xdata()[0]), to_hex(line.get_color()))
        for line in axes.get_lines()
        if line.get_marker() == "o"
    }


def test_rates_show_what_holds_what_does_not_and_what_was_broken(tmp_path):
    table = pd.DataFrame(
        [
            rate("shuffle", "iid", 0.05),
            rate("shuffle", "drift", 1.0, holds=False),
            rate("shuffle", "dark_cats", 0.8, holds=False),
            rate("placebo", "iid", 0.06, k=19),
            rate("placebo", "iid", 0.04, k=99),
            rate("placebo", "iid", 0.9, level=0.1),
            rate("placebo", "drift", 0.0),
            rate("placebo", "dark_cats", 0.0, reachable=False),
        ]
    )
    figure = drawn(draw_rates(table, TESTS, CASES, [("shuffle", "drift")]), tmp_path)
    first, second = figure.axes[:2]
    assert dots(first)[0] == (0.05, to_hex(GOOD))
    assert dots(first)[1] == (1.0, to_hex(GREY))
    assert dots(first)[2] == (0.8, to_hex(BAD))
    # The largest K, at level .05; a rate of 0 is drawn at the end of the axis.
    assert dots(second)[0] == (0.04, to_hex(GOOD))
    assert dots(second)[1] == (LEAST_RATE, to_hex(GOOD))
    assert 2 not in dots(second)
    said = words(figure)
    assert "too few placebos" in said
    assert "model dark_cats" in said
    assert "not there" not in said
    assert "not asked" not in said


def test_what_was_never_asked_is_not_called_too_few_placebos(tmp_path):
    table = pd.DataFrame([rate("shuffle", "iid", 0.05), rate("placebo", "drift", 0.05)])
    said = words(drawn(draw_rates(table, TESTS, CASES, []), tmp_path))
    assert "not asked" in said
    assert "too few placebos" not in said


def power(slopes):
    keys = [(noise, shape) for noise in ("iid", "ar_0.9") for shape in ("drift", "bump")]
    keys += [("nuisance", f"logistic, {engine}") for engine in slopes]
    return pd.DataFrame(
        {
            "noise": noise,
            "shape": shape,
            "size": size,
            "test": test,
            "power": min(size / 4, 1),
            "low": min(size / 5, 1),
            "high": min(size / 3, 1),
        }
        for noise, shape in keys
        for test in ("placebo_net", "signflip", "another")
        for size in (0.0, 2.0, 4.0)
    )


@pytest.mark.parametrize("slopes", [["exact", "edited"], ["exact"]])
def test_power_has_a_line_of_panels_per_noise(slopes, tmp_path):
    figure = drawn(draw_power(power(slopes)), tmp_path)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert ["independent" in title for title in titles[:3]] == [True, True, False]
    assert "logistic" in titles[2]
    assert ["AR(1)" in title for title in titles[3:5]] == [True, True]
    said = words(figure)
    assert LOOKS["placebo_net"]["label"] in said
    assert "another" not in said
