"""What the plan knows of the stage repair."""

import pytest

from zollstock.errors import ZollstockError
from zollstock.plan.study import Plan
from zollstock.settings import parse_study

OWN = {"family": "onnx", "weights": "m.onnx", "classes": ["cat", "dog"]}


def plan_of(repair=None, **settings):
    config = {
        "study": "s",
        "images": {"source": "renderer"},
        "properties": {
            "fur": {"engine": "rendered", "latent": "fur_lightness", "steps": 9},
            "light": {"engine": "rendered", "latent": "background_brightness"},
            "blur": {"engine": "photometric", "operation": "blur"},
        },
        "models": {"m": {"trained_on": "dark_cats"}, "n": {"trained_on": "unbiased"}, "o": OWN},
        **settings,
    }
    if repair is not None:
        config["repair"] = repair
    return Plan(parse_study(config, "file"))


def test_a_model_a_method_and_a_seed():
    section = {"against": ["fur"], "models": ["m"], "methods": {"dfr": {}, "erm": {}}, "seeds": 2}
    plan = plan_of(section)
    found = plan.repairing.repaired
    assert list(found) == ["m.dfr.1", "m.dfr.2", "m.erm.1", "m.erm.2"]
    assert plan.repairing.facts()["m.dfr.2"] == {"base": "m", "method": "dfr", "seed": 2}
    # The study's own tables do not know of them, and what runs a model does.
    assert plan.models == ["m", "n", "o"]
    assert plan.modules_of_models(["m.dfr.1"]) == plan.modules_of_models(["m"])
    assert plan.own_code("m.dfr.1") == [] and plan.slots_of_inference("m.dfr.1") >= 0


def test_all_that_are_trained_here_are_repaired():
    assert plan_of({"against": ["fur"]}).repairing.models == ["m", "n"]


def test_a_job_hangs_on_its_method_alone():
    section = {"against": ["fur", "blur"], "methods": {"dfr": {}, "difference": {}}}
    first, other = (
        plan_of(section | {"methods": section["methods"] | {"difference": {"weight": weight}}})
        for weight in (1, 2)
    )
    assert first.repairing.job("m.dfr.1") == other.repairing.job("m.dfr.1")
    assert first.repairing.job("m.difference.1") != other.repairing.job("m.difference.1")
    job = first.repairing.job("m.dfr.1")
    assert job["needs"] == ["paths"] and job["latents"] == ["fur_lightness"]
    # Drawn paths have as many frames as are asked for, others are thinned.
    assert job["against"]["fur"]["steps"] == 5 and job["against"]["blur"]["steps"] == 17
    assert job["data"]["distribution"] == "dark_cats"
    assert job["data"]["images"] == job["images"] + job["validation"]
    modules = first.repairing.modules("m.dfr.1")
    assert "zollstock.repair.methods.dfr" in modules
    assert "zollstock.repair.methods.difference" not in modules
    assert "zollstock.engines.pixels.photometric" in modules


def test_placebos_beside_are_those_of_the_study():
    plan = plan_of({"against": ["fur", "blur"], "frames": 4}, placebos={"latents": ["size"]})
    job = plan.repairing.job("m.difference.1")
    assert {key: one["engine"] for key, one in job["placebos"].items()} == {
        "fur": "placebo_rendered",
        "blur": "placebo_pixels",
    }
    assert job["placebos"]["fur"]["latents"] == ["size"] and job["statistic"] == "range"
    # As many frames as the edits, whatever the study's own placebos have.
    assert {one["steps"] for one in job["placebos"].values()} == {4}
    modules = plan.repairing.modules("m.dfr.1")
    assert "zollstock.engines.placebos.rendered" in modules
    assert "zollstock.engines.placebos.pixels" in modules
    none = plan_of({"against": ["fur"], "placebos": 0}).repairing
    assert none.job("m.dfr.1")["placebos"] == {}
    # Captured placebos belong to the study's images.
    captured = plan_of({"against": ["blur"]}, placebos={"series": "p/{image}/{draw}"})
    assert captured.repairing.job("m.dfr.1")["placebos"] == {}


def test_a_property_that_no_placebo_varies_trains_nothing_again():
    def job(**more):
        fur = {"engine": "rendered", "latent": "fur_lightness"}
        plan = plan_of({"against": ["fur"]}, properties={"fur": fur} | more)
        return plan.repairing.job("m.dfr.1")

    photo = {"engine": "photometric", "operation": "hue"}
    assert job(more=photo) == job()
    # A nuisance that the study tests is no placebo of it.
    assert job(more={"engine": "rendered", "latent": "background_brightness"}) != job()


