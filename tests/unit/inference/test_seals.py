"""The seal of predictions: whole or not, and what they were made from."""

import json

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.inference.predictions import Predictions, read_predictions, write_predictions
from zollstock.inference.seals import Origin, check_seal, checksum_of_whole, origin_of

ORIGIN = Origin("some model", 5, ("aa dog", "bb cät", "cow"))


@pytest.fixture
def group(tmp_path):
    rng = np.random.default_rng(0)
    shapes = {"logits": (3, 5, 2), "probabilities": (3, 5, 2)}
    shapes |= {"unedited_logits": (3, 2), "unedited_probabilities": (3, 2)}
    arrays = {name: rng.random(shape, np.float32) for name, shape in shapes.items()}
    found = Predictions(["dog", "cät", "cow"], ("a", "b"), rng.random((3, 5)), **arrays)
    write_predictions([found], tmp_path / "p.zarr", 3, ORIGIN)
    return tmp_path / "p.zarr"


def test_what_predictions_were_made_from_comes_back(group):
    assert origin_of(group) == ORIGIN
    check_seal(group)
    assert not group.with_name("p.zarr.new").exists()


def test_predictions_without_an_origin_are_whole_all_the_same(group):
    write_predictions([read_predictions(group)], group, 3)
    assert origin_of(group) is None
    check_seal(group)


def test_equal_predictions_have_equal_checksums(group):
    before = checksum_of_whole(group)
    write_predictions([read_predictions(group)], group, 3, ORIGIN)
    assert checksum_of_whole(group) == before


def harm(group, what):
    if what == "a chunk":
        file = next(path for path in (group / "logits/c").rglob("*") if path.is_file())
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
    elif what == "a lost chunk":
        next(path for path in (group / "axis/c").rglob("*") if path.is_file()).unlink()
    elif what == "an array's description":
        file = group / "axis/zarr.json"
        file.write_text(file.read_text().replace("float64", "float32"))
    elif what == "another file":
        (group / "more").write_text("")
    else:
        file = group / "zarr.json"
        metadata = json.loads(file.read_text())
        attributes = metadata["attributes"]
        if what == "names":
            attributes["images"] = ["cat", "cät", "cow"]
        elif what == "the origin":
            attributes["seal"]["model"] = "another"
        elif what == "no seal":
            del attributes["seal"]
        file.write_text(json.dumps(metadata) if what != "cut off" else file.read_text()[:99])


@pytest.mark.parametrize(
    "what",
    [
        *("a chunk", "a lost chunk", "an array's description", "another file"),
        *("names", "the origin", "no seal", "cut off"),
    ],
)
def test_harmed_predictions_are_noticed_by_whoever_reads_them(group, what):
    harm(group, what)
    assert checksum_of_whole(group) is None
    with pytest.raises(
        ZollstockError, match=r"others than were written.*--forcerun infer"
    ) as raised:
        read_predictions(group)
    assert raised.value.where == str(group)


def test_missing_predictions_are_named(tmp_path):
    assert origin_of(tmp_path / "p.zarr") is None
    with pytest.raises(ZollstockError, match=r"p\.zarr: is missing.*--forcerun infer"):
        check_seal(tmp_path / "p.zarr")
