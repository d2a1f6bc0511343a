"""One job a model: what it has predicted is kept, and nothing else."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from zollstock.files import read_json, write_json
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png, write_table
from zollstock.inference.predictions import read_predictions
from zollstock.inference.run import Runner
from zollstock.jobs.infer import infer
from zollstock.models.card import save_model
from zollstock.models.convmixer import convmixer
from zollstock.paths import EditPath, PathShape
from zollstock.scoring.follow import chosen_of_pictures, follow_stored
from zollstock.store import PathStore, plan_store

SETTINGS = {
    "family": "convmixer",
    "arguments": {"dim": 4, "depth": 1, "kernel_size": 3, "patch_size": 4},
    "classes": ["cat", "dog"],
    "preprocessing": {
        **{"size": [8, 12], "resize": "bilinear", "fit": "stretch"},
        **{"mean": [0.5] * 3, "std": [0.5] * 3},
    },
}

PICTURES = 3 * 2
"""Frames of the study's own pictures: each is a path of one step and its unedited picture."""


class Study:
    """Stores of drawn numbers and a model, and the job on them."""

    def __init__(self, folder):
        self.folder, self.properties = folder, []
        self.code = [folder / "code.py"]
        self.code[0].write_text("pass")
        self.train(seed=0)
        rng = np.random.default_rng(9)
        self.picture({name: rng.integers(0, 256, (40, 30, 3), dtype=np.uint8) for name in "abc"})

    def picture(self, pictures):
        """Choose the pictures of the study."""
        place = self.folder / "images"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        records = []
        for name, pixels in pictures.items():
            save_png(pixels, place / f"{name}.png")
            records.append(
                ImageRecord(name, "cat", pixel_sha256(pixels), "x", place / f"{name}.png")
            )
        write_table(records, self.folder / "images.csv")

    def train(self, seed):
        torch.manual_seed(seed)
        module = convmixer(**SETTINGS["arguments"])
        self.card, self.weights = self.folder / "m.json", self.folder / "m.safetensors"
        save_model(module, SETTINGS, self.weights, self.card)

    def make(self, name, images, steps=3, failed=(), shift=0, **settings):
        """Make the paths of a property anew; equal names have equal paths."""
        if name not in self.properties:
            self.properties.append(name)
        store = self.folder / f"interventions/{name}.zarr"
        shutil.rmtree(store, ignore_errors=True)
        rows = plan_store(store, PathShape(steps, 8, 12), images)
        entries = []
        for image, row in rows.items():
            if image in failed:
                entries.append({"image": image, "draw": 0, "row": row, "failed": "black"})
                continue
            rng = np.random.default_rng([len(name), *map(ord, image), shift])
            frames = rng.integers(0, 256, (steps, 8, 12, 3), dtype=np.uint8)
            path = EditPath(frames, np.arange(float(steps)), frames[0])
            done = PathStore(store, writable=True).write(row, path, bytes(32))
            entry = {"image": image, "draw": 0, "row": row}
            entries.append(entry | {"checksum": done.hex()})
        self.write(store, entries, steps, settings)

    def write(self, store, entries, steps, settings):
        shape = {"steps": steps, "height": 8, "width": 12}
        manifest = {"images": entries, "shape": shape, "store": store.name, "settings": settings}
        write_json(manifest, store.with_suffix(".json"))

    def put(self, name, images, frames, draws=1, unedited=0, **settings):
        """Make paths of the same frames for every image and draw; one of them is unedited."""
        self.properties.append(name)
        store = self.folder / f"interventions/{name}.zarr"
        rows = plan_store(store, PathShape(len(frames), 8, 12), images, range(draws))
        entries = []
        for image, row in rows.items():
            for draw in range(draws):
                path = EditPath(frames, np.arange(float(len(frames))), frames[unedited])
                done = PathStore(store, writable=True).write(row, path, bytes(32), draw)
                entries.append({"image": image, "draw": draw, "row": row, "checksum": done.hex()})
        self.write(store, entries, len(frames), settings)

    def group(self, name):
        return self.folder / f"predictions/{name}/m.zarr"

    def run(self, **options):
        stores = [self.folder / f"interventions/{name}.zarr" for name in self.properties]
        note = self.folder / "predictions/m.json"
        note.unlink(missing_ok=True)  # as Snakemake does
        infer(
            model="m",
            manifests=[store.with_suffix(".json") for store in stores],
            predictions=[self.group(name) for name in self.properties],
            images=self.folder / "images.csv",
            pixels=self.folder / "images",
            weights=self.weights,
            card=self.card,
            code=self.code,
            note=note,
            **{
                "device": "cpu",
                "batch_size": 16,
                "precision": "float32",
                "shared": True,
                "threads": 1,
                "pictures": self.group("pictures"),
            }
            | options,
        )
        return read_json(note)


