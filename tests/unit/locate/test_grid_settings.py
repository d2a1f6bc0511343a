"""Settings of a grid of methods: what is combined, what it is called, what is refused."""

import json

import pytest
from pydantic import ValidationError

import zollstock.locate.attributers as attributers
import zollstock.locate.fills as fills
import zollstock.locate.gradients as gradients
import zollstock.locate.samples as samples
import zollstock.locate.segments as segments
from zollstock.entries import known_entries
from zollstock.errors import ZollstockError
from zollstock.settings.base import Section
from zollstock.settings.locate.grid import MethodGridSettings, modules_of_parts
from zollstock.settings.locate.perturbation import PerturbationSettings
from zollstock.settings.messages import explain

GIVEN = {
    "segments": [{"grid": [7, 6], "masks": "bilinear", "shift": True}, {"slic": 50}],
    "samples": [{"random": 0.5}, {"shapley": {}}, {"single": "removed"}],
    "numbers": [400, 40],
    "fill": ["mean", {"blur": 3}],
    "attribute": ["rise", {"pda": "log2"}],
}


class Config(Section):
    grid: MethodGridSettings


def parsed(**changed):
    config = {"grid": {key: value for key, value in (GIVEN | changed).items() if value is not None}}
    try:
        return Config.model_validate(config).grid
    except ValidationError as error:
        raise explain(error, config, "my.yaml", Config) from None


def test_every_combination_is_a_pass_and_numbers_leave_single_segments_alone():
    passes = parsed().passes()
    assert len(passes) == 2 * (2 + 2 + 1) * 2
    names = [(one["segments"], one["samples"], one["fill"]) for one in passes]
    assert len(set(names)) == len(names)
    assert names[0] == ("grid 7×6 bilinear shift", "random 0.5 N=400", "mean")
    assert names[-1] == ("slic 50", "single removed", "blur 3")
    numbers = {one["samples"]: one["settings"]["samples"]["number"] for one in passes}
    assert numbers["random 0.5 N=40"] == numbers["shapley N=40"] == 40
    assert [one["name"] for one in parsed().attributers()] == ["rise", "pda log2"]


def test_a_pass_is_that_of_the_method_with_these_parts():
    one = parsed(segments=[{"slic": 50}], samples=[{"random": 0.5, "number": 7}], numbers=None)
    method = PerturbationSettings.model_validate(
        {
            "segments": {"slic": 50},
            "samples": {"random": 0.5, "number": 7},
            "fill": "mean",
            "attribute": "rise",
        }
    )
    plain = method.plain()
    plain.pop("attribute")
    assert one.passes()[0]["settings"] == plain


def test_what_jobs_are_told_does_not_hang_on_whether_defaults_are_spelled_out():
    grid = parsed()
    again = MethodGridSettings.model_validate(json.loads(grid.model_dump_json()))
    assert again.job_settings() == grid.job_settings()


def test_a_grown_grid_is_made_with_the_same_modules():
    rooms = {"segments": segments, "samples": samples, "fills": fills}
    rooms |= {"attributers": attributers, "gradients": gradients}
    every = {
        f"zollstock.locate.{room}.{name}"
        for room, package in rooms.items()
        for name in known_entries(package)
    }
    assert set(modules_of_parts()) == every


@pytest.mark.parametrize(
    ("changed", "key", "message"),
    [
        ({"fill": "mean"}, "grid.fill", "expected a list"),
        ({"samples": []}, "grid.samples", "at least 1 entry"),
        ({"fill": ["mean", "mean"]}, "grid", "each entry of fill once, where 'mean' is there"),
        ({"samples": [{"random": 0.5, "number": 3}]}, "grid", "no number in samples"),
        ({"samples": [{"shapley": 30}]}, "grid", "no number in samples"),
        ({"fill": ["own_mean"]}, "grid", "a fill that is not each segment's own"),
        ({"attribute": ["limes"]}, "grid.attribute.0", "'limes'"),
        ({"fraction": 0}, "grid.fraction", "above 0"),
        ({"per": ["regions"]}, "grid.per.0", "'regions'"),
    ],
)
def test_a_wrong_grid_is_told_in_one_line(changed, key, message):
    with pytest.raises(ZollstockError) as caught:
        parsed(**changed)
    assert str(caught.value).startswith(f"my.yaml: {key}: ")
    assert message in str(caught.value)
