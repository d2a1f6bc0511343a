"""Frames at the size a model takes."""

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.inference.inputs import checked_inputs
from zollstock.paths import EditPath, PathShape
from zollstock.store import PathStore, plan_store


@pytest.fixture
def manifest(tmp_path):
    """A store of two paths of four frames, and the manifest that lists b before a."""
    root = tmp_path / "paths.zarr"
    rows = plan_store(root, PathShape(4, 10, 12), ["a", "b"])
    store = PathStore(root, writable=True)
    rng = np.random.default_rng(0)
    for row in rows.values():
        frames = rng.integers(0, 256, (5, 10, 12, 3), dtype=np.uint8)
        store.write(row, EditPath(frames[:-1], np.arange(4.0) + row, frames[-1]), bytes(32))
    images = [
        {"image": name, "draw": 0, "row": rows[name], "checksum": store.checksum(rows[name]).hex()}
        for name in "ba"
    ]
    return {"images": images}


def test_paths_come_in_manifest_order_resized_with_the_unedited_image_last(tmp_path, manifest):
    geometry = Geometry((6, 7), "bilinear", "crop")
    found = list(checked_inputs(tmp_path / "paths.zarr", manifest, geometry))
    assert [item.image for item in found] == ["b", "a"]
    store = PathStore(tmp_path / "paths.zarr")
    for item, row in zip(found, (1, 0), strict=True):
        path = store.read(row)
        assert item.frames.shape == (5, 6, 7, 3)
        np.testing.assert_array_equal(item.frames[:-1], geometry.apply(path.frames))
        np.testing.assert_array_equal(item.frames[-1:], geometry.apply(path.unedited[None]))
        np.testing.assert_array_equal(item.axis, path.axis)


def test_a_harmed_path_is_found_before_a_model_sees_it(tmp_path, manifest):
    file = PathStore(tmp_path / "paths.zarr").frames_file(0)
    file.write_bytes(file.read_bytes()[:-9])
    found = checked_inputs(tmp_path / "paths.zarr", manifest, Geometry())
    assert next(found).image == "b"
    with pytest.raises(ZollstockError, match="image a: differs"):
        next(found)


def test_threads_resize_the_same_frames(tmp_path, manifest):
    geometry = Geometry((6, 7), "bicubic", "crop")
    alone, shared = (
        list(checked_inputs(tmp_path / "paths.zarr", manifest, geometry, threads))
        for threads in (1, 3)
    )
    for one, two in zip(alone, shared, strict=True):
        np.testing.assert_array_equal(one.frames, two.frames)


def test_short_and_failed_paths_keep_their_place(tmp_path):
    root = tmp_path / "ragged.zarr"
    plan_store(root, PathShape(4, 10, 12), ["a", "b"])
    store = PathStore(root, writable=True)
    frames = np.full((2, 10, 12, 3), 7, np.uint8)
    done = store.write(0, EditPath(frames, np.array([0.0, 1.0]), frames[1]), bytes(32))
    entries = [
        {"image": "a", "draw": 0, "row": 0, "checksum": done.hex()},
        {"image": "b", "draw": 0, "row": 1, "failed": "black"},
    ]
    short, failed = checked_inputs(root, {"images": entries}, Geometry((5, 6)))
    assert short.frames.shape == failed.frames.shape == (5, 5, 6, 3)
    np.testing.assert_array_equal(short.axis, [0, 1, np.nan, np.nan])
    assert (short.frames[[0, 1, 4]] == 7).all() and not short.frames[2:4].any()
    assert np.isnan(failed.axis).all()
