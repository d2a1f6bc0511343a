"""The store of paths: layout, rows, harm, crashes and two writers."""

import errno
import json
import multiprocessing
import shutil
from pathlib import Path as FilePath

import numpy as np
import pytest
import zarr
from zarr.storage import LocalStore

from zollstock.errors import ZollstockError
from zollstock.files import write_json
from zollstock.manifests import read_manifest
from zollstock.paths import EditPath, PathShape, pixel_change
from zollstock.store import (
    PathStore,
    change_checksum,
    changes_of,
    fingerprint,
    iterate_paths,
    path_checksum,
    plan_store,
)

SHAPE = PathShape(3, 6, 5)
ARRAYS = ["frames", "unedited", "axis", "change", "done"]
MADE_FROM = fingerprint({"engine": "test"})


def make_path(number, shape=SHAPE):
    rng = np.random.default_rng(number)
    steps, height, width = shape
    return EditPath(
        rng.integers(0, 256, (steps, height, width, 3), dtype=np.uint8),
        np.sort(rng.normal(size=steps)),
        rng.integers(0, 256, (height, width, 3), dtype=np.uint8),
    )


def same(one, two):
    return path_checksum(one) == path_checksum(two)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "paths.zarr"


@pytest.fixture
def filled(root):
    """A store of the images a, b and c with path 0, 1 and 2."""
    rows = plan_store(root, SHAPE, ["a", "b", "c"])
    store = PathStore(root, writable=True)
    for number, row in enumerate(rows.values()):
        store.write(row, make_path(number), MADE_FROM)
    return store


def data_files(root, array):
    return sorted((root / array).glob("c.*"))


def test_dimensions_have_names_and_each_name_one_size(filled, root):
    """What readers such as xarray ask of a group."""
    group = zarr.open_group(root, mode="r")
    names = {name: array.metadata.dimension_names for name, array in group.arrays()}
    assert names == {
        "frames": ("image", "draw", "step", "y", "x", "c"),
        "unedited": ("image", "draw", "y", "x", "c"),
        "axis": ("image", "draw", "step"),
        "change": ("image", "draw", "step"),
        "done": ("image", "draw", "byte"),
        "image": ("image",),
        "draw": ("draw",),
    }
    sizes = {}
    for name, array in group.arrays():
        for dimension, size in zip(names[name], array.shape, strict=True):
            assert sizes.setdefault(dimension, size) == size
    assert list(group["image"][:]) == ["a", "b", "c"]
    assert list(group["draw"][:]) == [0]


def test_a_chunk_is_one_path_and_one_file(filled, root):
    assert filled.frames.chunks == (1, 1, 3, 6, 5, 3)
    assert data_files(root, "frames") == [filled.frames_file(row) for row in range(3)]
    for array in ARRAYS:
        assert len(data_files(root, array)) == 3


@pytest.mark.parametrize("reader", [PathStore, lambda root: plan_store(root, SHAPE, ["a"])])
def test_a_store_of_an_earlier_layout_is_refused_in_a_line_and_kept(root, reader):
    group = zarr.create_group(root)
    group.create_array("frames", shape=(1, 3, 6, 5, 3), dtype="uint8")
    group.attrs["images"] = ["a~1"]
    with pytest.raises(ZollstockError, match="is a store of an earlier version") as raised:
        reader(root)
    assert "\n" not in str(raised.value)
    assert zarr.open_group(root, mode="r")["frames"].shape == (1, 3, 6, 5, 3)


