"""Which settings of a study reach its placebos."""

import copy
import re

import pytest

from zollstock.editors.architecture import KEEP as KEEP_OF_SMALL_EDITORS
from zollstock.plan.placebos import placebo_sets
from zollstock.settings import parse_study
from zollstock.settings.editors import KEEP

EDITED = {
    "engine": "instruct_pix2pix",
    "checkpoint": "pets",
    "instruction": "make the fur lighter",
    "stop": 2.0,
}
STUDY = {
    "study": "some",
    "images": {"source": "renderer"},
    "properties": {
        "lighter": EDITED,
        "darker": EDITED | {"instruction": "make the fur darker", "stop": 3.0},
    },
    "models": {"plain": {"trained_on": "unbiased"}},
}


def sets(*changes):
    study = copy.deepcopy(STUDY)
    for path, value in changes:
        *sections, key = path.split(".")
        place = study
        for section in sections:
            place = place.setdefault(section, {})
        place[key] = value
    return placebo_sets(parse_study(study, "study.yaml"))


HARMLESS = ("placebos.instructions", ["keep"])


@pytest.mark.parametrize(
    "change",
    [
        ("properties.lighter.instruction", "make the background darker"),
        ("properties.darker.stop", 9.0),
        ("properties.darker.steps", 9),
    ],
)
def test_at_knob_0_neither_instruction_nor_end_matters(change):
    [(name, found)] = sets().items()
    assert found["properties"] == ["darker", "lighter"]
    assert {name: found} == sets(change)
    assert found["settings"]["editor"]["instruction"] == KEEP == KEEP_OF_SMALL_EDITORS


def test_harmless_instructions_go_as_far_as_the_edits_do():
    [found] = sets(HARMLESS).values()
    assert found["settings"]["editor"]["stop"] == 3.0
    [farther] = sets(HARMLESS, ("properties.lighter.stop", 9.0)).values()
    assert farther["settings"]["editor"]["stop"] == 9.0


@pytest.mark.parametrize(
    "change",
    [
        ("properties.lighter.instruction", "make the background darker"),
        ("world.size", 96),
        ("placebos.latents", ["noise_angle"]),
        ("properties.lighter.meter", "fur_lightness"),
    ],
)
def test_nothing_is_drawn_where_there_are_harmless_instructions(change):
    assert sets(HARMLESS) == sets(HARMLESS, change)


@pytest.mark.parametrize(
    "change",
    [
        ("world.size", 96),
        ("placebos.latents", ["noise_angle"]),
        ("properties.lighter.meter", "fur_lightness"),
        ("placebos.steps", 4),
    ],
)
def test_drawn_placebos_depend_on_what_is_drawn(change):
    assert sets() != sets(change)
    assert [*sets()] != [*sets(change)]


EXACT = {"engine": "rendered", "latent": "fur_lightness"}


def test_a_name_hangs_on_what_makes_the_placebos_and_on_nothing_else():
    study = copy.deepcopy(STUDY)
    study["properties"] |= {"fur": EXACT, "cold": EDITED | {"denoising_steps": 5}}
    names = {name: found["properties"] for name, found in placebo_sets(parse(study)).items()}
    assert sorted(names.values()) == [["cold"], ["darker", "lighter"], ["fur"]]
    assert all(re.fullmatch(r"placebos-[a-z0-9_]+-[0-9a-f]{8}", name) for name in names)
    study["properties"] = dict(reversed(study["properties"].items()))
    study["placebos"] = {"number": 99}
    assert {
        name: found["properties"] for name, found in placebo_sets(parse(study)).items()
    } == names
    del study["properties"]["lighter"]
    study["properties"]["other_name"] = study["properties"].pop("fur")
    assert {*placebo_sets(parse(study))} == {*names}


def parse(study):
    return parse_study(study, "study.yaml")
