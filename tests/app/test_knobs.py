"""Knobs come from the settings classes, and what they give is what `explain` takes."""

import numpy as np
import pytest

from zollstock.app.knobs import FORMS, kinds, knobs, turned
from zollstock.app.start import Start
from zollstock.plan.asking import asked

FILES = {"mask", "picture", "places", "font", "checkpoint", "path", "command"}
EVERY = kinds("pets", Start()) | kinds(None, Start())


def test_all_words_of_the_engines_are_offered():
    assert {"brightness", "rotate", "overlay patch"} <= set(kinds(None, Start()))
    assert not [key for key in kinds(None, Start()) if key.startswith(("latent", "editor"))]
    assert {"latent fur_lightness", "editor pets"} <= set(kinds("pets", Start()))


@pytest.mark.parametrize("key", EVERY)
def test_no_visitor_names_a_file_or_a_program(key):
    kind = EVERY[key]
    assert kind.settings["engine"] not in ("command", "frames")
    assert not {one.name for one in knobs(kind)} & FILES


@pytest.mark.parametrize("key", EVERY)
def test_untouched_knobs_are_settings_of_a_study(key):
    world = {"name": "pets", "size": 64} if key.startswith(("latent", "editor")) else None
    found = asked(turned(EVERY[key], {}), models={"m": ["cat", "dog"]}, world=world)
    assert found.edits.settings["engine"] == EVERY[key].settings["engine"]


def test_a_knob_that_is_turned_is_in_the_settings():
    kind = EVERY["brightness"]
    values = {one.name: one.value for one in knobs(kind)} | {"steps": 5.0, "stop": 1}
    found = turned(kind, values)
    assert found["steps"] == 5
    assert isinstance(found["steps"], int)
    assert turned(kind, {"steps": None})["operation"] == "brightness"


def test_start_values_are_those_of_the_command_line():
    start = Start(denoising_steps=3)
    kind = kinds("pets", start)["editor pets"]
    by_name = {one.name: one for one in knobs(kind)}
    assert by_name["denoising_steps"].value == 3
    assert by_name["instruction"].first
    assert by_name["denoising_steps"].kind == "whole"
    assert by_name["image_guidance"].kind == "number"


def test_an_edit_is_called_what_the_editor_is_told():
    found = turned(EVERY["editor pets"], {"instruction": "make it red"})
    assert found["title"] == "“make it red”"


def test_ends_of_the_axis_are_shown_as_they_are():
    ends = {one.name: one.value for one in knobs(EVERY["rotate"]) if one.name in ("start", "stop")}
    form = FORMS["geometric"](engine="geometric", operation="rotate")
    assert np.allclose([ends["start"], ends["stop"]], form.span())