def test_more_draws_keep_those_that_are_there_and_fewer_take_none(root):
    plan_store(root, SHAPE, ["a", "b"], range(1, 3))
    store = PathStore(root, writable=True)
    store.write(0, make_path(1), MADE_FROM, draw=2)
    store.write(1, make_path(2), MADE_FROM, draw=1)
    places = [(row, draw) for row in range(3) for draw in (1, 2)]
    for draws in (range(1, 6), range(1, 2), range(1, 6)):
        assert plan_store(root, SHAPE, ["a", "b", "c"], draws) == {"a": 0, "b": 1, "c": 2}
        store = PathStore(root, writable=True)
        assert same(store.read(0, draw=2), make_path(1))
        done = [place for place in places if store.is_done(place[0], MADE_FROM, place[1])]
        assert done == [(0, 2), (1, 1)]
    store.write(2, make_path(3), MADE_FROM, draw=5)
    assert store.is_done(2, MADE_FROM, draw=5)
    assert list(zarr.open_group(root, mode="r")["draw"][:]) == [1, 2, 3, 4, 5]
    with pytest.raises(ZollstockError, match="holds draws from 1 on; expected draws from 0 on"):
        plan_store(root, SHAPE, ["a"], range(3))
    assert PathStore(root).is_done(2, MADE_FROM, draw=5)


def test_rows_of_an_image_are_told_apart_by_what_else_its_paths_depend_on(root):
    assert plan_store(root, SHAPE, ["a", "b"], variants={"a": "x"}) == {"a": 0, "b": 1}
    assert plan_store(root, SHAPE, ["a", "b"], variants={"a": "y"}) == {"a": 2, "b": 1}
    assert plan_store(root, SHAPE, ["b", "a"], variants={"a": "x"}) == {"a": 0, "b": 1}


def test_change_is_how_far_each_frame_is_from_the_unedited_picture(filled):
    path = make_path(1)
    expected = np.abs(path.frames.astype(int) - path.unedited).mean(axis=(1, 2, 3)) / 255
    np.testing.assert_allclose(filled.change(1, "b"), expected, rtol=1e-12)


def truncate(file):
    file.write_bytes(file.read_bytes()[:-5])


def flip(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)


def empty(file):
    file.write_bytes(b"")


@pytest.mark.parametrize(
    ("array", "harm"),
    [
        *((array, harm) for array in ("axis", "change") for harm in (truncate, empty)),
        *(("change", flip), ("change", FilePath.unlink), ("axis", FilePath.unlink)),
    ],
)
def test_a_lost_or_harmed_change_is_named_by_its_image(filled, root, array, harm):
    harm(data_files(root, array)[1])
    assert len(PathStore(root).change(0, "a")) == 3
    with pytest.raises(ZollstockError, match="image b: differs from what was written"):
        PathStore(root).change(1, "b")


def test_another_paths_change_is_named_where_its_checksum_is_known(filled, root):
    known = change_checksum(filled.change(1, "b"))
    one, other, _ = data_files(root, "change")
    other.write_bytes(one.read_bytes())
    store = PathStore(root)
    with pytest.raises(ZollstockError, match="image b: differs from what was written"):
        store.change(1, "b", checksum=known)
    entries = [{"image": "b", "draw": 0, "row": 1, "change": known}]
    with pytest.raises(ZollstockError, match="image b: differs from what was written"):
        changes_of(root, entries)
    assert (
        changes_of(root, [{**entries[0], "row": 0, "change": known[::-1]} | {"failed": ""}]) == {}
    )
    # The path itself is whole: where it is looked at, its change is measured again.
    writable = PathStore(root, writable=True)
    assert [writable.is_done(row, MADE_FROM) for row in range(3)] == [True] * 3
    assert change_checksum(PathStore(root).change(1, "b")) == known


@pytest.mark.parametrize("harm", ["lost", "cut", "of other draws", "of another store"])
def test_a_lost_description_of_the_store_costs_no_path(root, tmp_path, harm):
    plan_store(root, SHAPE, ["a", "b"], variants={"a": "x"})
    plan_store(root, SHAPE, ["a", "b"], variants={"a": "y"})
    store = PathStore(root, writable=True)
    for row in range(3):
        store.write(row, make_path(row), MADE_FROM)
    other, file = tmp_path / "other.zarr", root / "zarr.json"
    plan_store(other, SHAPE, ["a", "b"], range(1, 3))
    if harm == "lost":
        file.unlink()
    elif harm == "cut":
        file.write_text(file.read_text()[:50])
    elif harm == "of other draws":
        file.write_bytes((other / "zarr.json").read_bytes())
    else:
        plan_store(other, SHAPE, ["z"], range(1, 3))
        file.write_bytes((other / "zarr.json").read_bytes())
    assert plan_store(root, SHAPE, ["a", "b", "c"], variants={"a": "y"}) == {"a": 2, "b": 1, "c": 3}
    done = [PathStore(root).is_done(row, MADE_FROM) for row in range(4)]
    assert done == [True, True, True, False]


