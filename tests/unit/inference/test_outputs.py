"""What models return."""

import copy
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.inference.outputs import as_logits, as_probabilities, find_logits, returning_logits

LOGITS = torch.arange(12.0).reshape(4, 3)
OTHER = torch.ones(4, 7)


@dataclass
class Output:
    logits: torch.Tensor
    hidden: object = None


Named = namedtuple("Named", ["logits", "aux_logits"])


@pytest.mark.parametrize(
    "returned",
    [
        LOGITS,
        (LOGITS,),
        [LOGITS, None],
        (OTHER, LOGITS),
        {"logits": LOGITS, "aux": LOGITS + 1},
        {"out": LOGITS, "features": OTHER},
        OrderedDict(loss=torch.tensor(1.0), logits=LOGITS),
        Output(LOGITS),
        Named(LOGITS, LOGITS + 1),
        SimpleNamespace(logits=LOGITS, hidden=[OTHER]),
    ],
    ids=lambda returned: type(returned).__name__,
)
def test_logits_are_found(returned):
    assert torch.equal(find_logits(returned, 4, 3), LOGITS)


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        ((LOGITS, LOGITS + 1), r"a tuple \(0: \(4, 3\), 1: \(4, 3\)\)"),
        ({"a": OTHER, "b": "text"}, r"a dict \(a: \(4, 7\), b: str\)"),
        (None, "a NoneType"),
        ({"logits": OTHER}, r"shape \(4, 7\).*Name the 7 classes"),
    ],
)
def test_what_is_no_place_for_them_is_described(returned, words):
    with pytest.raises(ZollstockError, match=words):
        find_logits(returned, 4, 3)


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_one_output_is_the_second_class(shape):
    z = torch.tensor([-2.0, 0.0, 1.0, 5.0])
    probabilities = torch.softmax(as_logits(find_logits(z.reshape(shape), 4, 2), 2, "logits"), 1)
    torch.testing.assert_close(probabilities[:, 1], torch.sigmoid(z))
    # What moves one class moves the other: neither logit is a constant.
    logits = as_logits(find_logits(z.reshape(shape), 4, 2), 2, "logits")
    torch.testing.assert_close(logits, torch.stack([-z / 2, z / 2], 1))
    given = as_logits(find_logits(torch.sigmoid(z).reshape(shape), 4, 2), 2, "probabilities")
    torch.testing.assert_close(torch.softmax(given, 1), probabilities)


def test_one_output_and_other_numbers_of_classes_leads_to_two():
    for classes in (1, 3):
        with pytest.raises(ZollstockError, match="one output has two classes"):
            find_logits(torch.zeros(4), 4, classes)


def test_a_single_frame_may_be_squeezed():
    assert find_logits(torch.zeros(3), 1, 3).shape == (1, 3)
    assert find_logits(torch.tensor(1.0), 1, 2).shape == (1, 1)


def test_probabilities_stay_what_they_are():
    p = torch.softmax(LOGITS * 5, 1)
    p[0] = torch.tensor([1.0, 0.0, 0.0])
    torch.testing.assert_close(torch.softmax(as_logits(p, 3, "probabilities"), 1), p)


def test_classes_that_do_not_exclude_each_other_have_a_sigmoid_each():
    logits = np.array([[-800.0, 0.0, 2.0, 800.0, np.nan]], np.float32)
    found = as_probabilities(logits, independent=True)
    np.testing.assert_allclose(found, [[0, 0.5, 1 / (1 + np.exp(-2)), 1, np.nan]], atol=1e-7)
    assert found.dtype == np.float32
    shares = torch.tensor([[0.0, 0.25, 1.0]])
    back = as_probabilities(as_logits(shares, 3, "sigmoids").numpy(), independent=True)
    np.testing.assert_allclose(back, shares.numpy(), atol=1e-6)


def test_similarities_are_scaled_before_the_softmax():
    cosines = np.array([[0.1, 0.3, -0.2]], np.float32)
    expected = torch.softmax(torch.tensor(cosines) * 50, -1).numpy()
    np.testing.assert_allclose(as_probabilities(cosines, scale=50), expected, rtol=1e-5)
    np.testing.assert_array_equal(as_logits(torch.tensor(cosines), 3, "similarity"), cosines)


@pytest.mark.parametrize("returned", [lambda x: x, lambda x: {"logits": x, "hidden": x * 2}])
@pytest.mark.parametrize("outputs", [1, 2])
def test_a_module_returns_plain_logits_that_have_a_gradient_of_each_class(returned, outputs):
    class Own(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.head = torch.nn.Linear(3, outputs)

        def forward(self, x):
            return returned(self.head(x))

    torch.manual_seed(0)
    module, x = Own(), torch.randn(4, 3)
    expected = torch.softmax(as_logits(module.head(x), 2, "logits"), 1)
    names = list(module.state_dict())
    plain = copy.deepcopy(returning_logits(module, 2))
    assert list(plain.state_dict()) == names
    torch.testing.assert_close(torch.softmax(plain(x), 1), expected)
    for place in range(2):
        (slope,) = torch.autograd.grad(plain(x)[:, place].sum(), plain.head.weight)
        assert slope.abs().sum() > 0
