"""Settings follow the drawn world: its classes, distributions, latents and meters."""

import copy

import pytest

from zollstock.errors import ZollstockError
from zollstock.plan.study import Plan
from zollstock.settings import parse_study
from zollstock.settings.images import WorldSettings
from zollstock.worlds import facts_of, known_worlds

STUDY = {
    "study": "s",
    "world": {"name": "lesions"},
    "images": {"source": "renderer", "distribution": "clean", "classes": ["melanoma"]},
    "properties": {"p": {"engine": "rendered", "latent": "patch", "steps": 9}},
    "models": {
        "short": {"trained_on": "patched_nevi"},
        "long": {"training": {"data": {"source": "renderer", "distribution": "clean"}}},
    },
    "scoring": {"output": "nevus"},
}


def study_with(place, value):
    study = copy.deepcopy(STUDY)
    *parents, key = place.split(".")
    at = study
    for name in parents:
        at = at[name]
    at[key] = value
    return study


def test_models_have_the_worlds_classes_and_jobs_its_module():
    plan = Plan(parse_study(STUDY, "s.yaml"))
    for name in ("short", "long"):
        assert plan.study.models[name].known_classes() == ["nevus", "melanoma"]
        assert plan.training.job(name)["model"]["classes"] == ["nevus", "melanoma"]
        assert "zollstock.worlds.lesions.world" in plan.training.modules([name])
    assert plan.world == "zollstock.worlds.lesions.world" in plan.paths["p"].modules
    assert plan.world in plan.locating.modules() and not plan.has_formulas
    assert "zollstock.worlds.pets.world" not in plan.paths["p"].modules


@pytest.mark.parametrize("world", known_worlds())
def test_every_world_can_be_asked_for_with_each_of_its_latents(world):
    facts = facts_of(world)
    study = STUDY | {"world": {"name": world}, "images": {"source": "renderer"}}
    study["scoring"] = {"output": facts.classes[0]}
    study["models"] = {name: {"trained_on": name} for name in facts.distributions}
    study["properties"] = {
        name: {"engine": "rendered", "latent": name, "start": low, "stop": high}
        for name, (low, high) in facts.latents.items()
    }
    assert parse_study(study, "s.yaml").world.name == world


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("world.name", "lesion", "world.name: .*lesions"),
        ("images.distribution", "dark_cats", "images.distribution: .*one of unbiased, clean"),
        ("images.classes", ["melanomas"], "images.classes: .*Did you mean 'melanoma'"),
        ("properties.p.latent", "fur_lightness", "properties.p.latent: .*one of malignancy"),
        (
            "properties.p.stop",
            1.5,
            "properties.p.stop: is 1.5; expected 0 to 1, the range",
        ),
        ("properties.p.meter", "fur_lightness", "properties.p.meter: .*one of skin_tone, pigment"),
        ("models.short.trained_on", "dark_cats", "models.short: distribution .*one of unbiased"),
        ("scoring.output", "cat", "cat"),
    ],
)
def test_what_the_world_does_not_have_is_named(place, value, message):
    with pytest.raises(ZollstockError, match=message):
        study = parse_study(study_with(place, value), "s.yaml")
        for name, model in study.models.items():
            model.check_files(f"s.yaml: models.{name}")


def test_every_world_is_one_that_settings_take():
    assert [WorldSettings(name=name).name for name in known_worlds()] == known_worlds()