@pytest.mark.filterwarnings("ignore:.*cannot be read")
@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("of", ["another array", "another shape"])
def test_another_description_of_an_array_is_no_fault_of_the_engine(
    filled, root, tmp_path, array, of
):
    other = tmp_path / "other.zarr"
    plan_store(other, PathShape(4, 7, 8), ["a", "b", "c"], range(5))
    following = ARRAYS[(ARRAYS.index(array) + 1) % len(ARRAYS)]
    source = root / following if of == "another array" else other / array
    (root / array / "zarr.json").write_bytes((source / "zarr.json").read_bytes())
    if (array, of) != ("axis", "another array"):  # described as `change` is
        with pytest.raises(ZollstockError, match=r"is no store of paths.*--forcerun plan_int"):
            PathStore(root, writable=True)
    plan_store(root, SHAPE, ["a", "b", "c"])
    store = PathStore(root, writable=True)
    for row in range(3):
        if not store.is_done(row, MADE_FROM):
            store.write(row, make_path(row), MADE_FROM)
        assert same(PathStore(root).read(row), make_path(row))


def test_a_store_of_another_shape_than_was_planned_is_named(filled, root):
    assert PathStore(root, shape=SHAPE._asdict()).shape == SHAPE
    with pytest.raises(ZollstockError, match=r"is no store of paths \(its frames have the shape"):
        PathStore(root, shape={**SHAPE._asdict(), "steps": 4})


@pytest.mark.parametrize("array", ["image", "draw"])
@pytest.mark.parametrize("harm", [truncate, empty, FilePath.unlink])
def test_lost_names_of_rows_and_draws_are_written_again(filled, root, array, harm):
    plan_store(root, SHAPE, ["a", "b", "c"], range(2))
    harm(root / array / "c" / "0")
    plan_store(root, SHAPE, ["a", "b", "c"])
    group = zarr.open_group(root, mode="r")
    assert list(group["image"][:]) == ["a", "b", "c"]
    assert list(group["draw"][:]) == [0, 1]


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("harm", ["cut", "lost", "other"])
def test_harmed_metadata_of_an_array_costs_no_path(filled, root, array, harm):
    file = root / array / "zarr.json"
    if harm == "lost":
        file.unlink()
    elif harm == "cut":
        file.write_text(file.read_text()[:50])
    else:
        file.write_text(file.read_text().replace("uint8", "int16").replace("float64", "float32"))
    rows = plan_store(root, SHAPE, ["a", "b", "c", "d"])
    assert rows == {"a": 0, "b": 1, "c": 2, "d": 3}
    store = PathStore(root)
    assert [store.is_done(row, MADE_FROM) for row in range(4)] == [True, True, True, False]


def test_paths_come_back_to_the_byte(filled):
    assert filled.shape == SHAPE
    for row in range(3):
        assert same(filled.read(row), make_path(row))
        assert filled.checksum(row) == path_checksum(make_path(row))
        assert filled.is_done(row, MADE_FROM)


def test_an_unwritten_row_is_not_done_and_not_a_number(root):
    plan_store(root, SHAPE, ["a"])
    store = PathStore(root)
    assert store.checksum(0) is None
    assert np.isnan(store.axis[0]).all()
    assert not store.is_done(0, bytes(32))


