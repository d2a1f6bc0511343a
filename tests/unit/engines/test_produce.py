"""Making the paths that are missing, and no others."""

import os

import numpy as np
import pytest

from zollstock.engines.base import FailedPath
from zollstock.engines.produce import path_seed, produce_draws, produce_paths
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape
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

    def produce(images, settings=None, seed=0):
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
    files = [*root.rglob("c.*"), *root.rglob("c/*")]
    assert files
    return {file: file.stat().st_mtime_ns for file in files}


def test_all_paths_are_made_once_and_listed_with_their_checksums(produce, engine, images):
    entries = produce(images)
    assert engine.made == ["a", "b", "c", "d"]
    assert [(entry["image"], entry["row"]) for entry in entries] == list(
        zip("abcd", range(4), strict=True)
    )
    assert len({entry["fingerprint"] for entry in entries}) == 4
    found = dict(iterate_paths(PathStore(produce.root), entries))
    expected = engine.path(images[2], path_seed(0, {"engine": "spy"}, "c", 0), lambda done: None)
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
    first = {entry["image"]: entry for entry in produce(images[:2])}
    entries = produce(images[::-1])
    assert engine.made == ["d", "c"]
    assert [entry["image"] for entry in entries] == ["d", "c", "b", "a"]
    assert {entry["image"]: entry for entry in entries if entry["image"] in first} == first


@pytest.mark.parametrize(
    ("change", "remade"),
    [
        ({"settings": {"engine": "spy", "strength": 2}}, "abcd"),
        ({"seed": 1}, "abcd"),
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
    together = {entry["image"]: entry["checksum"] for entry in produce(images)}
    rows = plan_store(tmp_path / "split.zarr", SHAPE, [image.id for image in images])
    store = PathStore(tmp_path / "split.zarr", writable=True)
    for part in (1, 0):
        for entry in produce_paths(
            SpyEngine(),
            {"engine": "spy"},
            images[part::2],
            store,
            rows,
            seed=0,
            frames_done=lambda done: None,
        ):
            assert entry["checksum"] == together[entry["image"]]


def test_a_path_that_cannot_be_made_is_named_and_the_others_go_on(produce, engine, images, capsys):
    engine.fails_at, engine.fails_with = "b", FailedPath("NaN at guidance scale 3")
    entries = produce(images)
    store = PathStore(produce.root)
    assert engine.made == ["a", "c", "d"]
    assert entries[1] == {"image": "b", "draw": 0, "row": 1, "failed": "NaN at guidance scale 3"}
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


SETTINGS = {"engine": "spy", "strength": 2, "stop": 3.0, "editor": {"engine": "x", "steps": 9}}


@pytest.mark.parametrize(
    "change",
    [
        {"stop": 1.0},
        {"steps": 9},
        {"dtype": "bfloat16"},
        {"editor": {"engine": "x", "steps": 3, "stop": 2}},
    ],
)
def test_a_seed_does_not_hang_on_how_far_and_how_finely_a_path_goes(change):
    assert path_seed(1, SETTINGS | change, "a", 2) == path_seed(1, SETTINGS, "a", 2)


def test_a_seed_hangs_on_what_is_drawn():
    seeds = [
        path_seed(1, SETTINGS, "a", 2),
        path_seed(2, SETTINGS, "a", 2),
        path_seed(1, SETTINGS | {"strength": 3}, "a", 2),
        path_seed(1, SETTINGS | {"editor": {"engine": "y"}}, "a", 2),
        path_seed(1, SETTINGS, "b", 2),
        path_seed(1, SETTINGS, "a", 3),
    ]
    assert len(set(seeds)) == len(seeds)
    assert path_seed(1, dict(reversed(SETTINGS.items())), "a", 2) == seeds[0]


class Together(SpyEngine):
    """Makes the paths of a call one after the other, and notes the calls."""

    def __init__(self):
        super().__init__()
        self.calls = []
        self.dies_at = None

    def paths(self, images, seeds, step_done):
        self.calls.append([(image.id, image.draw) for image in images])
        for image, seed in zip(images, seeds, strict=True):
            if (image.id, image.draw) == self.dies_at:
                raise KeyboardInterrupt
            if (image.id, image.draw) == self.fails_at:
                step_done(3)
                yield FailedPath("black")
            else:
                yield self.path(image, seed, step_done)


def draws(engine, images, root, needed, wanted=range(1, 7)):
    rows = plan_store(root, SHAPE, [image.id for image in images], wanted)
    store, counted = PathStore(root, writable=True), []
    made = produce_draws(
        engine,
        {"engine": "spy"},
        images,
        wanted,
        store,
        rows,
        seed=0,
        frames_done=counted.append,
        needed=needed,
    )
    entries = [entry for of_image in made for entry in of_image]
    return store, entries, sum(counted)


def test_draws_of_an_image_are_handed_to_the_engine_in_one_call(images, tmp_path):
    engine = Together()
    store, entries, frames = draws(engine, images[:2], tmp_path / "p.zarr", lambda *_: 6)
    assert engine.calls == [[(name, draw) for draw in range(1, 7)] for name in "ab"]
    places = [place for call in engine.calls for place in call]
    assert [(entry["image"], entry["draw"]) for entry in entries] == places
    assert frames == 12 * 3
    assert len({entry["checksum"] for entry in entries}) == 12
    for entry in entries:
        size = store.change(entry["row"], entry["image"], entry["draw"]).max()
        assert entry["size"] == pytest.approx(size, rel=1e-5)


def test_an_image_gets_as_many_draws_as_it_needs_and_no_more(images, tmp_path):
    engine, asked = Together(), []

    def needed(image, new):
        asked.append((image, [entry["draw"] for entry in new]))
        return {"a": [3, 1, 0], "b": [4, 4]}[image][sum(name == image for name, _ in asked) - 1]

    _, entries, frames = draws(engine, images[:2], tmp_path / "p.zarr", needed)
    assert [len(call) for call in engine.calls] == [3, 1, 4, 2]
    assert asked == [
        *(("a", []), ("a", [1, 2, 3]), ("a", [4])),
        *(("b", []), ("b", [1, 2, 3, 4])),
    ]
    assert [entry["draw"] for entry in entries] == [1, 2, 3, 4, 1, 2, 3, 4, 5, 6]
    assert frames == 12 * 3


def test_a_path_is_kept_as_soon_as_it_is_whole(images, tmp_path):
    engine = Together()
    engine.dies_at = ("a", 4)
    with pytest.raises(KeyboardInterrupt):
        draws(engine, images[:1], tmp_path / "p.zarr", lambda *_: 6)
    engine.dies_at, engine.fails_at = None, ("a", 5)
    _, entries, _ = draws(engine, images[:1], tmp_path / "p.zarr", lambda *_: 6)
    assert engine.calls[1] == [("a", 4), ("a", 5), ("a", 6)]
    assert [entry.get("failed") for entry in entries] == [None] * 4 + ["black", None]
