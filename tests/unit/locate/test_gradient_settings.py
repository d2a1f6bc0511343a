"""Settings of gradient methods fit the library's functions."""

import inspect

import pytest
from pydantic import ValidationError

from zollstock.locate.baselines import BASELINES
from zollstock.locate.property_gradient import property_gradient
from zollstock.settings.locate.gradients import (
    GRADIENT_METHODS,
    GRADIENTS,
    Baseline,
    OcclusionSettings,
    PropertyGradientSettings,
)


def test_names_and_traits():
    assert GRADIENT_METHODS["ig"] is GRADIENTS["integrated_gradients"]
    for name, kind in GRADIENTS.items():
        assert kind().plain()["name"] == name and not kind.of_paths
        assert kind.gradients == (kind is not OcclusionSettings)
    assert GRADIENT_METHODS["property"].of_paths


def test_the_property_gradients_settings_are_its_keywords():
    parameters = inspect.signature(property_gradient).parameters
    plain = PropertyGradientSettings().plain()
    assert plain == {key: parameters[key].default for key in plain}


def test_baselines_are_those_of_the_library():
    assert Baseline.__args__ == BASELINES


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("ig", {"points": 0}),
        ("ig", {"baseline": "grey"}),
        ("smoothgrad", {"noise": -0.1}),
        ("gradcam", {"layer": ""}),
        ("occlusion", {"window": 0}),
        ("property", {"tolerance": 0}),
        ("saliency", {"points": 3}),
    ],
)
def test_what_means_nothing_is_refused(name, given):
    with pytest.raises(ValidationError):
        GRADIENT_METHODS[name](**given)