def test_a_black_path_is_done_although_zarr_keeps_no_bytes_of_it(root):
    plan_store(root, SHAPE, ["a"])
    black = EditPath(np.zeros((3, 6, 5, 3), np.uint8), np.zeros(3), np.zeros((6, 5, 3), np.uint8))
    store = PathStore(root, writable=True)
    store.write(0, black, MADE_FROM)
    assert store.is_done(0, MADE_FROM)
    assert same(PathStore(root).read(0), black)


def test_checksum_covers_every_part_of_a_path():
    path = make_path(0)
    for name in ("frames", "axis", "unedited"):
        array = getattr(path, name).copy()
        array.flat[-1] += 1
        assert not same(path, EditPath(**{**vars(path), name: array}))


def test_fingerprint_does_not_depend_on_the_order_of_keys():
    assert fingerprint({"a": 1, "b": {"c": 2, "d": 3}}) == fingerprint(
        {"b": {"d": 3, "c": 2}, "a": 1}
    )
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (["a", "b", "c"], {"a": 0, "b": 1, "c": 2}),
        (["c", "a", "b"], {"a": 0, "b": 1, "c": 2}),
        (["d", "a", "b", "c"], {"a": 0, "b": 1, "c": 2, "d": 3}),
        (["a", "c"], {"a": 0, "c": 2}),
        (["c", "d", "a"], {"a": 0, "c": 2, "d": 3}),
    ],
)
def test_images_keep_their_rows_and_find_their_paths_when_they_return(
    filled, root, images, expected
):
    assert plan_store(root, SHAPE, images) == expected
    for names in (images, ["a"], ["a", "b", "c"]):
        rows = plan_store(root, SHAPE, names)
        store = PathStore(root)
        assert [store.is_done(row, MADE_FROM) for row in range(3)] == [True] * 3
        assert not any(store.is_done(row, MADE_FROM) for row in rows.values() if row > 2)
    for number in range(3):
        assert same(store.read(number), make_path(number))


@pytest.mark.parametrize("shape", [PathShape(4, 6, 5), PathShape(3, 5, 6)])
def test_a_store_of_another_shape_is_refused_and_kept(filled, root, shape):
    with pytest.raises(ZollstockError, match="holds paths of 3 steps and 6×5 pixels"):
        plan_store(root, shape, ["a", "b"])
    assert all(PathStore(root).is_done(row, MADE_FROM) for row in range(3))


@pytest.mark.parametrize("where", ["zarr.json", "frames/zarr.json", "done/zarr.json"])
@pytest.mark.parametrize("content", ["", "{}", "[]", "null", "{"])
def test_harmed_metadata_are_an_error_and_planning_mends_them(filled, root, where, content):
    (root / where).write_text(content)
    if (where, content) != ("zarr.json", "{}"):  # what Zarr takes for a group without attributes
        with pytest.raises(ZollstockError, match="is no store of paths"):
            PathStore(root)
    assert plan_store(root, SHAPE, ["c", "x", "a"]) == {"c": 2, "x": 3, "a": 0}
    assert [PathStore(root).is_done(row, MADE_FROM) for row in range(4)] == [True] * 3 + [False]


def test_a_missing_store_is_an_error(root):
    with pytest.raises(ZollstockError, match="is no store of paths"):
        PathStore(root)


@pytest.mark.filterwarnings("ignore:.*cannot be read")
@pytest.mark.parametrize("harm", [truncate, flip, empty, FilePath.unlink])
@pytest.mark.parametrize("array", ARRAYS)
def test_harm_to_any_file_makes_its_row_alone_not_done(filled, root, array, harm):
    harm(data_files(root, array)[1])
    store = PathStore(root, writable=True)
    lost = (array, harm) == ("change", FilePath.unlink)  # it is measured again
    assert [store.is_done(row, MADE_FROM) for row in range(3)] == [True, lost, True]
    store.write(1, make_path(1), MADE_FROM)
    assert store.is_done(1, MADE_FROM)


def test_another_fingerprint_is_not_done(filled):
    assert not filled.is_done(0, fingerprint({"engine": "other"}))


