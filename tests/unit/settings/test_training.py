"""Settings of training: short and long, and what is wrong with them before a job runs."""

import pytest

from tests.unit.models.test_training_data import photos
from zollstock.errors import ZollstockError
from zollstock.settings import check_prerequisites, parse_study

DIGITS = {"source": "dataset", "layout": "digits"}


def study_of(model, **sections):
    base = {
        "study": "s",
        "images": {"source": "renderer"},
        "properties": {"fur": {"engine": "rendered", "latent": "fur_lightness"}},
        "models": {"m": model},
    }
    return parse_study(base | sections, "file")


def test_a_model_takes_from_the_study_what_it_does_not_say():
    study = study_of(
        {"trained_on": "unbiased", "training": {"epochs": 7}}, training={"batch_size": 8}
    )
    recipe = study.models["m"].recipe(study.training)
    assert (recipe["epochs"], recipe["batch_size"], recipe["mirror"]) == (7, 8, True)
    study = study_of({"family": "lenet", "training": {"data": DIGITS, "device": "auto"}})
    recipe = study.models["m"].recipe(study.training)
    assert (recipe["device"], recipe["mirror"], recipe["epochs"]) == ("auto", False, 3)


def test_classes_are_the_labels_unless_they_are_given(tmp_path):
    photos(tmp_path, count=1, labels=("bee", "fox"))
    folder = {"source": "folder", "path": "{data_dir}"}
    for model, classes in (
        ({"family": "lenet", "training": {"data": DIGITS}}, list("0123456789")),
        ({"training": {"data": folder}}, ["bee", "fox"]),
        ({"training": {"data": folder}, "classes": ["fox", "bee"]}, ["fox", "bee"]),
        ({"trained_on": "dark_cats"}, ["cat", "dog"]),
        ({"training": {"data": {"source": "renderer"}}}, ["cat", "dog"]),
        ({"weights": "x.pth"}, ["cat", "dog"]),
        ({"family": "timm", "name": "x", "training": {"data": folder}}, ["bee", "fox"]),
    ):
        study = study_of(model, data_dir=str(tmp_path))
        assert study.models["m"].known_classes() == classes
        assert study.models["m"].job_settings()["classes"] == classes


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            {"family": "onnx", "weights": "w", "classes": ["a", "b"], "trained_on": "unbiased"},
            r"models\.m\.trained_on: is set, and models of the family onnx are not trained here.*"
            r"convmixer, lenet",
        ),
        (
            {"family": "clip", "checkpoint": "a/b", "classes": ["a", "b"], "training": {}},
            r"models\.m\.training: is set, and models of the family clip",
        ),
        (
            {"family": "exported", "weights": "w", "classes": ["a", "b"], "training": {}},
            r"models of the family exported are not trained here",
        ),
        ({"training": {"epochs": 3}}, r"models\.m\.training\.data: is missing"),
        (
            {"trained_on": "unbiased", "training": {"data": DIGITS}},
            r"models\.m: has both trained_on and training\.data",
        ),
        (
            {"weights": "x.pth", "training": {"data": DIGITS}},
            r"models\.m: has both training\.data and weights",
        ),
        ({"family": "torchvision", "name": "resnet18"}, r"models\.m\.weights: is missing"),
        (
            {"training": {"data": {"source": "digits"}}},
            r"data\.source: is 'digits'; expected one of",
        ),
        ({"training": {"data": {}}}, r"training\.data"),
        ({"training": {"data": DIGITS, "epoch": 3}}, r"Did you mean 'epochs'"),
        ({"training": {"data": DIGITS | {"layuot": 1}}}, r"Did you mean 'layout'"),
        (
            {"training": {"data": {"source": "dataset", "layout": "voc2007"}}},
            r"layout: is 'voc2007'",
        ),
    ],
)
def test_mistakes_are_one_line(model, message):
    with pytest.raises(ZollstockError, match=message):
        study_of(model)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            {"training": {"data": DIGITS}, "classes": ["cat", "dog"]},
            r"models\.m\.training\.data: has the label '0', which is no class of the model",
        ),
        (
            {"training": {"data": DIGITS}, "classes": [*"0123456789", "ten"]},
            r"models\.m\.classes: has 'ten', which is no label",
        ),
        (
            {"training": {"data": {"source": "dataset", "layout": "mnist"}}},
            r"models\.m\.training\.data\.path: is missing; expected the folder of mnist",
        ),
        (
            {"training": {"data": {"source": "folder", "path": "/away"}}},
            r"/away \(models\.m\.training\.data\.path\)",
        ),
    ],
)
def test_what_does_not_fit_is_said_before_a_job_runs(model, message):
    with pytest.raises(ZollstockError, match=message):
        check_prerequisites(study_of(model), "file")


