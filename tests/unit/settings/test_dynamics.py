"""Models with checkpoints: what is wrong with them is said before a job runs."""

import pytest

from tests.unit.settings.test_training import study_of
from zollstock.errors import ZollstockError
from zollstock.models.checkpoints import Checkpoint
from zollstock.plan.study import Plan
from zollstock.settings import check_prerequisites

TRAINED = {"trained_on": "unbiased", "training": {"epochs": 4}}


def test_a_training_keeps_them_and_its_job_is_told(tmp_path):
    plan = Plan(study_of(TRAINED | {"checkpoints": "every 2 epochs"}))
    assert [one.epoch for one in plan.dynamics.series["m"]] == [2, 4]
    assert plan.training.job("m")["every"] == 2
    assert plan.dynamics.files("m") == [] and plan.dynamics.trained == ["m"]
    plain = Plan(study_of(TRAINED))
    assert not plain.dynamics.asked and "every" not in plain.training.job("m")
    # Nothing else of the job hangs on it.
    assert plan.training.job("m") == plain.training.job("m") | {"every": 2}


def test_of_a_users_files_the_last_one_is_the_model(tmp_path):
    for number in (2, 10, 9):
        (tmp_path / f"e{number}.pth").touch()
    model = {"checkpoints": "{data_dir}/e*.pth", "key": "ema"}
    study = study_of(model, data_dir=str(tmp_path))
    check_prerequisites(study, "file")
    plan = Plan(study)
    last = str(tmp_path / "e10.pth")
    assert plan.read_model("m")["weights"] == last and "checkpoints" not in plan.read_model("m")
    assert plan.files_of_model("m") == [last]
    assert plan.dynamics.series["m"][0] == Checkpoint("e2.pth", 2, str(tmp_path / "e2.pth"))
    assert plan.dynamics.job("m")["key"] == "ema" and plan.dynamics.trained == []
    assert len(plan.dynamics.files("m")) == 3


@pytest.mark.parametrize(
    ("model", "sections", "message"),
    [
        ({"checkpoints": "no/such_*.pth"}, {}, "matches no files.*a path with"),
        ({"checkpoints": "every epoch"}, {}, "not trained here"),
        ({"checkpoints": "every epoch", "weights": "w.pth"}, {}, "not trained here"),
        (TRAINED | {"checkpoints": "every 0 epochs"}, {}, "every 1 epochs or more"),
        (TRAINED | {"checkpoints": "r*.pth"}, {}, "has both trained_on and checkpoints"),
        (
            TRAINED | {"checkpoints": "every epoch"},
            {"dynamics": {"properties": ["fru"]}},
            "Did you mean 'fur'",
        ),
        (TRAINED, {"dynamics": {"architectures": {"A": {"random": "m"}}}}, "with `checkpoints`"),
        (TRAINED, {"dynamics": {"architectures": {"A": {}}}}, "name a model"),
        (
            TRAINED | {"checkpoints": "every epoch"},
            {"placebos": {"stop_after": 2}, "scoring": {"output": "dog"}},
            "beside placebos.stop_after",
        ),
        (
            {"family": "onnx", "weights": "w", "classes": ["a", "b"], "checkpoints": "every epoch"},
            {},
            "checkpoints",
        ),
    ],
)
def test_what_is_wrong_is_named(model, sections, message):
    with pytest.raises(ZollstockError, match=message):
        check_prerequisites(study_of(model, **sections), "file")
