"""What the rules ask of models that are trained here."""

from pathlib import Path

from tests.unit.models.test_training_data import photos
from tests.unit.plan.test_models import plan_of
from zollstock.plan.imports import ROOT
from zollstock.plan.study import lib

DIGITS = {"source": "dataset", "layout": "digits"}


def test_the_drawn_world_is_no_matter_to_models_of_other_pictures(tmp_path):
    photos(tmp_path)
    models = {
        "drawn": {"trained_on": "dark_cats"},
        "plain": {"trained_on": "unbiased"},
        "digits": {"family": "lenet", "training": {"data": DIGITS}},
        "read": {"training": {"data": {"source": "folder", "path": str(tmp_path)}}},
        "given": {"weights": "x.pth"},
    }
    plans = [plan_of(models, world={"bias": bias}) for bias in (0.9, 0.8)]
    for name in ("plain", "digits", "read"):
        assert plans[0].training.job(name) == plans[1].training.job(name)
    assert plans[0].training.job("drawn") != plans[1].training.job("drawn")
    plan = plans[0]
    assert plan.trained == ["drawn", "plain", "digits", "read"]
    assert plan.training.on_source("renderer") == ["drawn", "plain"]
    assert plan.training.distributions() == ["dark_cats", "unbiased"]
    assert len(plan.training.files(["read"])) == 60
    assert plan.training.files(["drawn", "digits"]) == []
    # Models of one world are tested with the same pictures.
    tested = plan.training.tested()
    assert tested["drawn"] == tested["plain"]
    assert [plan.reported["models"][name]["weights"] for name in ("drawn", "digits", "given")] == [
        "dark_cats", "digits", "x.pth",
    ]  # fmt: skip


def test_what_changes_no_weight_is_no_matter_to_the_job():
    model = {"trained_on": "unbiased"}
    plans = [plan_of({"m": model}, training={"test_images": n}) for n in (64, 65)]
    assert plans[0].training.job("m") == plans[1].training.job("m")
    assert plans[0].training.tested() != plans[1].training.tested()
    # Nor is the way it is written.
    long = {"training": {"data": {"source": "renderer", "images": 8192}, "epochs": 3}}
    assert plan_of({"m": long}).training.job("m") == plan_of({"m": model}).training.job("m")


def test_jobs_hang_on_the_module_of_their_data_and_on_no_other():
    plan = plan_of({"m": {"trained_on": "unbiased"}, "d": {"training": {"data": DIGITS}}})
    for name, module in (("m", "renderer"), ("d", "dataset")):
        files = {
            Path(str(file)) for file in lib("train_classifier.py", *plan.training.modules([name]))
        }
        here = ROOT / "zollstock/models/data"
        assert {file.stem for file in files if file.parent == here} == {"__init__", "base", module}
        assert (ROOT / "zollstock/worlds/pets/world.py" in files) == (name == "m")


def test_memory_follows_the_pictures():
    mnist = {"source": "dataset", "layout": "mnist", "path": "x"}
    plan = plan_of(
        {
            "d": {"training": {"data": DIGITS}},
            "m": {"training": {"data": mnist}, "preprocessing": {"size": [224, 224]}},
        }
    )
    assert plan.training.memory(["d"]) == 3000
    assert plan.training.memory(["d", "m"]) > 2 * 60000 * 224 * 224 * 3 / 1e6