def test_folders_are_looked_into_before_a_job_runs(tmp_path):
    model = {"training": {"data": {"source": "folder", "path": str(tmp_path)}}}
    with pytest.raises(ZollstockError, match=r"has no subfolder with pictures"):
        check_prerequisites(study_of(model), "file")
    photos(tmp_path)
    check_prerequisites(study_of(model), "file")
    photos(tmp_path, count=1, labels=("fox",))
    with pytest.raises(ZollstockError, match=r"has no picture of 'fox' to (train on|test with)"):
        check_prerequisites(study_of(model), "file")
    with pytest.raises(ZollstockError, match=r"has the label 'fox', which is no class"):
        check_prerequisites(study_of(model | {"classes": ["cat", "dog"]}), "file")


def test_of_datasets_the_digits_alone_need_no_folder():
    study_of({}, images=DIGITS, properties={"blur": {"engine": "photometric", "operation": "blur"}})
    with pytest.raises(ZollstockError, match=r"images\.path: is missing.*digits alone"):
        study_of({}, images={"source": "dataset", "layout": "svhn"})


FIRST = {"first": {"trained_on": "unbiased"}}
NEVER_TRAINED = {"family": "onnx", "weights": "w", "classes": ["a", "b"], "trained_on": "x"}
LIGHT = {"source": "renderer", "label_by": ["background_brightness", "fur_lightness"]}


def begun(start="first", **model):
    training = {"data": {"source": "renderer"}, "start_from": start} | model.pop("training", {})
    return {"training": training} | model


def test_a_model_may_begin_from_another_task_of_the_same_world():
    study = study_of(
        begun(training={"epochs": 0}), pretraining={"first": {"training": {"data": LIGHT}}}
    )
    first = study.pretraining["first"]
    assert first.known_classes() == [
        "low background_brightness low fur_lightness",
        "low background_brightness high fur_lightness",
        "high background_brightness low fur_lightness",
        "high background_brightness high fur_lightness",
    ]
    assert study.models["m"].starts_from() == "first" and first.starts_from() is None
    assert study.models["m"].recipe(study.training)["epochs"] == 0
    assert "start_from" not in study.models["m"].recipe(study.training)
    given = {"trained": {"weights": "w.pth"}}
    assert study_of(begun("trained"), pretraining=given).models["m"].starts_from() == "trained"


@pytest.mark.parametrize(
    ("model", "pretraining", "message"),
    [
        (begun("frist"), FIRST, "Did you mean 'first'"),
        (begun(arguments={"dim": 4}), FIRST, "whose arguments differ"),
        (begun(family="lenet"), FIRST, "whose family differ"),
        (begun(), {"first": begun("m")}, "leads back to 'm': m → first → m"),
        (begun("m"), {}, "leads back to 'm'"),
        (begun("M"), {"M": {"trained_on": "unbiased"}}, "is a model of the study as well"),
        ({"trained_on": "unbiased", "training": {"epochs": 0}}, {}, "is 0 without start_from"),
        (begun(), {"first": {"training": {"data": LIGHT | {"label_by": ["fur"]}}}}, "label_by"),
        (begun(), {"first": {"weights": "w", "trained_on": "unbiased"}}, "pretraining.first"),
        (begun(), {"first": NEVER_TRAINED}, "pretraining.first.trained_on"),
    ],
)  # fmt: skip
def test_what_cannot_begin_is_named(model, pretraining, message):
    with pytest.raises(ZollstockError, match=message):
        check_prerequisites(study_of(model, pretraining=pretraining), "file")
