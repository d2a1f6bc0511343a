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
    before, after = sets(), sets(change)
    assert of_each(before) == of_each(after)
    assert of_each(before)["lighter"]["editor"]["instruction"] == KEEP == KEEP_OF_SMALL_EDITORS
    # But they are as large as their edit: another one has placebos of its own, the other keeps its.
    assert len({*before} & {*after}) == 1


def of_each(made):
    """Return property → the settings of its placebos."""
    return {name: found["settings"] for found in made.values() for name in found["properties"]}


def test_each_property_has_placebos_of_its_own_and_equal_frames_share_them():
    assert sorted(found["properties"] for found in sets().values()) == [["darker"], ["lighter"]]
    twins = sets(("properties.twin", EDITED | {"title": "the same again"})).values()
    assert sorted(sorted(found["properties"]) for found in twins) == [
        ["darker"],
        ["lighter", "twin"],
    ]


def test_harmless_instructions_go_as_far_as_the_edits_do():
    stops = {name: made["editor"]["stop"] for name, made in of_each(sets(HARMLESS)).items()}
    assert stops == {"lighter": 2.0, "darker": 3.0}
    farther = of_each(sets(HARMLESS, ("properties.lighter.stop", 9.0)))
    assert farther["lighter"]["editor"]["stop"] == 9.0
    assert farther["darker"]["editor"]["stop"] == 3.0


def test_of_an_editor_told_what_is_harmless_the_edits_instruction_does_not_matter():
    other = ("properties.lighter.instruction", "make the background darker")
    assert of_each(sets(HARMLESS)) == of_each(sets(HARMLESS, other))


@pytest.mark.parametrize(
    "change",
    [
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
        ("placebos.tolerance", 0.1),
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
    assert sorted(names.values()) == [["cold"], ["darker"], ["fur"], ["lighter"]]
    assert all(re.fullmatch(r"placebos-[a-z0-9_]+-[0-9a-f]{8}", name) for name in names)
    study["properties"] = dict(reversed(study["properties"].items()))
    study["placebos"] = {"number": 99}
    assert {
        name: found["properties"] for name, found in placebo_sets(parse(study)).items()
    } == names
    study["properties"]["other_name"] = study["properties"].pop("fur")
    assert {*placebo_sets(parse(study))} == {*names}
    del study["properties"]["lighter"]
    assert {*placebo_sets(parse(study))} == {
        n for n, shared in names.items() if shared != ["lighter"]
    }


def parse(study):
    return parse_study(study, "study.yaml")