def test_first_repairs_are_located_and_traced_where_the_study_is():
    section = {"against": ["fur", "blur"], "models": ["m"], "methods": {"dfr": {}}, "seeds": 2}
    plain = plan_of(section).repairing
    assert plain.mapped == plain.traced == []
    assert plain.absent == {"mapped", "repaired_units", "circuits"}
    plan = plan_of(section, locate={"properties": ["fur", "light"]}, trace={})
    found = plan.repairing
    assert found.mapped == found.traced == ["m.dfr.1"] and found.absent == set()
    assert found.before_and_after(found.mapped) == ["m", "m.dfr.1"]
    assert found.mapped_along(plan.locating.properties) == ["fur"]
    # Their jobs are those of the model that they were, and those of the study stay as they are.
    assert found.base_of("m.dfr.1") == "m" and found.base_of("n") == "n"
    assert plan.models == ["m", "n", "o"] and plan.tracing.models == ["m", "n"]
    off = plan_of(section | {"maps": False, "circuits": False}, locate={}, trace={}).repairing
    assert off.mapped == off.traced == []
    assert plan_of(None, locate={}, trace={}).repairing.mapped == []


def test_a_method_may_train_against_some_of_the_properties():
    both = {"method": "dfr", "on": "groups"}
    methods = {"alone": {"method": "group_dro", "against": ["fur"]}, "both": both}
    found = plan_of({"against": ["fur", "light"], "models": ["m"], "methods": methods}).repairing
    assert found.penalised == {"m.alone.1": ["fur"], "m.both.1": ["fur", "light"]}
    alone, both = (found.job(f"m.{name}.1") for name in methods)
    assert list(alone["against"]) == ["fur"] and alone["latents"] == ["fur_lightness"]
    assert list(both["against"]) == ["fur", "light"] and len(both["latents"]) == 2
    # Accuracy is told of the same groups for all.
    assert found.latents == both["latents"]
    assert all("against" not in one for one in alone["candidates"])
    # Pictures have to be drawn for it alone: blur is not known of any.
    section = {"against": ["fur", "blur"], "methods": {"group_dro": {"against": ["fur"]}}}
    assert plan_of(section | {"models": ["m"]}).repairing.job("m.group_dro.1")["latents"]


def test_files_that_say_where_to_look_are_the_repairs_own(tmp_path):
    (tmp_path / "a.png").touch()
    looks = {"source": "painted", "folder": str(tmp_path)}
    methods = {"rrr": {"wanted": looks}, "dfr": {}}
    found = plan_of({"against": ["fur"], "models": ["m"], "methods": methods}).repairing
    assert found.files("m.rrr.1") == [str(tmp_path / "a.png")] and found.files("m.dfr.1") == []
    assert found.explained == ["m.rrr.1"] and found.training_files("m.rrr.1") == []
    assert found.job("m.rrr.1")["wanted"] == looks | {"least": 8}
    assert found.job("m.dfr.1")["wanted"] is None
    assert "wanted" not in found.job("m.rrr.1")["candidates"][0]
    # What is written to paint on is written as well where nothing is painted yet.
    assert found.job_of_maps("m.rrr.1")["wanted"] is None
    methods["rrr"]["wanted"] = {"drawn": {"only": ["fur"]}}
    found = plan_of({"against": ["fur"], "models": ["m"], "methods": methods}).repairing
    assert found.job("m.rrr.1")["wanted"]["world"] == {"name": "pets", "size": 64}
    assert "zollstock.repair.sources.drawn" in found.modules("m.rrr.1")


def test_test_images_of_the_stage_are_for_all_models_alike():
    tested = plan_of({"against": ["fur"], "test_images": 77}).repairing.tested()
    assert {one["test_images"] for one in tested.values()} == {77}
    assert tested["m.dfr.1"] == tested["m"]


def test_what_is_drawn_begins_with_what_is_repaired_against():
    assert plan_of({"against": ["light"]}).repairing.drawn() == ["light", "fur", "blur"]
    assert plan_of({"against": ["light"], "keep": ["blur"]}).repairing.drawn() == ["light", "blur"]


def test_without_the_section_nothing_is_repaired_and_its_target_says_so():
    plan = plan_of()
    assert not plan.repairing.asked and plan.repairing.repaired == {}
    with pytest.raises(ZollstockError, match=r"repair: is no section.*repair\.against"):
        plan.repairing.check_asked()
