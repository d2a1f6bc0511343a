"""What the rules ask of a study before a job runs."""

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from zollstock.engines.registry import MODULES
from zollstock.plan.imports import ROOT, library_files
from zollstock.plan.paths import PATH_ENVIRONMENTS
from zollstock.plan.study import Plan, gpus, lib, one_of
from zollstock.settings import parse_study
from zollstock.settings.properties import PropertySettings

DRAWN = {"engine": "rendered", "latent": "fur_lightness", "meter": "fur_lightness"}
EDITED = {
    "engine": "instruct_pix2pix",
    "checkpoint": "pets",
    "instruction": "make the fur lighter",
    "stop": 2.0,
    "meter": "fur_lightness",
}
MODEL = {"trained_on": "unbiased"}
CLASSES = get_args(get_args(PropertySettings)[0])


def plan_of(properties, **sections):
    config = {
        "study": "s",
        "images": {"source": "renderer"},
        "properties": properties,
        "models": {"m": MODEL},
    }
    return Plan(parse_study(config | sections, "file"))


def test_the_plan_needs_no_more_than_a_bare_snakemake_has():
    code = (
        "import sys, zollstock.plan.study, zollstock.plan.recording\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"numpy", "pandas", "torch", "scipy", "zarr", "PIL", "diffusers", "matplotlib", "rich"}
    assert not heavy & set(re.findall(r"'(\w+)'", run.stdout))


def test_no_rule_or_script_knows_an_engine():
    names = set(MODULES) - {"frames", "command"}  # which are words of other meanings too
    for file in [
        *ROOT.glob("rules/*.smk"),
        *ROOT.glob("workflow/scripts/*.py"),
        ROOT / "Snakefile",
    ]:
        text = file.read_text()
        assert not {name for name in names if re.search(rf"[\"']{name}[\"']", text)}, file
        assert "engine ==" not in text, file


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.model_fields["engine"].default)
def test_every_engine_answers_what_the_plan_asks(kind):
    assert kind.model_fields["engine"].default in MODULES
    assert kind.environment in PATH_ENVIRONMENTS
    # An editor has weights, a size of them for planning, and may fail on a picture.
    assert not kind.edited or (kind.may_fail and kind.parameters > 1e8)
    assert set(kind.not_frames) >= {"title", "placebo", "meter", "direction", "keeps_edges"}


def test_paths_of_properties_and_placebos_have_one_form():
    plan = plan_of({"fur": DRAWN, "edited": EDITED | {"replicates": 2}})
    drawn, edited = plan.paths["fur"], plan.paths["edited"]
    assert drawn.settings["world"] == "pets" and "title" not in drawn.settings
    assert (list(drawn.draws), list(edited.draws)) == ([0], [0, 1])
    assert (drawn.edited, edited.edited, edited.may_fail) == (False, True, True)
    assert edited.settings["dtype"] == "float32" and "replicates" not in edited.settings
    sets = [plan.paths[name] for name in plan.placebo_sets]
    assert [list(made.stands_for) for made in sets] == [["fur"], ["edited"]]
    assert [made.environment for made in sets] == ["interventions", "editors"]
    assert sets[1].checkpoint == edited.checkpoint and list(sets[1].draws) == list(range(1, 20))
    assert sets[1].meter == {"meter": sets[0].meter["meter"], "placebo": True}
    assert not sets[1].clip and not sets[1].may_fail
    assert plan.placebos_of == {"fur": sets[0].name, "edited": sets[1].name}
    assert plan.pairs == [("fur", "edited")]


def test_what_jobs_import_by_name_follows_the_engine():
    plan = plan_of(
        {"fur": DRAWN, "edited": EDITED | {"steps": "adaptive", "watch": ["m"]}},
        placebos={"stop_after": 5},
    )
    found = {name: set(paths.modules) for name, paths in plan.paths.items()}
    jobs = "zollstock.jobs."
    world = "zollstock.worlds.pets.world"
    assert found["fur"] == {MODULES["rendered"], world}
    assert found["edited"] == {MODULES["instruct_pix2pix"], jobs + "editing", jobs + "watching"}
    first, second = plan.placebo_sets
    assert found[first] == {MODULES["placebo_rendered"], world, jobs + "stopping"}
    editor = {MODULES["placebo_edited"], MODULES["instruct_pix2pix"], jobs + "editing"}
    assert found[second] == editor | {world, jobs + "stopping"}
    # Both look at models, which takes torch.
    assert {plan.paths[name].environment for name in plan.placebo_sets} == {"editors"}