@pytest.mark.parametrize("harm", [truncate, flip, empty, FilePath.unlink])
@pytest.mark.parametrize("array", ["frames", "unedited", "axis"])
def test_a_harmed_path_is_named_by_its_image_when_read(filled, root, array, harm):
    entries = [
        {"image": name, "draw": 0, "row": row, "checksum": filled.checksum(row).hex()}
        for row, name in enumerate("abc")
    ]
    assert [name for name, _ in iterate_paths(filled, entries)] == ["a", "b", "c"]
    harm(data_files(root, array)[1])
    paths = iterate_paths(PathStore(root), entries)
    name, path = next(paths)
    assert name == "a"
    assert same(path, make_path(0))
    with pytest.raises(ZollstockError, match="image b: differs from what was written"):
        next(paths)


@pytest.mark.parametrize(
    "change",
    [
        {"frames": np.zeros((2, 6, 5, 3), np.uint8)},
        {"frames": np.zeros((3, 6, 5, 3), np.float32)},
        {"axis": np.zeros(2)},
        {"axis": np.zeros(3, np.int64)},
        {"unedited": np.zeros((1, 5, 3), np.uint8)},
    ],
)
def test_what_an_engine_makes_wrongly_is_refused_and_harms_nothing(filled, change):
    with pytest.raises(ZollstockError, match=f"got {next(iter(change))} of shape"):
        filled.write(1, EditPath(**{**vars(make_path(5)), **change}), MADE_FROM)
    assert filled.is_done(1, MADE_FROM)


class Killed(BaseException):
    """Ends a write like a signal would."""


@pytest.mark.filterwarnings("ignore:.*cannot be read")
def test_a_kill_at_any_point_of_a_write_leaves_a_row_that_is_made_again(filled, root, monkeypatch):
    operations = []
    plain = {name: getattr(LocalStore, name) for name in ("set", "delete")}
    die_after = [None]

    def watched(name):
        async def run(self, *args, **options):
            if die_after[0] is not None and len(operations) == die_after[0]:
                raise Killed
            operations.append(name)
            return await plain[name](self, *args, **options)

        return run

    for name in plain:
        monkeypatch.setattr(LocalStore, name, watched(name))
    new = fingerprint({"engine": "new"})
    store = PathStore(root, writable=True)
    store.write(0, make_path(10), new)
    needed = len(operations)
    assert needed >= 6
    for point in range(needed):
        store.write(1, make_path(1), MADE_FROM)
        operations.clear()
        die_after[0] = point
        with pytest.raises(Killed):
            store.write(1, make_path(11), new)
        die_after[0] = None
        again = PathStore(root, writable=True)
        assert not again.is_done(1, new)
        # Whatever the row says is done must be what was made for it.
        if again.is_done(1, MADE_FROM):
            assert same(again.read(1), make_path(1))
        again.write(1, make_path(11), new)
        assert again.is_done(1, new)
        assert same(PathStore(root).read(1), make_path(11))
        assert again.is_done(0, new)
        assert again.is_done(2, MADE_FROM)


def test_a_kill_while_images_are_added_keeps_paths_and_shows_none_as_new(filled, root, monkeypatch):
    from zarr.core.attributes import Attributes

    def die(self, *values):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Attributes, "update", die)
        plan_store(root, SHAPE, ["a", "d", "c", "e"])
    rows = plan_store(root, SHAPE, ["a", "d", "c", "e"])
    store = PathStore(root)
    done = {name for name, row in rows.items() if store.is_done(row, MADE_FROM)}
    assert done == {"a", "c"}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_the_users_error_and_keeps_finished_paths(filled, root, monkeypatch, code):
    async def full(self, *args, **options):
        raise OSError(code, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "set", full)
        with pytest.raises(ZollstockError, match="No space left") as raised:
            filled.write(1, make_path(8), MADE_FROM)
    assert "finished images are kept" in raised.value.fix
    store = PathStore(root)
    assert [store.is_done(row, MADE_FROM) for row in range(3)] == [True, False, True]


