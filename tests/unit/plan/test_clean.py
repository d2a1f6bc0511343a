"""What a study uses no more, and that it goes after a yes alone."""

import json

import numpy as np
import pytest
import yaml

from zollstock.files import write_json
from zollstock.paths import EditPath, PathShape
from zollstock.plan.captioned import Captioned
from zollstock.plan.clean import main
from zollstock.plan.origin import claim
from zollstock.plan.paths import planned_paths
from zollstock.settings import parse_study
from zollstock.store import PathStore, plan_store

STUDY = {
    "study": "small",
    "images": {"source": "folder", "path": "images"},
    "properties": {"fur": {"engine": "frames", "path": "series/{image}"}},
    "models": {"mine": {"weights": "mine.pth"}},
}


def fill(store, images, draws=(0,)):
    """Write a path for each image and draw; return their entries of a manifest."""
    rows = plan_store(store, PathShape(3, 4, 4), images, draws)
    writing, entries = PathStore(store, writable=True), []
    for image, row in rows.items():
        for draw in draws:
            frames = np.full((3, 4, 4, 3), row, np.uint8)
            writing.write(row, EditPath(frames, np.arange(3.0), frames[0]), bytes(32), draw)
            entries.append({"image": image, "draw": draw, "row": row, "checksum": "00"})
    return entries


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Interventions of a study: `fur` with an image too many, and its store of other settings."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY))
    folder = tmp_path / "results" / "small" / "interventions"
    entries = fill(folder / "fur-11111111.zarr", ["a", "b"], (0, 1))
    write_json({"store": "fur-11111111.zarr", "images": entries[:3]}, folder / "fur.json")
    fill(folder / "fur-22222222.zarr", ["a", "b"])
    fill(folder / "old-33333333.zarr", ["a"])
    write_json({"store": "old-33333333.zarr", "images": []}, folder / "old.json")
    return folder


def stores(folder):
    return sorted(file.name for file in folder.glob("*.zarr"))


def whole(folder):
    store = PathStore(folder / "fur-11111111.zarr")
    return [(row, draw) for row in (0, 1) for draw in (0, 1) if store.is_done(row, bytes(32), draw)]


