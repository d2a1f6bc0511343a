"""The seal of predictions: whole or not, and what they were made from."""

import json
import shutil

import numpy as np
import pytest
import zarr

from zollstock.errors import ZollstockError
from zollstock.files import write_json
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


@pytest.fixture
def two_models(tmp_path):
    """Predictions of two models along one property, and their notes."""
    made = {}
    for number, model in enumerate("mn"):
        group = tmp_path / "predictions" / "fur" / f"{model}.zarr"
        rng = np.random.default_rng(number)
        values = {name: rng.random((2, 4, 3), np.float32) for name in ("logits", "probabilities")}
        values |= {f"unedited_{name}": values[name][:, 0] for name in list(values)}
        write_predictions(
            [Predictions(["a", "b"], tuple("xyz"), rng.random((2, 4)), **values)], group, 2
        )
        write_json(
            {"fur": {"checksum": checksum_of_whole(group)}}, group.parents[1] / f"{model}.json"
        )
        made[model] = group
    return made


def test_whole_predictions_of_another_model_are_noticed(two_models):
    check_seal(two_models["m"])
    shutil.rmtree(two_models["m"])
    shutil.copytree(two_models["n"], two_models["m"])
    assert checksum_of_whole(two_models["m"]) is not None
    with pytest.raises(ZollstockError, match=r"others than the model's note.*--forcerun infer"):
        read_predictions(two_models["m"])
    check_seal(two_models["n"])


def test_a_chunk_of_another_model_is_noticed(two_models):
    chunks = [next(group.glob("logits/c/*/*/*")) for group in two_models.values()]
    chunks[0].write_bytes(chunks[1].read_bytes())
    with pytest.raises(ZollstockError, match="others than were written"):
        read_predictions(two_models["m"])


def test_an_old_note_of_another_kind_raises_no_false_alarm(two_models):
    group = two_models["m"]
    write_json({"fur": {"checksum": "of the past"}}, group.parents[1] / "m.placebos.json")
    write_json({"fur": {"checksum": "of another model"}}, group.parents[1] / "m2.json")
    check_seal(group)


def test_every_named_dimension_of_predictions_has_one_size(two_models):
    """What readers such as xarray ask of a group."""
    group = zarr.open_group(two_models["m"], mode="r")
    sizes = {}
    for name, array in group.arrays():
        assert array.metadata.dimension_names, name
        for dimension, size in zip(array.metadata.dimension_names, array.shape, strict=True):
            assert sizes.setdefault(dimension, size) == size, name
    assert sizes == {"path": 2, "step": 4, "class": 3}


def test_nothing_is_left_of_predictions_that_failed(group):
    def parts():
        yield read_predictions(group)
        raise ZollstockError("weights", "differ", "others", "Run again.")

    with pytest.raises(ZollstockError, match="weights"):
        write_predictions(parts(), group, 6)
    assert [path.name for path in group.parent.iterdir()] == ["p.zarr"]
    check_seal(group)
