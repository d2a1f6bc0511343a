"""Settings of perturbations: forms, presets, messages, and that each entry has a class."""

import pytest
from pydantic import ValidationError

import zollstock.locate.attributers as attributers
import zollstock.locate.fills as fills
import zollstock.locate.samples as samples
import zollstock.locate.segments as segments
from zollstock.entries import known_entries
from zollstock.errors import ZollstockError
from zollstock.locate.context import Context
from zollstock.settings.base import Section
from zollstock.settings.locate.attributers import AttributerSettings
from zollstock.settings.locate.fills import FillSettings
from zollstock.settings.locate.perturbation import (
    PRESETS,
    PerturbationSettings,
    RiseMethod,
    method_class,
)
from zollstock.settings.locate.samples import SampleSettings
from zollstock.settings.locate.segments import SegmentSettings
from zollstock.settings.messages import explain

GIVEN = {
    "segments": {"grid": [7, 6]},
    "samples": {"random": 0.5},
    "fill": "mean",
    "attribute": "rise",
}


class Config(Section):
    methods: dict[str, PerturbationSettings]


def parsed(**changed):
    config = {"methods": {"mine": GIVEN | changed}}
    try:
        return Config.model_validate(config).methods["mine"]
    except ValidationError as error:
        raise explain(error, config, "my.yaml", Config) from None


@pytest.mark.parametrize(
    ("registry", "settings"),
    [
        (segments, SegmentSettings),
        (samples, SampleSettings),
        (fills, FillSettings),
        (attributers, AttributerSettings),
    ],
)
def test_every_entry_of_a_registry_can_be_chosen(registry, settings):
    assert sorted(settings.options) == known_entries(registry)
    assert set(settings.options) <= set(settings.model_fields)
    for name, kind in settings.entries().items():
        assert kind.short in {"", *kind.model_fields}, name
        assert kind.needs is None or kind.needs in Context.__dataclass_fields__
        for field in kind.model_fields.values():
            assert field.description


def test_a_value_alone_is_the_most_important_setting():
    assert parsed(segments={"slic": 30}).plain()["segments"] == {
        "name": "slic",
        "number": 30,
        "compactness": 10.0,
    }
    full = parsed(segments={"slic": {"number": 30, "compactness": 1.0}}).plain()["segments"]
    assert full == {"name": "slic", "number": 30, "compactness": 1.0}
    assert parsed(fill={"blur": 3}).plain()["fill"] == {"name": "blur", "sigma": 3.0}
    assert parsed(fill="blur").plain()["fill"] == {"name": "blur", "sigma": None}
    assert parsed(fill={"blur": {}}).plain()["fill"] == {"name": "blur", "sigma": None}
    assert parsed(samples={"shapley": 70}).plain()["samples"]["number"] == 70
    assert parsed(samples={"random": 0.5}).plain()["samples"]["number"] == 1000
    ridge = parsed(attribute={"lime": 0}).plain()["attribute"]
    assert ridge == {"name": "lime", "ridge": 0.0, "kernel": "cosine", "width": 0.25}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"segments": {"gird": [7, 7]}}, r"mine.segments.gird: is not a key.* Did you mean 'grid'"),
        ({"segments": {"grid": 7}}, r"mine.segments.grid: is 7; expected a list"),
        ({"segments": {"slic": "many"}}, r"slic: is 'many'; expected an integer"),
        ({"segments": {"slic": {"numbr": 3}}}, r"slic.numbr: .* Did you mean 'number'"),
        ({"segments": {}}, r"expected just one of the keys grid, slic"),
        ({"segments": {"slic": 5, "grid": [2, 2]}}, r"just one of the keys"),
        ({"segments": {"slic": 5, "masks": "bilinear"}}, r"a grid, where masks are bilinear"),
        ({"segments": {"slic": 5, "sigma": 2}}, r"masks: gaussian, where there is a sigma"),
        ({"fill": "meen"}, r"mine.fill: is 'meen'; expected 'mean', 'median'"),
        ({"fill": "colour"}, r"mine.fill: is 'colour'; expected 'mean'"),
        ({"fill": {"colour": [1, 2]}}, r"fill.colour: is \[1, 2\]; expected at least 3 entries"),
        ({"samples": {"random": 1.5}}, r"samples.random: is 1.5; expected a number below 1"),
        ({"samples": {"shapley": 9, "number": 3}}, r"one number of samples"),
        ({"samples": {"single": "kept", "number": 3}}, r"no number, which single has of its own"),
        ({"attribute": {"lime": {"kernel": "cos"}}}, r"lime.kernel: is 'cos'; expected 'none'"),
        ({"attribute": "limee"}, r"attribute: is 'limee'; expected 'rise'"),
        ({"segments": {"grid": [2, 2], "shift": True}, "fill": "own_mean"}, r"segments shift"),
        ({"fil": 1}, r"mine.fil: .* Did you mean 'fill'"),
    ],
)
def test_what_is_wrong_is_told_by_key_and_value(changed, words):
    with pytest.raises(ZollstockError, match=words):
        parsed(**changed)


def test_what_must_be_handed_in():
    assert parsed().needs() == set()
    assert parsed(segments={"parts": {}}, fill="path").needs() == {"parts", "frame"}
    assert parsed(segments={"mask": "fur"}, fill="picture").needs() == {
        "mask",
        "pictures",
    }


def test_presets_are_complete_and_may_be_changed():
    assert set(PRESETS) == {"rise", "lime", "shap", "ciu", "pda"}
    for preset in PRESETS.values():
        assert preset().plain() == preset.model_validate({}).plain()
    changed = RiseMethod.model_validate({"fill": "blur"}).plain()
    assert changed["fill"]["name"] == "blur" and changed["samples"]["number"] == 4000
    assert method_class("rise") is RiseMethod
    assert method_class("mine") is PerturbationSettings
    with pytest.raises(ValidationError):
        PerturbationSettings.model_validate({})


def test_joined_samples():
    parts = [{"random": 0.5, "share": 3}, {"single": "kept"}]
    plain = parsed(samples={"joined": parts, "number": 40}).plain()["samples"]
    assert plain["name"] == "joined" and plain["number"] == 40
    assert [(part["name"], part["share"]) for part in plain["parts"]] == [
        ("random", 3.0),
        ("single", 1.0),
    ]
    assert samples.number_of(5, plain) == 35


def test_the_largest_number_of_samples():
    assert (
        parsed(samples={"random": 0.5, "number": 7, "times": 2, "add": ["whole"]}).samples.most()
        == 15
    )
    assert parsed(samples={"single": "kept"}).samples.most() is None


def test_modules_that_are_found_by_name():
    import importlib

    parts = [{"random": 0.5}, {"single": "kept"}]
    found = parsed(samples={"joined": parts, "number": 40}).modules()
    assert [name.removeprefix("zollstock.locate.") for name in found] == [
        "attributers.rise",
        "fills.mean",
        "samples.joined",
        "samples.random",
        "samples.single",
        "segments.grid",
    ]
    for name in found:
        importlib.import_module(name)