CHECKPOINTS = [f"models/checkpoints/{name}" for name in ("followed", "finished", "gone")]
ALL = [(0, 0), (0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize("answer", ["", "n", "no", None])
def test_without_a_yes_all_stays(folder, monkeypatch, capsys, answer):
    def says(question):
        assert "cannot be undone" in question
        if answer is None:
            raise EOFError
        return answer

    monkeypatch.setattr("builtins.input", says)
    assert main(["study.yaml"]) == 0
    said = capsys.readouterr().out
    assert "fur-11111111.zarr: 1 paths of images or draws that are used no more" in said
    assert "fur-22222222.zarr: 2 paths of other settings" in said
    assert "old.json: a manifest of no property" in said
    assert "Nothing was removed" in said
    assert len(stores(folder)) == 3
    assert whole(folder) == ALL


@pytest.mark.parametrize("arguments", [["study.yaml"], ["study.yaml", "--yes"]])
def test_after_a_yes_what_a_manifest_names_is_left(folder, monkeypatch, capsys, arguments):
    monkeypatch.setattr("builtins.input", lambda question: "y")
    before = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert main(arguments) == 0
    assert stores(folder) == ["fur-11111111.zarr"]
    assert [file.name for file in folder.glob("*.json")] == ["fur.json"]
    assert whole(folder) == ALL[:3]
    after = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert f"{(before - after) / 1000:.3g} kB removed" in capsys.readouterr().out
    assert main(arguments) == 0
    assert "Nothing to remove" in capsys.readouterr().out


def test_all_stores_of_a_property_that_is_not_finished_are_kept(folder, capsys):
    (folder / "fur.json").unlink()
    assert main(["study.yaml", "--yes"]) == 0
    # `old` may be what fur was called before.
    assert stores(folder) == ["fur-11111111.zarr", "fur-22222222.zarr", "old-33333333.zarr"]
    assert whole(folder) == ALL


def claimed(folder, *files, **changes):
    """Note that the results were made from config files, with what the command line changes."""
    told = {}
    for file in files:
        told |= yaml.safe_load((folder.parents[2] / file).read_text())
    claim(parse_study(told | changes, "x"), folder.parent, files)


def refused(capsys, folder, *arguments):
    before = stores(folder)
    assert main([*arguments, "--yes"]) == 1
    assert stores(folder) == before
    said = capsys.readouterr().err
    assert said.startswith("zollstock: ") and said.count("\n") == 1
    return said


@pytest.mark.parametrize("everything", [[], ["--all"]])
def test_another_config_of_the_same_name_removes_nothing(folder, tmp_path, capsys, everything):
    claimed(folder, "study.yaml")
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(STUDY | {"seed": 5}))
    said = refused(capsys, folder, "other.yaml", *everything)
    assert "other.yaml: says something else than what the results in results/small" in said
    assert "expected study.yaml" in said
    assert main(["study.yaml", "--yes", *everything]) == 0


def test_what_a_second_file_adds_is_kept_and_has_to_be_named(folder, tmp_path, capsys):
    more = {"properties": {"old": {"engine": "frames", "path": "old/{image}"}}}
    (tmp_path / "more.yaml").write_text(yaml.safe_dump(more))
    claimed(folder, "study.yaml", "more.yaml", properties=STUDY["properties"] | more["properties"])
    assert "expected study.yaml more.yaml" in refused(capsys, folder, "study.yaml")
    assert main(["study.yaml", "more.yaml", "--yes"]) == 0
    assert stores(folder) == ["fur-11111111.zarr", "old-33333333.zarr"]


@pytest.mark.parametrize("changed", ["file", "command line"])
def test_settings_that_no_run_has_seen_remove_nothing(folder, tmp_path, capsys, changed):
    """A property may have another name by now, or the command line gave more steps."""
    claimed(folder, "study.yaml", **({"seed": 5} if changed == "command line" else {}))
    if changed == "file":
        renamed = {"coat": STUDY["properties"]["fur"]}
        (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY | {"properties": renamed}))
    said = refused(capsys, folder, "study.yaml")
    assert "than the last run that wrote into results/small was told" in said
    assert "Run snakemake to its end first" in said
    claimed(folder, "study.yaml")
    assert main(["study.yaml", "--yes"]) == 0


def test_what_a_kill_left_half_written_is_listed(folder, capsys):
    store = folder / "fur-11111111.zarr"
    for name in ("recipe/c.0.0123456789abcdef.partial", "frames/c.0.0.0.0.0.ab.partial"):
        (store / name).parent.mkdir(exist_ok=True)
        (store / name).write_bytes(b"x")
    assert main(["study.yaml", "--yes"]) == 0
    assert "fur-11111111.zarr: 2 files that a kill cut off" in capsys.readouterr().out
    assert not list(store.rglob("*.partial"))
    assert whole(folder) == ALL[:3]


@pytest.mark.parametrize("key", ["settings", "seed"])
def test_a_manifest_of_other_settings_speaks_for_no_store(folder, capsys, key):
    """As a run leaves it that was stopped before it came to this property."""
    study = parse_study(STUDY, "x")
    told = {"settings": dict(planned_paths(study)["fur"].settings), "seed": study.seed}
    told |= {"seed": 5} if key == "seed" else {"settings": told["settings"] | {"path": "other"}}
    write_json(json.loads((folder / "fur.json").read_text()) | told, folder / "fur.json")
    assert main(["study.yaml", "--yes"]) == 0
    assert "kept  fur: its run was not finished" in capsys.readouterr().out
    assert len(stores(folder)) == 3
    assert whole(folder) == ALL


