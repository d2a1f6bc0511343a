"""Weights that a user hands in."""

import json
import os
import pickle

import pytest
import safetensors.torch
import torch

from zollstock.errors import ZollstockError
from zollstock.models.weights import read_weights


@pytest.fixture
def state():
    return {"layer.weight": torch.arange(6.0).reshape(2, 3), "layer.bias": torch.ones(2)}


def equal(one, two):
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in two)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    ("wrap", "names"),
    [
        (lambda state: state, [""]),
        (lambda state: {"state_dict": state, "epoch": 3}, ["state_dict"]),
        (lambda state: {"model": state, "optimizer": {"lr": 0.1}}, ["model"]),
        (
            lambda state: {"model": state, "model_ema": {"module": state}},
            ["model", "model_ema.module"],
        ),
        (
            lambda state: {"model": state, "optimizer": {"state": {0: {"m": state["layer.bias"]}}}},
            ["model"],
        ),
        (lambda state: state | {"epoch": 3, "note": "a text"}, [""]),
        (lambda state: {"model": state, "rng_state": torch.zeros(8)}, ["model"]),
        (lambda state: {"odd name": {"deeper": state}, "also": "a text"}, ["odd name.deeper"]),
    ],
)
def test_every_set_of_weights_is_found_and_named(tmp_path, state, wrap, names, zipped):
    file = tmp_path / "w.pth"
    torch.save(wrap(state), file, _use_new_zipfile_serialization=zipped)
    found = read_weights(file)
    assert list(found) == names
    assert all(equal(found[name], state) for name in names)


def test_safetensors_are_read(tmp_path, state):
    safetensors.torch.save_file(state, tmp_path / "w.safetensors")
    assert equal(read_weights(tmp_path / "w.safetensors")[""], state)


@pytest.mark.parametrize(
    ("content", "held"),
    [
        ({"epoch": 3}, r"dict \('epoch': int\)"),
        ([4, {"a": torch.ones(2)}], r"list \(int, dict \('a': Tensor\)\)"),
        (torch.ones(2), "Tensor"),
        ({}, "an empty dict"),
        ({0: {"a": torch.ones(1)}}, r"dict \(0: dict"),
        (dict.fromkeys("abcdef", 1), r"'c': int and 3 others\)"),
    ],
)
def test_what_is_no_state_dict_is_refused_and_told(tmp_path, content, held):
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(ZollstockError, match=rf"is no checkpoint \(holds .*{held}"):
        read_weights(tmp_path / "w.pth")


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
def test_a_missing_file_and_a_folder_are_refused(tmp_path, name):
    with pytest.raises(ZollstockError, match="is missing"):
        read_weights(tmp_path / name)
    (tmp_path / name).mkdir()
    with pytest.raises(ZollstockError, match="is missing"):
        read_weights(tmp_path / name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
def test_a_file_truncated_anywhere_is_refused(tmp_path, state, kind):
    file = tmp_path / ("w.safetensors" if kind == "safetensors" else "w.pth")
    if kind == "safetensors":
        safetensors.torch.save_file(state, file)
    else:
        torch.save(state, file, _use_new_zipfile_serialization=kind == "zip")
    whole = file.read_bytes()
    for length in [0, 1, 5, *range(10, len(whole) - 1, 13), len(whole) - 1]:
        file.write_bytes(whole[:length])
        with pytest.raises(ZollstockError) as raised:
            read_weights(file)
        assert raised.value.where == str(file)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("first", range(0, 256, 5))
def test_a_text_is_refused_whatever_it_begins_with(tmp_path, first):
    file = tmp_path / "w.pth"
    file.write_bytes(bytes([first]) + b"ello\nworld\n")
    with pytest.raises(ZollstockError):
        read_weights(file)


def test_a_text_is_no_checkpoint(tmp_path):
    for name in ("w.pth", "w.safetensors"):
        (tmp_path / name).write_text("version https://git-lfs.github.com/spec/v1\n")
        with pytest.raises(ZollstockError, match="is no checkpoint"):
            read_weights(tmp_path / name)


class Payload:
    """Makes a folder when unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["zip", "legacy", "plain pickle"])
def test_code_in_a_checkpoint_is_never_run(tmp_path, state, kind):
    file, mark = tmp_path / "evil.pth", tmp_path / "it-ran"
    content = state | {"payload": Payload(mark)}
    if kind == "plain pickle":
        file.write_bytes(pickle.dumps(content, protocol=2))
    else:
        torch.save(content, file, _use_new_zipfile_serialization=kind == "zip")
    with pytest.raises(ZollstockError, match="would run code when loaded"):
        read_weights(file)
    assert not mark.exists()
    # The payload does work where it is trusted, so the check above means something.
    if kind == "plain pickle":
        pickle.loads(file.read_bytes())
    else:
        torch.load(file, weights_only=False)
    assert mark.exists()


def test_a_whole_pickled_module_is_refused(tmp_path):
    torch.save(torch.nn.Linear(2, 2), tmp_path / "w.pth")
    with pytest.raises(ZollstockError, match="would run code"):
        read_weights(tmp_path / "w.pth")


def test_weights_in_several_files_are_read_by_their_index(tmp_path):
    state = {"a": torch.ones(2), "b": torch.zeros(3)}
    for name, value in state.items():
        safetensors.torch.save_file({name: value}, tmp_path / f"{name}.safetensors")
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {name: f"{name}.safetensors" for name in state}}))
    found = read_weights(index)
    assert found.keys() == {""}
    assert all(torch.equal(found[""][name], value) for name, value in state.items())
    (tmp_path / "b.safetensors").unlink()
    with pytest.raises(ZollstockError, match=r"b\.safetensors: is missing"):
        read_weights(index)


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"weight_map": {}}', '{"weight_map": {"a": "../a.safetensors"}}']
)
def test_an_index_that_is_none_is_said(tmp_path, content):
    index = tmp_path / "x.index.json"
    index.write_text(content)
    with pytest.raises(ZollstockError, match="is no index of weights"):
        read_weights(index)
