"""Making the paths that are missing, and no others."""

import os

import numpy as np
import pytest

from zollstock.engines.base import FailedPath
from zollstock.engines.produce import produce_paths
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape
from zollstock.seeds import seed_for
from zollstock.store import PathStore, iterate_paths, plan_store

SHAPE = PathShape(3, 4, 5)


class SpyEngine:
    """Noise of the seed; counts its calls."""

    version = 1

    def __init__(self):
        self.made = []
        self.extra = {}
        self.fails_at = None
        self.fails_with = KeyboardInterrupt()

    def inputs(self, image):
        return {"extra": self.extra.get(image.id, "")}

    def path(self, image, seed, step_done):
        if image.id == self.fails_at:
            step_done(3)
            raise self.fails_with
        self.made.append(image.id)
        rng = np.random.default_rng(seed)
        step_done(3)
        return EditPath(
            rng.integers(0, 256, (*SHAPE, 3), dtype=np.uint8),
            np.arange(3.0),
            rng.integers(0, 256, (*SHAPE[1:], 3), dtype=np.uint8),
        )


@pytest.fixture
def engine():
    return SpyEngine()


@pytest.fixture
def images(tmp_path):
    return [ImageRecord(name, "cat", f"sha-{name}", "x", tmp_path / name) for name in "abcd"]


@pytest.fixture
def produce(engine, tmp_path):
    root = tmp_path / "paths.zarr"

    def produce(images, settings=None, seed=(0, "fur")):
        rows = plan_store(root, SHAPE, [image.id for image in images])
        engine.made, counted = [], []
        entries = produce_paths(
            engine,
            settings or {"engine": "spy"},
            images,
            PathStore(root, writable=True),
            rows,
            seed=seed,
            frames_done=counted.append,
        )
        assert sum(counted) == 3 * len(images)
        return entries

    produce.root = root
    return produce


def chunk_times(root):
    """When each chunk was written; what describes the arrays is written by every plan."""
    files = [file for file in root.rglob("*") if file.is_file() and file.name != "zarr.json"]
    assert {PathStore(root).frames_file(row) for row in range(4)} <= set(files)
    return {file: file.stat().st_mtime_ns for file in files}


def test_all_paths_are_made_once_and_listed_with_their_checksums(produce, engine, images):
    entries = produce(images)
    assert engine.made == ["a", "b", "c", "d"]
    assert [(entry["id"], entry["row"]) for entry in entries] == list(
        zip("abcd", range(4), strict=True)
    )
    assert len({entry["fingerprint"] for entry in entries}) == 4
    found = dict(iterate_paths(PathStore(produce.root), entries))
    expected = engine.path(images[2], seed_for(0, "fur", "c"), lambda done: None)
    np.testing.assert_array_equal(found["c"].frames, expected.frames)


def test_a_second_run_makes_and_writes_nothing(produce, engine, images):
    first = produce(images)
    for file in chunk_times(produce.root):
        os.utime(file, ns=(1, 1))
    before = chunk_times(produce.root)
    assert produce(images) == first
    assert engine.made == []
    assert chunk_times(produce.root) == before


def test_only_new_images_are_made_and_the_order_does_not_matter(produce, engine, images):
    first = {entry["id"]: entry for entry in produce(images[:2])}
    entries = produce(images[::-1])
    assert engine.made == ["d", "c"]
    assert [entry["id"] for entry in entries] == ["d", "c", "b", "a"]
    assert {entry["id"]: entry for entry in entries if entry["id"] in first} == first


@pytest.mark.parametrize(
    ("change", "remade"),
    [
        ({"settings": {"engine": "spy", "strength": 2}}, "abcd"),
        ({"seed": (1, "fur")}, "abcd"),
        ({"version": 2}, "abcd"),
        ({"input": "b"}, "b"),
        ({"pixels": "c"}, "c"),
    ],
)
def test_a_path_is_made_again_when_what_it_depends_on_changes(
    produce, engine, images, monkeypatch, change, remade
):
    produce(images)
    if "version" in change:
        engine.version = change["version"]
    if "input" in change:
        engine.extra[change["input"]] = "new"
    if "pixels" in change:
        images = [
            ImageRecord(image.id, image.label, "new", image.source, image.file)
            if image.id == change["pixels"]
            else image
            for image in images
        ]
    produce(images, **{key: change[key] for key in ("settings", "seed") if key in change})
    assert engine.made == list(remade)


@pytest.mark.filterwarnings("ignore:.*cannot be read")
def test_a_harmed_path_alone_is_made_again(produce, engine, images):
    first = produce(images)
    file = PathStore(produce.root).frames_file(1)
    file.write_bytes(file.read_bytes()[:40])
    assert produce(images) == first
    assert engine.made == ["b"]


def test_after_an_interruption_the_finished_paths_stay(produce, engine, images):
    engine.fails_at = "c"
    with pytest.raises(KeyboardInterrupt):
        produce(images)
    engine.fails_at = None
    entries = produce(images)
    assert engine.made == ["c", "d"]
    assert len(list(iterate_paths(PathStore(produce.root), entries))) == 4


def test_bytes_do_not_depend_on_which_job_makes_an_image(produce, images, tmp_path):
    together = {entry["id"]: entry["checksum"] for entry in produce(images)}
    rows = plan_store(tmp_path / "split.zarr", SHAPE, [image.id for image in images])
    store = PathStore(tmp_path / "split.zarr", writable=True)
    for part in (1, 0):
        for entry in produce_paths(
            SpyEngine(),
            {"engine": "spy"},
            images[part::2],
            store,
            rows,
            seed=(0, "fur"),
            frames_done=lambda done: None,
        ):
            assert entry["checksum"] == together[entry["id"]]


def test_a_path_that_cannot_be_made_is_named_and_the_others_go_on(produce, engine, images, capsys):
    engine.fails_at, engine.fails_with = "b", FailedPath("NaN at guidance scale 3")
    entries = produce(images)
    store = PathStore(produce.root)
    assert engine.made == ["a", "c", "d"]
    assert entries[1] == {"id": "b", "row": 1, "failed": "NaN at guidance scale 3"}
    assert store.checksum(1) is None
    assert "b: failed, NaN at guidance scale 3" in capsys.readouterr().err
    assert [name for name, _ in iterate_paths(store, entries)] == ["a", "c", "d"]


def test_a_failed_path_is_tried_again_and_the_finished_are_kept(produce, engine, images):
    engine.fails_at, engine.fails_with = "b", FailedPath("black")
    produce(images)
    engine.fails_at = None
    entries = produce(images)
    assert engine.made == ["b"]
    assert all("checksum" in entry for entry in entries)