def test_a_manifest_of_these_settings_speaks_for_its_store(folder):
    study = parse_study(STUDY, "x")
    found = json.loads((folder / "fur.json").read_text())
    told = {"settings": dict(planned_paths(study)["fur"].settings), "seed": study.seed}
    write_json(found | told, folder / "fur.json")
    assert main(["study.yaml", "--yes"]) == 0
    assert stores(folder) == ["fur-11111111.zarr"]


def test_nothing_goes_while_snakemake_runs(folder, tmp_path, capsys):
    locks = tmp_path / ".snakemake" / "locks"
    locks.mkdir(parents=True)
    (locks / "0.input.lock").touch()
    assert main(["study.yaml", "--yes"]) == 1
    assert "holds the lock of a run" in capsys.readouterr().err
    assert len(stores(folder)) == 3


def test_a_config_that_is_not_there_is_named(folder, capsys):
    assert main(["none.yaml"]) == 1
    assert capsys.readouterr().err.startswith("zollstock: none.yaml: cannot be read")


def test_a_property_that_is_kept_since_it_is_not_finished_is_named(folder, capsys):
    (folder / "fur.json").unlink()
    assert main(["study.yaml", "--yes"]) == 0
    assert "kept  fur: its run was not finished; --all takes it too" in capsys.readouterr().out


@pytest.fixture
def predictions(folder):
    """Predictions of the study, and of a set of placebos and a model it has no more."""
    predictions = folder.parent / "predictions"
    for group in ("fur/mine", "fur/gone", "pictures/mine", "placebos_1234/mine"):
        (predictions / f"{group}.zarr").mkdir(parents=True)
        (predictions / f"{group}.zarr/zarr.json").write_text("{}")
    for note in ("mine", "mine.placebos", "gone", "gone.placebos"):
        write_json({}, predictions / f"{note}.json")
    return predictions


def test_predictions_of_what_is_gone_go_too(folder, predictions, capsys):
    assert main(["study.yaml", "--yes"]) == 0
    left = sorted(place.relative_to(predictions).as_posix() for place in predictions.rglob("*.*"))
    assert left == [
        *("fur/mine.zarr", "fur/mine.zarr/zarr.json", "mine.json", "mine.placebos.json"),
        *("pictures/mine.zarr", "pictures/mine.zarr/zarr.json"),
    ]
    said = capsys.readouterr().out
    assert "predictions/placebos_1234: predictions along no property of the study" in said
    assert "predictions/fur/gone.zarr: predictions of no model of the study" in said
    assert main(["study.yaml", "--yes"]) == 0
    assert "Nothing to remove" in capsys.readouterr().out


@pytest.mark.parametrize("finished", [True, False])
def test_all_goes_where_all_is_asked_for(folder, predictions, capsys, finished):
    """What Snakemake leaves after it has deleted all it made; with the manifests, if they stand."""
    if not finished:
        (folder / "fur.json").unlink()
    other = folder.parent.parent / "other" / "interventions"
    other.mkdir(parents=True)
    assert main(["study.yaml", "--all", "--yes"]) == 0
    assert not folder.exists()
    assert not predictions.exists()
    assert other.exists()
    assert main(["study.yaml", "--all"]) == 0
    assert "Nothing to remove" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, "", "{}", "[]"])
def test_a_store_whose_description_is_harmed_is_named(folder, capsys, content):
    file = folder / "fur-11111111.zarr" / "zarr.json"
    file.unlink() if content is None else file.write_text(content)
    assert main(["study.yaml", "--yes"]) == 1
    said = capsys.readouterr().err
    assert "fur-11111111.zarr/zarr.json: is missing or harmed" in said
    assert "--forcerun plan_interventions intervene make_placebos" in said
    assert len(stores(folder)) == 3