def test_only_what_changes_a_frame_is_among_its_settings():
    base = plan_of({"edited": EDITED}).interventions("edited")
    same = EDITED | {"title": "t", "direction": 1, "keeps_edges": False}
    assert plan_of({"edited": same}, editing={"batch_size": 3}).interventions("edited") == base
    for change in ({"denoising_steps": 7}, {"stop": 3.0}, {"instruction": "make the fur darker"}):
        assert plan_of({"edited": EDITED | change}).interventions("edited") != base
    sage = plan_of({"edited": EDITED}, editing={"attention": "sage"}).interventions("edited")
    assert sage != base and plan_of({"fur": DRAWN}, editing={"attention": "sage"}).interventions(
        "fur"
    ) == plan_of({"fur": DRAWN}).interventions("fur")


def test_memory_follows_the_weights_and_the_attempt():
    plan = plan_of({"fur": DRAWN, "edited": EDITED})
    assert plan.memory_of_editor("fur", 1) == 3000
    assert 3000 < plan.memory_of_editor("edited", 1) < 3100  # 2.4 million numbers
    assert plan.memory_of_editor("edited", 2) > 1.99 * plan.memory_of_editor("edited", 1)
    far = EDITED | {"checkpoint": "owner/name", "revision": "a" * 40}
    absent = plan_of({"edited": far})
    assert absent.memory_of_editor("edited", 1) == 3000 + 1.25 * 3.5e9 * 4 / 1e6
    assert list(absent.checkpoints) == [f"owner--name@{'a' * 40}"]
    assert absent.checkpoint_source(f"owner--name@{'a' * 40}") == {
        "checkpoint": "owner/name",
        "revision": "a" * 40,
        "kind": "editor",
    }
    assert absent.paths["edited"].fetched().endswith("/fetched.json")
    assert plan.paths["edited"].fetched() is None


def test_the_limit_of_failures_counts_only_where_it_is_exceeded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = plan_of({"fur": DRAWN, "edited": EDITED}, editing={"max_failed": 1})
    assert "max_failed" not in plan.gathering("edited")
    folder = Path("results/s/interventions")
    folder.mkdir(parents=True)
    for name in ("edited", "fur"):
        (folder / f"{name}.json").write_text('{"failed": 1} {"failed": 2}'.replace(" 1", "1"))
    (folder / "edited.json").write_text('[{"failed":"a"},{"failed":"b"}]')
    assert plan.gathering("edited")["max_failed"] == 1
    assert "max_failed" not in plan.gathering("fur")


