"""A user's model runs as in plain torch, whatever it refuses."""

import threading

import numpy as np
import pytest
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.inference.forward import Forward, apart
from zollstock.inference.run import Runner

FRAMES = np.random.default_rng(0).integers(0, 256, (7, 16, 16, 3), dtype=np.uint8)
CPU = torch.device("cpu")


class Base(nn.Module):
    """Convolution and head."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.head = nn.Linear(4, 3)
        self.wide = nn.Linear(4 * 256, 3)

    def forward(self, x):
        return self.head(self.conv(x).mean((2, 3)))


class View(Base):
    """`view` fails where channels are innermost in memory."""

    def forward(self, x):
        return self.wide(self.conv(x).view(-1, 4 * 256))


class Strided(Base):
    """Reads memory as if it were contiguous, and says nothing where it is not."""

    def forward(self, x):
        x = self.conv(x)
        return self.wide(torch.as_strided(x, (len(x), 4 * 256), (4 * 256, 1)))


class OwnGradients(Base):
    """Asks for gradients inside, without saying so."""

    def forward(self, x):
        x = x.requires_grad_()
        slope = torch.autograd.grad(super().forward(x).sum(), x)[0]
        return super().forward(x) + slope.mean((1, 2, 3))[:, None]


class InPlace(Base):
    """Writes into a parameter."""

    def forward(self, x):
        with torch.enable_grad():
            x = x.clone().requires_grad_()
            (slope,) = torch.autograd.grad(self.conv(x).square().mean((1, 2, 3)).sum(), x)
        return super().forward(x + slope)


class Single(Base):
    """Takes one frame only."""

    def forward(self, x):
        if len(x) != 1:
            raise IndexError("one at a time")
        return super().forward(x)[0]


class Squeezing(Base):
    """Loses the first dimension of a single frame."""

    def forward(self, x):
        return super().forward(x).squeeze()


class Volume(nn.Module):
    """Has weights of five dimensions, which know no channels-last."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(3, 4, (1, 3, 3))
        self.flat = nn.Conv2d(3, 3, 1)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.conv(self.flat(x)[:, :, None]).mean((2, 3, 4)))


class Locked(Base):
    """Cannot be copied."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


class Double(Base):
    """Turns frames into the numbers that it was built with."""

    def __init__(self):
        super().__init__()
        self.double()

    def forward(self, x):
        return super().forward(x.double())


def wrapped():
    return nn.DataParallel(Base())


def compiled():
    return torch.compile(Base())


EVERY = [
    View,
    Strided,
    OwnGradients,
    InPlace,
    Single,
    Squeezing,
    Volume,
    Locked,
    Double,
    wrapped,
    compiled,
]


@pytest.mark.parametrize("batch_size", [1, 3, "auto"])
@pytest.mark.parametrize("build", EVERY)
def test_a_model_gives_what_plain_torch_gives(make_model, build, batch_size):
    torch.manual_seed(0)
    model = make_model(build().eval())
    module = getattr(model.module, "_orig_mod", model.module)
    inputs = model.normalisation.apply(FRAMES).contiguous()
    plain = [module(one.clone()[None]).detach().reshape(1, 3) for one in inputs]
    found = Runner(model, device="cpu", batch_size=batch_size).logits(FRAMES)
    np.testing.assert_allclose(found, torch.cat(plain), atol=1e-4)


class Casting(Base):
    """Computes its last part in float32, whatever comes in."""

    def forward(self, x):
        return self.head(self.conv(x).mean((2, 3)).float())


@pytest.mark.parametrize("build", [Casting, View, Single])
def test_what_cannot_be_in_16_bits_throughout_is_where_it_can(make_model, build):
    torch.manual_seed(0)
    model = make_model(build().eval())
    wide = Runner(model, device="cpu", batch_size=4).logits(FRAMES)
    narrow = Runner(model, device="cpu", batch_size=4, precision="bfloat16").logits(FRAMES)
    assert (wide != narrow).any()
    np.testing.assert_allclose(narrow, wide, atol=0.02)


def test_convolutions_have_their_channels_innermost_where_that_changes_nothing(make_model):
    ways = {}
    for build in (Base, View, Strided, OwnGradients, Single):
        forward = Forward(make_model(build().eval()), CPU, torch.float32)
        forward(FRAMES)
        ways[build.__name__] = forward.way
    assert [name for name, way in ways.items() if not way.channels_last] == ["View", "Strided"]
    assert ways["Base"].gradients == "inference" and not ways["Base"].single
    assert ways["OwnGradients"].gradients == "kept"
    assert ways["Single"].single


def test_how_a_model_is_run_is_decided_once(make_model):
    class Moody(Base):
        calls = 0

        def forward(self, x):
            type(self).calls += 1
            return super().forward(x)

    runner = Runner(make_model(Moody().eval()), device="cpu", batch_size=7)
    runner.logits(FRAMES)
    first = Moody.calls
    for _ in range(5):
        runner.logits(FRAMES)
    assert Moody.calls == first + 5


def test_a_refusal_is_that_of_plain_torch(make_model):
    class Broken(View):
        def forward(self, x):
            return self.head(self.conv(x).view(-1, 5))

    with pytest.raises(ZollstockError) as raised:
        Runner(make_model(Broken()), device="cpu").logits(FRAMES)
    assert "stride" not in str(raised.value)


def test_rounding_is_a_share_of_the_outputs_range():
    logits = torch.tensor([[100.0, 110.0], [120.0, 100.0]])
    assert apart(logits, logits + 0.01, 1e-3) == 0
    assert apart(logits, logits + 0.1, 1e-3) == pytest.approx(0.005, rel=1e-3)
    flat = torch.full((2, 2), 100.0)
    assert apart(flat, flat + 1e-5, 1e-3) == 0
    assert apart(logits, logits * float("nan"), 1e-3) > 0