def test_tables_of_outputs_that_are_followed_no_more_go(folder, tmp_path, capsys):
    followed = {"output": ["predicted", "logit:cat"]}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY | {"scoring": followed}))
    outputs = folder.parent / "outputs"
    for name in ("logit-cat", "margin"):
        (outputs / name).mkdir(parents=True)
        (outputs / name / "summary.csv").write_text("a")
    assert main(["study.yaml", "--yes"]) == 0
    assert "outputs/margin: tables of no output of the study" in capsys.readouterr().out
    assert [place.name for place in outputs.iterdir()] == ["logit-cat"]


def test_trainings_of_no_model_of_the_study_go(folder, capsys):
    kept = folder.parent / "models" / "unfinished"
    kept.mkdir(parents=True)
    (folder.parents[2] / "study.yaml").write_text(
        yaml.safe_dump(STUDY | {"models": {"mine": {"trained_on": "unbiased"}}})
    )
    for name in ("mine.safetensors", "gone.safetensors"):
        (kept / name).write_bytes(b"x")
    assert main(["study.yaml", "--yes"]) == 0
    assert "gone.safetensors: training of no model of the study" in capsys.readouterr().out
    assert [file.name for file in kept.iterdir()] == ["mine.safetensors"]
    assert main(["study.yaml", "--all", "--yes"]) == 0
    assert not kept.exists()


def test_trainings_on_other_captions_and_kept_checkpoints_of_no_model_go(folder, capsys):
    names = {"cat": ["a cat"], "dog": ["a dog"]}
    captions = {"pictures": [{"world": "pets", "images": 64, "names": names}]}
    models = {
        "told": {"family": "clip", "classes": ["cat", "dog"], "captions": captions},
        "followed": {"trained_on": "unbiased", "checkpoints": "every epoch"},
        "finished": {"trained_on": "unbiased"},
    }
    told = STUDY | {"images": {"source": "renderer"}, "models": models, "world": {"name": "pets"}}
    told["properties"] = {"fur": {"engine": "rendered", "latent": "fur_lightness"}}
    told["scoring"] = {"output": "dog"}
    (folder.parents[2] / "study.yaml").write_text(yaml.safe_dump(told))
    [used] = Captioned(parse_study(told, "study.yaml")).jobs
    for place in (f"captioned/{used}", "captioned/0123456789ab", *CHECKPOINTS):
        (folder.parent / place).mkdir(parents=True)
    assert main(["study.yaml", "--yes"]) == 0
    said = capsys.readouterr().out
    assert "captioned/0123456789ab: a training on other captions" in said
    assert "checkpoints/finished: checkpoints of no training of the study" in said
    assert [place.name for place in (folder.parent / "captioned").iterdir()] == [used]
    (kept,) = (folder.parent / "models" / "checkpoints").iterdir()
    assert kept.name == "followed"


def test_predictions_of_repaired_models_stay_as_long_as_the_study_repairs_them(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    study = STUDY | {
        "images": {"source": "renderer"},
        "properties": {"fur": {"engine": "rendered", "latent": "fur_lightness"}},
        "models": {"m": {"trained_on": "unbiased"}},
        "repair": {"against": ["fur"], "methods": {"dfr": {}}},
    }
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study))
    folder = tmp_path / "results" / "small" / "predictions"
    for name in ("m", "m.dfr.1", "m.erm.1"):
        (folder / "fur" / f"{name}.zarr").mkdir(parents=True)
        write_json({}, folder / f"{name}.json")
        write_json({}, folder.parent / f"repair/models/{name}.unfinished/0/x.json")
    assert main(["study.yaml", "--yes"]) == 0
    (kept,) = (folder.parent / "repair/models").iterdir()
    assert kept.name == "m.dfr.1.unfinished"
    left = sorted(place.relative_to(folder).as_posix() for place in folder.rglob("*.*"))
    assert left == ["fur/m.dfr.1.zarr", "fur/m.zarr", "m.dfr.1.json", "m.json"]


def test_help_can_be_shown_in_any_locale(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert capsys.readouterr().out.isascii()
