"""What the rules ask of models that are trained on captions."""

from tests.unit.plan.test_models import plan_of
from tests.unit.settings.test_captions import clip


def test_models_that_are_told_the_same_share_a_training():
    models = {
        "one": clip(),
        "two": clip(classes={"cat": ["a small cat"], "dog": ["a big dog"]}),
        "three": clip(captions={"epochs": 1}),
        "read": {"family": "clip", "checkpoint": "a/b", "classes": ["cat", "dog"]},
    }
    plan = plan_of(models)
    folders = {name: plan.folder_of_model(name) for name in models}
    assert folders["one"] == folders["two"] != folders["three"]
    assert len(plan.captioned.jobs) == 2
    assert plan.captioned.files_of("read") == [] and "read" not in plan.captioned.jobs
    assert f"{folders['one']}/model.safetensors" in plan.captioned.files_of("one")
    assert plan.read_model("one")["folder"] == str(folders["one"])
    # The rule that fetches has nothing to do with them.
    assert plan.fetched_model("one") == [] and plan.files_of_model("one") == []
    assert list(plan.checkpoints) == ["a--b"]
    assert plan.trained == []


def test_a_training_is_another_one_with_another_seed_or_noise():
    plans = [
        plan_of({"one": clip()}, **changes)
        for changes in ({}, {"seed": 7}, {"world": {"shape_noise": 0.1}}, {"world": {"bias": 0.5}})
    ]
    plain, seed, noise, bias = (plan.folder_of_model("one") for plan in plans)
    assert len({plain, seed, noise}) == 3
    assert bias == plain  # the distribution is not a biased one
    (digest,) = plans[0].captioned.jobs
    assert plans[0].captioned.modules(digest) == ["zollstock.worlds.pets.world"]
    assert plans[0].captioned.memory(digest) > 2000
