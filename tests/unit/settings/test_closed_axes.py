"""Units, and axes that close on themselves."""

import pytest

from zollstock.errors import ZollstockError
from zollstock.plan.study import Plan
from zollstock.settings import parse_study

TURN = {"engine": "geometric", "operation": "rotate", "start": -180, "stop": 180, "period": 360}
SHOTS = {"engine": "frames", "path": "shots/{image}", "unit": "deg", "period": 360}
DRAWN = {"engine": "rendered", "latent": "turn"}


def study_of(*props, **sections):
    config = {
        "study": "s",
        "images": {"source": "renderer"},
        "properties": {f"p{place}": prop for place, prop in enumerate(props)},
        "models": {"m": {"trained_on": "unbiased"}},
    }
    return parse_study(config | sections, "file")


def test_no_frame_depends_on_unit_and_period():
    plain = {key: value for key, value in TURN.items() if key != "period"}
    first, second = (
        Plan(study_of(prop)).paths["p0"].settings for prop in (plain, TURN | {"unit": "deg"})
    )
    assert first == second and not {"unit", "period"} & set(second)


def test_the_plan_says_what_closes_and_what_figures_write():
    plan = Plan(study_of(SHOTS, DRAWN))
    assert plan.periods == {"p0": 360}
    told = {"title": "p0", "unit": "deg", "period": 360, "mask": None}
    assert plan.drawn_axis("p0") == told
    assert [plan.paths[name].meter["closed"] for name in ("p0", "p1")] == [True, False]


@pytest.mark.parametrize(
    ("prop", "message"),
    [
        (TURN | {"stop": 190, "steps": 38}, r"period: is 360, but .* runs from -180 to 190"),
        (DRAWN | {"stop": 2, "period": 1.5}, r"period: is 1\.5, but .* from 0 to 2"),
        (
            {"engine": "command", "command": "x", "start": 0, "stop": 400, "period": 360},
            r"from 0 to 400; expected an axis of one period at most",
        ),
        (SHOTS | {"period": 0}, r"period: is 0; expected a number above 0"),
        (SHOTS | {"unit": " "}, r"unit: is ' '; expected words"),
        (SHOTS | {"direction": 1}, r"direction: is 1, but the axis closes on itself"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(prop, message):
    with pytest.raises(ZollstockError, match=message):
        study_of(prop)


def test_a_grid_has_no_unit_and_period_of_its_own():
    grid = {"engine": "grid", "first": "p0", "second": "p1"}
    drawn = [DRAWN, DRAWN | {"latent": "fur_lightness"}]
    study_of(*drawn, grid)
    for key, value in (("unit", "deg"), ("period", 360)):
        with pytest.raises(ZollstockError, match=rf"p2\.{key}: is given to a grid"):
            study_of(*drawn, grid | {key: value})


def test_net_is_refused_beside_a_closed_axis_and_range_is_the_default():
    assert study_of(SHOTS).placebos.statistic == "range"
    with pytest.raises(ZollstockError, match=r"statistic: is net, but the axis of 'p1' closes"):
        study_of(DRAWN, SHOTS, placebos={"statistic": "net"})
    study_of(DRAWN, placebos={"statistic": "net"})
