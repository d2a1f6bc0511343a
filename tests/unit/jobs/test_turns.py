"""Classes along a closed axis: whose curves, and which frames stand beside them."""

import numpy as np
import pytest

from tests.unit.locate.stores import STEPS, path, write_paths
from zollstock.inference.predictions import Predictions, write_predictions
from zollstock.jobs.turns import MOST, turns_of
from zollstock.manifests import read_manifest, store_of
from zollstock.store import PathStore

AXIS = np.array([0.0, 90.0, 180.0, np.nan])  # the last step is not used


def said(folder, values, classes, images=("a", "b"), outputs="similarity"):
    """Write what a model says of images, (N, S, C); return the folder."""
    values = np.asarray(values, np.float32)
    still = np.zeros((len(images), len(classes)), np.float32)
    found = Predictions(
        list(images), tuple(classes), np.tile(AXIS, (len(images), 1)),
        values, values / 2, still, still, {"outputs": outputs},
    )  # fmt: skip
    write_predictions([found], folder, len(images))
    return folder


@pytest.fixture
def frames(tmp_path):
    paths = {"a": {0: path(1, AXIS[:3])}, "b": {0: path(2, AXIS[:3])}, "c": {0: "no luck"}}
    file = write_paths(tmp_path, "yaw", paths)
    return PathStore(store_of(file)), read_manifest(file)["images"]


VALUES = np.zeros((2, STEPS, 3))
VALUES[0] = [[0.1, 0.7, 0.2], [0.5, 0.1, 0.2], [0.3, 0.1, 0.2], [np.nan] * 3]
VALUES[1] = [[0.1, 0.2, 0.9], [0.1, 0.2, 0.4], [0.1, 0.2, 0.6], [np.nan] * 3]


def test_the_own_class_and_the_frames_where_it_is_highest_and_lowest(tmp_path, frames):
    folder = said(tmp_path / "m.zarr", VALUES, ("cat", "dog", "bee"))
    labels = {"a": "dog", "b": "bee", "c": "cat"}
    ((model, found),) = turns_of(["m"], [folder], *frames, labels)
    assert model == "m" and [(turn.image, turn.own) for turn in found] == [
        ("a", "dog"),
        ("b", "bee"),
    ]
    one, two = found
    assert one.axis.tolist() == [0, 90, 180]
    assert (one.extremes, two.extremes) == ((0, 1), (0, 1))
    assert one.curves["dog"] == pytest.approx([0.7, 0.1, 0.1])
    assert list(one.curves) == ["cat", "dog", "bee"]
    assert np.array_equal(one.frames, path(1, AXIS[:3]).frames[[0, 1]])
    assert np.array_equal(two.frames, path(2, AXIS[:3]).frames[[0, 1]])


def test_without_a_label_the_class_that_is_largest_on_average_is_followed(tmp_path, frames):
    folder = said(tmp_path / "m.zarr", VALUES, ("cat", "dog", "bee"), outputs="logits")
    ((_, found),) = turns_of(["m"], [folder], *frames, {"a": "", "b": "emu"})
    assert [turn.own for turn in found] == ["cat", "bee"]
    # Of a model whose outputs are no similarities these are probabilities.
    assert found[0].curves["cat"] == pytest.approx([0.05, 0.25, 0.15])


def test_of_many_classes_those_that_come_highest_are_kept_and_the_own_one(tmp_path, frames):
    many = np.tile(np.linspace(0, 1, 40), (2, STEPS, 1))
    many[:, -1] = np.nan
    names = [f"c{number}" for number in range(40)]
    folder = said(tmp_path / "m.zarr", many, names)
    ((_, found),) = turns_of(["m"], [folder], *frames, {"a": "c3", "b": "c39"})
    assert list(found[0].curves) == ["c3", *names[-MOST + 1 :]]
    assert list(found[1].curves) == names[-MOST:]


def test_one_image_a_label(tmp_path, frames):
    folder = said(tmp_path / "m.zarr", VALUES, ("cat", "dog", "bee"))
    ((_, found),) = turns_of(["m"], [folder], *frames, {"a": "dog", "b": "dog"})
    assert [turn.image for turn in found] == ["a"]
