"""Weights under other names, and several sets of them in one file."""

from pathlib import Path

import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.models.fitting import load_into

FILE = Path("w.pth")


class Net(torch.nn.Module):
    """Two layers and a normalisation; one layer is called as wrappers call what they wrap."""

    def __init__(self, inner="module", width=4):
        super().__init__()
        self.add_module(inner, torch.nn.Linear(3, width))
        self.norm = torch.nn.BatchNorm1d(width)
        self.head = torch.nn.Linear(width, 2)

    def forward(self, x):
        return self.head(self.norm(next(self.children())(x)))


def state_of(net, prefix=""):
    return {f"{prefix}{name}": value for name, value in net.state_dict().items()}


def same(one, two):
    one, two = one.state_dict(), two.state_dict()
    return all(torch.equal(a, b) for a, b in zip(one.values(), two.values(), strict=True))


@pytest.fixture(params=["module", "body"])
def nets(request):
    """A trained net, another one of its kind, and an average of the two."""
    torch.manual_seed(0)
    return [Net(request.param) for _ in range(3)]


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("", ""),
        ("module.", "module"),
        ("_orig_mod.", "_orig_mod"),
        ("module._orig_mod.", "module._orig_mod"),
        ("model.", "model"),
        ("net.backbone.", "net.backbone"),
    ],
)
def test_names_are_tried_as_they_are_and_less_what_stands_before_all(nets, prefix, name):
    trained, other, _ = nets
    fit = load_into(other, {"": state_of(trained, prefix)}, FILE)
    assert same(trained, other)
    assert (fit.name, fit.left) == (name, [])


def test_a_wrapped_model_takes_its_own_and_plain_weights(nets):
    trained, other, third = nets
    wrapped = torch.nn.DataParallel(other)
    load_into(wrapped, {"": state_of(torch.nn.DataParallel(trained))}, FILE)
    assert same(trained, other)
    load_into(torch.nn.DataParallel(third), {"": state_of(trained)}, FILE)
    assert same(trained, third)


def test_wrappers_in_the_middle_of_names_are_left_out(nets):
    trained, other, _ = nets
    state = {name.replace("norm.", "norm._orig_mod."): v for name, v in state_of(trained).items()}
    load_into(other, {"": state}, FILE)
    assert same(trained, other)


def test_what_a_training_keeps_beside_the_model_is_left_out_and_said(nets):
    trained, other, _ = nets
    state = state_of(trained, "model.") | {"criterion.weight": torch.ones(2)}
    fit = load_into(other, {"state_dict": state}, FILE)
    assert same(trained, other)
    assert (fit.name, fit.left) == ("state_dict.model", ["criterion.weight"])


def test_counters_are_not_needed(nets):
    trained, other, _ = nets
    state = state_of(trained, "module.") | {"n_averaged": torch.tensor(3)}
    del state["module.norm.num_batches_tracked"]
    load_into(other, {"": state}, FILE)
    assert same(trained.head, other.head)


def two_sets(kind, raw, average):
    if kind == "nested":
        return {"model": state_of(raw), "model_ema": state_of(average)}, "model_ema"
    if kind == "deeper":
        return {"state_dict": state_of(raw), "ema.module": state_of(average, "m.")}, "ema.module.m"
    if kind == "one of them plain":
        return {"": state_of(raw) | state_of(average, "ema.")}, "ema"
    return {"": state_of(raw, "model.") | state_of(average, "ema_model.")}, "ema_model"


@pytest.mark.parametrize("kind", ["nested", "deeper", "one of them plain", "prefixes"])
def test_several_sets_are_said_and_the_key_chooses(nets, kind):
    raw, average, mine = nets
    sets, key = two_sets(kind, raw, average)
    with pytest.raises(ZollstockError, match=r"holds 2 sets of weights that fit: .*key") as raised:
        load_into(mine, sets, FILE)
    assert key in str(raised.value)
    load_into(mine, sets, FILE, key)
    assert same(mine, average)


def test_sets_that_are_equal_need_no_choice_and_others_that_do_not_fit_neither(nets):
    raw, _, mine = nets
    assert load_into(mine, {"a": state_of(raw), "b": state_of(raw)}, FILE).name == "a"
    teacher = Net("module", width=9)
    assert load_into(mine, {"teacher": state_of(teacher), "b": state_of(raw)}, FILE).name == "b"
    assert same(mine, raw)


def test_a_key_that_is_not_there_lists_what_is(nets):
    sets = {"model": state_of(nets[0]), "model_ema": state_of(nets[1])}
    with pytest.raises(
        ZollstockError, match=r"no weights called 'emma'.*model \(9 tensors\), model_e"
    ):
        load_into(nets[2], sets, FILE, "emma")


def test_weights_of_another_architecture_name_the_first_of_each_kind():
    module = torch.nn.Sequential()
    module.add_module("layer", torch.nn.Linear(4, 2))
    module.add_module("head", torch.nn.Linear(2, 2))
    before = {name: value.clone() for name, value in module.state_dict().items()}
    state = {
        "layer.weight": torch.zeros(2, 3),
        "layer.bias": torch.ones(2),
        "haed.bias": torch.ones(2),
    }
    with pytest.raises(ZollstockError) as raised:
        load_into(module, {"": state}, FILE)
    assert raised.value.where == "w.pth"
    assert raised.value.found == (
        "does not fit the architecture: lacks 2 tensors (first: head.weight); "
        "has 1 unknown tensors (first: haed.bias); "
        "1 tensors differ in shape (layer.weight has shape (2, 3) instead of (2, 4))"
    )
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_a_layer_too_many_does_not_fit_under_any_prefix(nets):
    trained, other, _ = nets
    for prefix in ("", "module.", "model."):
        state = state_of(trained, prefix) | {f"{prefix}extra.weight": torch.ones(1)}
        with pytest.raises(ZollstockError, match=r"1 unknown tensors.*extra\.weight"):
            load_into(other, {"": state}, FILE)


def test_of_a_model_with_a_module_of_its_own_what_is_missing_is_told():
    """Less `module.` two of its names would be one."""
    module = torch.nn.Module()
    module.module = torch.nn.Module()
    module.module.head, module.head = torch.nn.Linear(4, 2), torch.nn.Linear(2, 2)
    state = {name.removeprefix("module."): value for name, value in module.state_dict().items()}
    with pytest.raises(ZollstockError, match=r"lacks 2 tensors \(first: module\.head\.weight"):
        load_into(module, {"": state}, FILE)


def test_the_nearest_name_and_all_sets_are_told(nets):
    trained, other, _ = nets
    state = {
        name.replace("head", "heads"): value for name, value in state_of(trained, "x.").items()
    }
    with pytest.raises(ZollstockError) as raised:
        load_into(other, {"a": {"w": torch.ones(1)}, "b": state}, FILE)
    assert "first: head.weight; the nearest there is heads.weight" in str(raised.value)
    assert "in 'b'; the file holds a (1 tensors), b (9 tensors)" in str(raised.value)