@pytest.fixture
def study(tmp_path):
    study = Study(tmp_path)
    study.make("fur", ["a", "b", "c"])
    study.make("light", ["a", "b"], steps=4)
    return study


@pytest.fixture
def seen(monkeypatch):
    """How many frames models were asked for, equal ones counted each time."""
    frames = []
    once = Runner._once

    def watched(self, path):
        frames.append(len(path))
        return once(self, path)

    monkeypatch.setattr(Runner, "_once", watched)

    def count():
        found = sum(frames)
        frames.clear()
        return found

    return count


def assert_same(one, two):
    assert (one.images, one.classes) == (two.images, two.classes)
    for name in ("axis", "logits", "probabilities", "unedited_logits", "unedited_probabilities"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def assert_as_from_nothing(study, tmp_path_factory):
    """What is there is what a run without anything kept gives."""
    fresh = Study(tmp_path_factory.mktemp("fresh"))
    shutil.copytree(study.folder / "interventions", fresh.folder / "interventions")
    fresh.properties, fresh.code = study.properties, study.code
    fresh.weights, fresh.card = study.weights, study.card
    shutil.copytree(study.folder / "images", fresh.folder / "images", dirs_exist_ok=True)
    shutil.copy(study.folder / "images.csv", fresh.folder / "images.csv")
    fresh.run()
    for name in [*study.properties, "pictures"]:
        assert_same(read_predictions(study.group(name)), read_predictions(fresh.group(name)))


def test_every_property_gets_its_predictions_and_the_note_their_checksums(study, seen):
    note = study.run()
    assert seen() == 3 * 4 + 2 * 5 + PICTURES
    assert set(note) == {"fur", "light", "pictures"}
    assert len({found["checksum"] for found in note.values()}) == 3
    assert len({found["made_by"] for found in note.values()}) == 1
    assert read_predictions(study.group("light")).logits.shape == (2, 4, 2)


def test_a_second_run_looks_at_no_frame_and_writes_the_same_note(study, seen, monkeypatch):
    note = study.run()
    seen()
    written = {path: path.stat().st_mtime_ns for path in study.group("fur").rglob("*")}
    # It is not even loaded.
    monkeypatch.setattr("zollstock.jobs.infer.load_model", None)
    assert study.run() == note
    assert seen() == 0
    assert written == {path: path.stat().st_mtime_ns for path in study.group("fur").rglob("*")}


def test_a_new_property_alone_is_predicted(study, seen, tmp_path_factory):
    before = study.run()
    seen()
    study.make("noise", ["a", "b", "c"])
    after = study.run()
    assert seen() == 3 * 4
    assert before.items() <= after.items()
    assert_as_from_nothing(study, tmp_path_factory)


def test_new_images_alone_are_predicted_whatever_the_order(study, seen, tmp_path_factory):
    study.run()
    seen()
    study.make("fur", ["d", "c", "a", "e", "b"])
    study.run()
    assert seen() == 2 * 4
    assert_as_from_nothing(study, tmp_path_factory)


def test_a_changed_path_alone_is_predicted_and_a_removed_one_goes(study, seen, tmp_path_factory):
    study.run()
    seen()
    study.make("light", ["b"], steps=4)
    study.make("fur", ["a", "b", "c"], shift=1)
    study.run()
    assert seen() == 3 * 4
    assert read_predictions(study.group("light")).images == ["b"]
    assert_as_from_nothing(study, tmp_path_factory)


def test_paths_of_another_length_are_predicted_anew(study, seen, tmp_path_factory):
    study.run()
    seen()
    study.make("fur", ["a", "b", "c"], steps=5)
    study.run()
    assert seen() == 3 * 6
    assert_as_from_nothing(study, tmp_path_factory)


def test_failed_paths_are_nan_and_cost_nothing(study, seen, tmp_path_factory):
    study.run()
    seen()
    study.make("fur", ["a", "b", "c"], failed=["b"])
    study.run()
    assert seen() == 0
    found = read_predictions(study.group("fur"))
    assert np.isnan(found.logits[1]).all() and np.isfinite(found.logits[[0, 2]]).all()
    assert_as_from_nothing(study, tmp_path_factory)


@pytest.mark.parametrize("blocks", [1, 2, 100])
def test_kept_predictions_are_read_in_blocks(study, seen, tmp_path_factory, monkeypatch, blocks):
    monkeypatch.setattr("zollstock.inference.predictions.BLOCK_PATHS", blocks)
    study.make("fur", list("abcdef"))
    study.run()
    seen()
    study.make("fur", list("fbgaced"))
    study.run()
    assert seen() == 4
    assert_as_from_nothing(study, tmp_path_factory)


def anew(study, change):
    if change == "weights":
        study.train(seed=1)
    elif change == "preprocessing":
        card = read_json(study.card)
        card["preprocessing"]["mean"] = [0.4] * 3
        write_json(card, study.card)
    elif change == "code":
        study.code[0].write_text("pass  # otherwise")


@pytest.mark.parametrize("change", ["weights", "preprocessing", "code"])
def test_another_model_or_other_code_predicts_all_again(study, seen, tmp_path_factory, change):
    study.run()
    seen()
    anew(study, change)
    study.run()
    assert seen() == 3 * 4 + 2 * 5 + PICTURES
    assert_as_from_nothing(study, tmp_path_factory)


@pytest.mark.parametrize("option", [{"precision": "bfloat16"}, {"batch_size": 2}])
def test_running_a_model_otherwise_predicts_all_again(study, seen, option):
    study.run()
    seen()
    study.run(**option)
    assert seen() == 3 * 4 + 2 * 5 + PICTURES


def test_how_well_a_model_did_in_training_and_where_code_lies_do_not_count(study, seen):
    study.run()
    seen()
    write_json(read_json(study.card) | {"history": {"loss": [1.0]}}, study.card)
    moved = study.folder / "elsewhere" / "code.py"
    moved.parent.mkdir()
    study.code = [study.code[0].rename(moved)]
    study.run()
    assert seen() == 0


@pytest.mark.parametrize("harm", ["lost", "unsealed", "changed"])
def test_harmed_predictions_are_made_again(study, seen, tmp_path_factory, harm):
    note = study.run()
    seen()
    group = study.group("fur")
    if harm == "lost":
        shutil.rmtree(group)
    elif harm == "unsealed":
        metadata = json.loads((group / "zarr.json").read_text())
        del metadata["attributes"]["seal"]
        (group / "zarr.json").write_text(json.dumps(metadata))
    else:
        file = next(path for path in (group / "logits/c").rglob("*") if path.is_file())
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert study.run() == note
    assert seen() == 3 * 4
    assert_as_from_nothing(study, tmp_path_factory)


def test_a_job_that_was_stopped_goes_on_where_it_was(study, seen, monkeypatch):
    class Stopped(Exception):
        pass

    from zollstock.jobs import infer as module

    write = module.write_predictions

    def stop(found, root, *rest):
        if "light" in str(root):
            next(found)
            raise Stopped
        write(found, root, *rest)

    monkeypatch.setattr(module, "write_predictions", stop)
    with pytest.raises(Stopped):
        study.run()
    monkeypatch.setattr(module, "write_predictions", write)
    assert not (study.folder / "predictions/m.json").exists()
    seen()
    study.run()
    assert seen() == 2 * 5 + PICTURES


def test_pictures_are_predicted_once_from_their_own_size(study, seen):
    study.run()
    seen()
    found = read_predictions(study.group("pictures"))
    assert found.images == ["a", "b", "c"] and found.probabilities.shape == (3, 1, 2)
    np.testing.assert_allclose(found.probabilities[:, 0], found.unedited_probabilities, rtol=1e-5)
    rng = np.random.default_rng(9)
    pictures = {name: rng.integers(0, 256, (40, 30, 3), dtype=np.uint8) for name in "abc"}
    study.picture(pictures | {"b": pictures["b"][::-1]})
    study.run()
    assert seen() == 2  # the changed one
    now = read_predictions(study.group("pictures"))
    changed = (now.logits != found.logits).any(axis=(1, 2))
    assert changed.tolist() == [False, True, False]
    # Where another job writes them, none are.
    shutil.rmtree(study.group("pictures"))
    assert "pictures" not in study.run(pictures=None)
    assert not study.group("pictures").exists()


def test_a_picture_before_its_frames_is_seen_from_its_own_size(study):
    """A picture of stripes is another one once it was resized twice."""
    stripes = np.zeros((40, 30, 3), np.uint8)
    stripes[::3], stripes[:, ::4] = 255, 200
    study.picture({name: stripes for name in "abc"})
    small = np.array(Image.fromarray(stripes).resize((12, 8), Image.Resampling.BICUBIC))
    frames = np.stack([small, small // 2, small // 4])
    study.put("before", ["a"], frames, prepend_original=True)
    study.put("captured", ["a"], frames, prepend_original=False)
    study.run()
    alone, before, captured = (
        read_predictions(study.group(name)) for name in ("pictures", "before", "captured")
    )
    np.testing.assert_allclose(before.logits[0, 0], alone.logits[0, 0], rtol=1e-5)
    np.testing.assert_allclose(before.unedited_logits[0], alone.logits[0, 0], rtol=1e-5)
    np.testing.assert_allclose(before.logits[0, 1:], captured.logits[0, 1:], rtol=1e-5)
    assert np.abs(captured.logits[0, 0] - alone.logits[0, 0]).max() > 1e-4


def test_the_class_of_the_picture_is_followed_on_all_draws(study, monkeypatch):
    """The picture is bright, a dog; each path's own first frame is dark, a cat."""

    def by_brightness(self, batch):
        mean = torch.tensor(batch.reshape(len(batch), -1).mean(axis=1) / 255 - 0.5)
        return torch.stack([-mean, mean], dim=1)

    monkeypatch.setattr(Runner, "_logits", by_brightness)
    study.picture({name: np.full((9, 9, 3), 250, np.uint8) for name in "abc"})
    frames = np.full((3, 8, 12, 3), 10, np.uint8)
    study.put("dark", ["a", "c"], frames, draws=2)
    study.run()
    assert chosen_of_pictures(study.group("pictures"), "predicted") == {"a": 1, "b": 1, "c": 1}
    followed = follow_stored(study.group("dark"), "predicted")
    assert followed.draws == [0, 1, 0, 1]
    assert followed.chosen.tolist() == [1] * 4
    own = read_predictions(study.group("dark"))
    np.testing.assert_array_equal(followed.series, own.probabilities[:, :, 1])
    np.testing.assert_array_equal(followed.unedited, own.unedited_probabilities[:, 1])
    assert (own.unedited_probabilities.argmax(axis=1) == 0).all()


def test_the_unedited_picture_is_that_of_the_path_and_not_its_first_frame(study):
    """A captured series whose picture is its last frame."""
    frames = np.random.default_rng(2).integers(0, 256, (4, 8, 12, 3), dtype=np.uint8)
    study.put("last", ["a"], frames, unedited=3)
    study.run()
    found = read_predictions(study.group("last"))
    np.testing.assert_allclose(found.unedited_logits[0], found.logits[0, 3], rtol=1e-5)
    assert np.abs(found.logits[0, 0] - found.logits[0, 3]).max() > 1e-4
    followed = follow_stored(study.group("last"), "cat")
    assert followed.unedited[0] == pytest.approx(followed.series[0, 3], rel=1e-5)