def test_relative_imports_of_a_users_package_count(tmp_path):
    for name, text in {
        "own/__init__.py": "from . import parts\n",
        "own/parts.py": "from .deep.er import x\n",
        "own/deep/__init__.py": "",
        "own/deep/er.py": "from ..last import y\n",
        "own/last.py": "",
        "own/unused.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = library_files(None, "own", root=tmp_path)
    assert [file.relative_to(tmp_path).as_posix() for file in found] == [
        *("own/__init__.py", "own/deep/__init__.py", "own/deep/er.py"),
        *("own/last.py", "own/parts.py"),
    ]


def test_an_editor_in_a_folder_of_the_users_is_watched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("disk/unet").mkdir(parents=True)
    Path("disk/unet/model.safetensors").touch()
    Path("editor").symlink_to("disk")
    own = plan_of({"p": EDITED | {"checkpoint": "editor"}})
    assert own.paths["p"].files() == ["editor/unet/model.safetensors"]
    assert plan_of({"p": EDITED}).paths["p"].files() == ()


@pytest.mark.parametrize("weights", ["model.safetensors", "pytorch_model.bin"])
def test_a_clip_that_measures_is_watched(tmp_path, monkeypatch, weights):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "clip" / weights
    file.parent.mkdir()
    file.write_bytes(b"old")
    texts = {"model": "clip", "source_text": "dark fur", "target_text": "light fur"}

    def told(**changes):
        return plan_of({"p": DRAWN | changes}).paths["p"].state_of_meter()

    measured = {"meter": "clip_direction", "clip": texts}
    before = told(**measured)
    assert before == told(**measured) != ""
    file.write_bytes(b"new")
    assert told(**measured) != before
    assert told() == ""


def test_files_that_a_builder_is_told_of_are_watched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("zs_built.py", "net.yaml", "a.pth", "b.pth"):
        Path(name).touch()
    told = {"config": "net.yaml", "parts": {"weights": ["a.pth", "b.pth", "c.pth", 3]}, "n": None}
    own = {"family": "zs_built:build", "arguments": told, "classes": ["a", "b"]}
    plan = plan_of({"p": DRAWN}, models={"own": own}, scoring={"output": "a"})
    code = str(tmp_path / "zs_built.py")
    assert plan.own_code("own") == [code, "net.yaml", "a.pth", "b.pth"]


def test_files_of_a_script_are_those_it_imports():
    files = {Path(file).name for file in lib("infer.py")}
    assert {"infer.py", "harness.py", "run.py"} <= files and "instruct_pix2pix.py" not in files
    assert "instruct_pix2pix.py" in {
        Path(file).name for file in lib("infer.py", MODULES["instruct_pix2pix"])
    }


def test_small_answers(monkeypatch):
    assert one_of(["a.b", "c"]) == r"a\.b|c" and one_of([]) == "(?!)"
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert [gpus(device) for device in ("auto", "cpu", "cuda")] == [0, 0, 1]
    monkeypatch.setattr("shutil.which", lambda name: "/bin/true")
    assert gpus("auto") == 1


# --- predictions ----------------------------------------------------------------


def test_one_job_a_model_predicts_edits_and_placebos_together():
    plan = plan_of({"fur": DRAWN})
    placebos = plan.placebo_sets
    assert placebos and plan.later == ""
    assert plan.predicted_along("") == ["fur", *placebos]
    assert plan.predicted(plan.later) == plan.predicted() == ["results/s/predictions/m.json"]
    assert plan.predictions(["fur"]) == ["results/s/predictions/fur/m.zarr"]


def test_placebos_that_stop_early_are_predicted_after_the_edits():
    plan = plan_of({"fur": DRAWN}, placebos={"stop_after": 3})
    assert plan.predicted_along("") == ["fur"]
    assert plan.predicted_along(plan.later) == plan.placebo_sets
    edits, placebos = plan.predicted(plan.later)
    assert plan.predicted() == [edits]
    assert placebos == "results/s/predictions/m.placebos.json"


def test_without_placebos_nothing_comes_later():
    plan = plan_of({"fur": DRAWN}, placebos={"number": 0, "stop_after": 3})
    assert plan.predicted(plan.later) == ["results/s/predictions/m.json"]


@pytest.mark.parametrize(("size", "slots"), [(10, 1), (2_000, 4)])
def test_memory_and_share_of_a_gpu_follow_a_models_weights(tmp_path, monkeypatch, size, slots):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/nvidia-smi")
    plan = plan_of({"fur": DRAWN}, images={"source": "renderer", "correctly_classified_by": ["m"]})
    before = plan.memory_of_inference("m", 1)
    assert plan.memory_of_selection(2) == 2 * before
    weights = tmp_path / "results/s/models/m.safetensors"
    weights.parent.mkdir(parents=True)
    with weights.open("wb") as file:
        file.truncate(size * 1_000_000)
    assert plan.memory_of_inference("m", 1) == before + 2.5 * size
    assert plan.memory_of_selection(1) == before + 2.5 * size
    assert plan.memory_of_import("m", 1) == before + 4 * size
    assert plan.slots_of_inference("m") == slots
    assert plan.gpu_of_selection == 1
