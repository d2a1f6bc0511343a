"""What is located in: pictures and paths at a model's input size."""

import numpy as np
import pytest

from tests.unit.locate.stores import SIZE, path, write_paths
from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png
from zollstock.locate.subjects import Walk, in_order, read_subject
from zollstock.manifests import read_manifest, store_of

SEEN = Geometry((5, 4))


@pytest.fixture
def records(tmp_path):
    found = {}
    for place, name in enumerate("abc"):
        pixels = np.full((20, 16, 3), 7 * place + 3, np.uint8)
        save_png(pixels, tmp_path / "pixels" / f"{name}.png")
        file = tmp_path / "pixels" / f"{name}.png"
        found[name] = ImageRecord(name, "cat", pixel_sha256(pixels), "here", file)
    return found


def of_property(file):
    return read_manifest(file), store_of(file)


def subject(records, properties, placebos=None, number=2, geometry=SEEN, image="a"):
    placebos = {name: of_property(file) for name, file in (placebos or {}).items()}
    properties = {name: of_property(file) for name, file in properties.items()}
    return read_subject(records[image], geometry, properties, placebos, number, records)


def greys(frames):
    assert (frames == frames[:, :1, :1, :1]).all()
    return frames[:, 0, 0, 0].tolist()


def test_a_picture_comes_with_its_paths_at_the_model_s_size(records, tmp_path):
    fur = write_paths(tmp_path, "fur", {"a": {0: path(1)}, "b": {0: path(2)}})
    found = subject(records, {"fur": fur})
    assert found.picture.shape == (5, 4, 3) and (found.picture == 3).all()
    walk = found.walks["fur"]
    assert walk.frames.shape == (4, 5, 4, 3) and walk.axis.tolist() == [0, 1, 2, 3]
    assert greys(walk.frames) == greys(path(1).frames)
    assert walk.checksum == read_manifest(fur)["images"][0]["checksum"]
    assert greys(walk.thinned(2)) == [walk.start[0, 0, 0], walk.end[0, 0, 0]]
    assert greys(walk.thinned(9)) == greys(walk.frames)


def test_frames_stand_by_rising_axis_and_unused_steps_are_left_out(records, tmp_path):
    paths = {
        "mixed": path(1, (0.0, -1.0, 5.0)),
        "falling": path(2, (3.0, 1.0, 0.0)),
        "one": path(3, (1.0,)),
    }
    files = {name: write_paths(tmp_path, name, {"a": {0: one}}) for name, one in paths.items()}
    walks = subject(records, files).walks
    assert walks["mixed"].axis.tolist() == [-1, 0, 5]
    first, second, third = greys(paths["mixed"].frames)
    assert greys(walks["mixed"].frames) == [second, first, third]
    # A path that falls all along goes the way it was made.
    assert walks["falling"].axis.tolist() == [3, 1, 0]
    assert in_order(paths["falling"].axis).tolist() == [0, 1, 2]  # figures show the same ends
    assert "one" not in walks  # a single frame is no path


def test_failed_paths_and_images_without_any_are_left_out(records, tmp_path):
    fur = write_paths(tmp_path, "fur", {"a": {0: "no dog was found"}, "b": {0: path(2)}})
    found = subject(records, {"fur": fur})
    assert found.walks == {} and found.picture.shape == (5, 4, 3)
    assert subject(records, {"fur": fur}, image="c").walks == {}


def test_placebos_are_those_of_lowest_draw_beside_a_path(records, tmp_path):
    fur = write_paths(tmp_path, "fur", {"a": {0: path(1)}})
    wall = write_paths(tmp_path, "wall", {"a": {0: "failed"}})
    beside = {3: path(13), 1: "too small", 4: path(14), 2: path(12)}
    several = write_paths(tmp_path, "placebos-1", {"a": beside}, draws=(1, 2, 3, 4))
    found = subject(records, {"fur": fur, "wall": wall}, {"fur": several, "wall": several})
    assert list(found.placebos) == ["fur"]
    assert list(found.placebos["fur"]) == [2, 3]
    assert greys(found.placebos["fur"][3].frames) == greys(path(13).frames)


def test_a_model_that_takes_frames_as_they_are_gets_the_picture_at_their_size(records, tmp_path):
    fur = write_paths(tmp_path, "fur", {"a": {0: path(1)}})
    found = subject(records, {"fur": fur}, geometry=Geometry())
    assert found.picture.shape == (*SIZE, 3) == found.walks["fur"].start.shape
    assert subject(records, {}, geometry=Geometry()).picture.shape == (20, 16, 3)


def test_where_the_original_is_put_before_the_path_it_is_seen_as_it_is_alone(records, tmp_path):
    fur = write_paths(tmp_path, "fur", {"a": {0: path(1)}}, prepend_original=True)
    found = subject(records, {"fur": fur})
    assert (found.walks["fur"].start == found.picture).all()
    assert greys(found.walks["fur"].frames[1:]) == greys(path(1).frames[1:])


def test_a_harmed_path_is_named(records, tmp_path):
    fur = write_paths(tmp_path, "fur", {"a": {0: path(1)}})
    for chunk in (tmp_path / "fur-1.zarr" / "axis").glob("c.*"):
        chunk.unlink()
    for chunk in (tmp_path / "fur-1.zarr" / "axis").glob("c/**/*"):
        if chunk.is_file():
            chunk.unlink()
    with pytest.raises(ZollstockError, match="a"):
        subject(records, {"fur": fur})


def test_thinned_frames_are_each_there_once():
    frames = np.arange(3, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)
    walk = Walk(frames, np.arange(3.0), "sum")
    assert greys(walk.thinned(2)) == [0, 2]
    assert greys(walk.thinned(3)) == greys(walk.thinned(50)) == [0, 1, 2]