def write_rows(root, rows, barrier):
    store = PathStore(root, writable=True)
    barrier.wait()
    for row in rows:
        store.write(row, make_path(row), MADE_FROM)


def test_two_processes_on_different_rows_lose_nothing(root):
    plan_store(root, SHAPE, [f"image{row}" for row in range(12)])
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    writers = [
        context.Process(target=write_rows, args=(root, range(part, 12, 2), barrier))
        for part in range(2)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    store = PathStore(root)
    for row in range(12):
        assert store.is_done(row, MADE_FROM)
        assert same(store.read(row), make_path(row))


def test_images_of_a_store_are_readable_json(filled, root):
    assert json.loads((root / "zarr.json").read_text())["attributes"]["images"] == ["a", "b", "c"]


def test_a_shorter_path_keeps_its_length(tmp_path):
    """Adaptive paths have as many steps as they need; the rest of the row stays empty."""
    root = tmp_path / "short.zarr"
    plan_store(root, PathShape(5, 4, 6), ["a"])
    store = PathStore(root, writable=True)
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (3, 4, 6, 3), dtype=np.uint8)
    path = EditPath(frames, np.array([0.0, 0.25, 1.0]), frames[0])
    done = store.write(0, path, b"x" * 32)
    assert store.is_done(0, b"x" * 32)
    again = store.read_checked(0, "a", done.hex())
    np.testing.assert_array_equal(again.frames, path.frames)
    np.testing.assert_array_equal(again.axis, path.axis)
    assert np.isnan(np.asarray(store.axis[0])[3:]).all()


def test_a_longer_path_than_the_store_is_refused(tmp_path):
    root = tmp_path / "long.zarr"
    plan_store(root, PathShape(2, 4, 6), ["a"])
    frames = np.zeros((3, 4, 6, 3), np.uint8)
    with pytest.raises(ZollstockError, match="got frames of shape"):
        PathStore(root, writable=True).write(
            0, EditPath(frames, np.arange(3.0), frames[0]), bytes(32)
        )


@pytest.mark.parametrize("kind", ["from the first frame", "without a change"])
def test_a_store_of_an_earlier_version_keeps_its_paths_and_is_measured_again(root, kind):
    """Changes once counted from the first frame; now they do from the unedited picture."""
    rows = plan_store(root, SHAPE, ["a", "b"])
    store = PathStore(root, writable=True)
    done = [store.write(row, make_path(row), MADE_FROM) for row in rows.values()]
    group = zarr.open_group(root, mode="r+")
    if kind == "from the first frame":
        for row in rows.values():
            frames = make_path(row).frames
            group["change"][row, 0] = pixel_change(frames, frames[0])
    else:
        del group["change"]
    files = [store.frames_file(row) for row in rows.values()]
    written = [file.stat().st_mtime_ns for file in files]
    assert plan_store(root, SHAPE, ["a", "b"]) == rows
    again = PathStore(root, writable=True)
    for row, checksum in zip(rows.values(), done, strict=True):
        assert again.is_done(row, MADE_FROM)
        assert again.checksum(row) == checksum
        assert same(again.read(row), make_path(row))
        path = make_path(row)
        np.testing.assert_allclose(again.change(row, "a"), pixel_change(path.frames, path.unedited))
    assert [file.stat().st_mtime_ns for file in files] == written


def test_a_manifest_of_another_property_is_named(tmp_path):
    for name in ("fur", "noise"):
        write_json({"property": name, "store": "x.zarr"}, tmp_path / f"{name}.json")
    assert read_manifest(tmp_path / "fur.json")["property"] == "fur"
    shutil.copy(tmp_path / "noise.json", tmp_path / "fur.json")
    with pytest.raises(ZollstockError, match=r"fur\.json: is the manifest of 'noise'.*intervene"):
        read_manifest(tmp_path / "fur.json")
