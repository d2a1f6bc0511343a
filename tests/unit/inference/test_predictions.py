"""Predictions on disk."""

import json
from dataclasses import replace

import numpy as np
import pytest
import zarr

from zollstock.errors import ZollstockError
from zollstock.inference.predictions import (
    Predictions,
    iterate_predictions,
    joined,
    predicted_classes,
    read_predictions,
    write_predictions,
)


@pytest.fixture
def predictions():
    rng = np.random.default_rng(0)

    def draw(*shape):
        return rng.normal(size=shape).astype(np.float32)

    return Predictions(
        ["a", "b"],
        ("cat", "Hund 犬", "cow"),
        rng.normal(size=(2, 5)),
        draw(2, 5, 3),
        draw(2, 5, 3),
        draw(2, 3),
        draw(2, 3),
        {"device": "cpu", "batch_size": 4},
    )


def test_predictions_come_back_to_the_bit(tmp_path, predictions):
    for _ in range(2):  # the second replaces the first
        write_predictions([predictions], tmp_path / "p.zarr", 2)
    back = read_predictions(tmp_path / "p.zarr")
    for name, value in vars(predictions).items():
        found = getattr(back, name)
        if isinstance(value, np.ndarray):
            assert found.dtype == value.dtype
            np.testing.assert_array_equal(found, value)
        else:
            assert found == value


def test_arrays_name_their_dimensions(tmp_path, predictions):
    write_predictions([predictions], tmp_path / "p.zarr", 2)
    group = zarr.open_group(tmp_path / "p.zarr", mode="r")
    assert {name: array.metadata.dimension_names for name, array in group.arrays()} == {
        "axis": ("path", "step"),
        "logits": ("path", "step", "class"),
        "probabilities": ("path", "step", "class"),
        "unedited_logits": ("path", "class"),
        "unedited_probabilities": ("path", "class"),
        "image": ("path",),
        "draw": ("path",),
        "class": ("class",),
    }
    assert list(group["draw"][:]) == predictions.draws


@pytest.mark.parametrize("lost", ["everything", "logits", "attributes"])
def test_incomplete_predictions_are_refused(tmp_path, predictions, lost):
    root = tmp_path / "p.zarr"
    if lost != "everything":
        write_predictions([predictions], root, 2)
    if lost == "logits":
        (root / "logits/zarr.json").unlink()
    if lost == "attributes":
        metadata = json.loads((root / "zarr.json").read_text())
        (root / "zarr.json").write_text(json.dumps(metadata | {"attributes": {}}))
    with pytest.raises(ZollstockError, match="--forcerun infer") as raised:
        read_predictions(root)
    assert raised.value.where == str(root)


@pytest.fixture
def parts(predictions):
    """The two images twice, one at a time."""
    found = []
    for row, name in enumerate(["a", "b", "c", "d"]):
        arrays = {
            key: value[[row % 2]] + row
            for key, value in vars(predictions).items()
            if isinstance(value, np.ndarray)
        }
        found.append(replace(predictions, images=[name], facts={"batch_size": row}, **arrays))
    return found


@pytest.mark.parametrize("images", [1, 2, 3, 9])
def test_parts_are_written_and_read_in_blocks(tmp_path, parts, monkeypatch, images):
    of_one = parts[0].probabilities.nbytes
    monkeypatch.setattr("zollstock.inference.predictions.BLOCK_BYTES", images * of_one + 1)
    write_predictions(iter(parts), tmp_path / "p.zarr", 4)
    blocks = list(iterate_predictions(tmp_path / "p.zarr"))
    assert len(blocks) == -(-4 // images)
    assert predicted_classes(tmp_path / "p.zarr") == parts[0].classes
    back, whole = read_predictions(tmp_path / "p.zarr"), joined(parts)
    assert (back.images, back.facts) == (["a", "b", "c", "d"], {"batch_size": 3})
    for name in ("axis", "logits", "probabilities", "unedited_logits", "unedited_probabilities"):
        np.testing.assert_array_equal(getattr(back, name), getattr(whole, name))


def test_no_more_than_a_block_waits_to_be_written(tmp_path, parts, monkeypatch):
    monkeypatch.setattr("zollstock.inference.predictions.BLOCK_BYTES", 1)
    folder = tmp_path / "p.zarr.new" / "logits" / "c"
    written = []

    def watched():
        for part in parts:
            written.append(len(list(folder.glob("*"))))
            yield part

    write_predictions(watched(), tmp_path / "p.zarr", 4)
    assert written == [0, 1, 2, 3]


def test_fewer_predictions_than_paths_are_a_fault(tmp_path, parts):
    with pytest.raises(ValueError, match="3 of 4 paths"):
        write_predictions(parts[:3], tmp_path / "p.zarr", 4)
