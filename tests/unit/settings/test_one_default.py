"""An engine that is made by hand has the defaults that the config has."""

import importlib
import inspect
import typing

import pytest

from zollstock.engines.registry import ENGINES, MODULES
from zollstock.settings.properties import PropertySettings


def forms(annotation=PropertySettings):
    """Engine → the class of its settings."""
    found = {}
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        field = annotation.model_fields.get("engine")
        if field is not None:
            name = field.default
            found[name if isinstance(name, str) else typing.get_args(field.annotation)[0]] = (
                annotation
            )
    for argument in typing.get_args(annotation):
        found |= forms(argument)
    return found


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("placebo_")])
def test_engine_and_settings_agree(name):
    importlib.import_module(MODULES[name])
    fields = forms()[name].model_fields
    for key, parameter in inspect.signature(ENGINES[name]).parameters.items():
        if parameter.default is inspect.Parameter.empty or key not in fields:
            continue
        default = fields[key].default
        told = tuple(default) if isinstance(default, list) else default
        assert told == parameter.default, f"{name}.{key}"


def test_every_engine_that_users_name_has_a_form():
    assert {name for name in MODULES if not name.startswith("placebo_")} <= set(forms())
