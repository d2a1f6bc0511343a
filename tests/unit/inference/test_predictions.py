"""Predictions on disk."""

import json

import numpy as np
import pytest
import zarr

from zollstock.errors import ZollstockError
from zollstock.inference.predictions import Predictions, read_predictions, write_predictions


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
        write_predictions(predictions, tmp_path / "p.zarr")
    back = read_predictions(tmp_path / "p.zarr")
    for name, value in vars(predictions).items():
        found = getattr(back, name)
        if isinstance(value, np.ndarray):
            assert found.dtype == value.dtype
            np.testing.assert_array_equal(found, value)
        else:
            assert found == value


def test_arrays_name_their_dimensions(tmp_path, predictions):
    write_predictions(predictions, tmp_path / "p.zarr")
    group = zarr.open_group(tmp_path / "p.zarr", mode="r")
    assert {name: array.metadata.dimension_names for name, array in group.arrays()} == {
        "axis": ("image", "step"),
        "logits": ("image", "step", "class"),
        "probabilities": ("image", "step", "class"),
        "unedited_logits": ("image", "class"),
        "unedited_probabilities": ("image", "class"),
    }


@pytest.mark.parametrize("lost", ["everything", "logits", "attributes"])
def test_incomplete_predictions_are_refused(tmp_path, predictions, lost):
    root = tmp_path / "p.zarr"
    if lost != "everything":
        write_predictions(predictions, root)
    if lost == "logits":
        (root / "logits/zarr.json").unlink()
    if lost == "attributes":
        metadata = json.loads((root / "zarr.json").read_text())
        (root / "zarr.json").write_text(json.dumps(metadata | {"attributes": {}}))
    with pytest.raises(ZollstockError, match="holds no predictions") as raised:
        read_predictions(root)
    assert raised.value.where == str(root)
