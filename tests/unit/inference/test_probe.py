"""Models that are no functions of the frame, and what is found out about the others."""

import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.files import read_json
from zollstock.inference.probe import examined, noise_frames
from zollstock.inference.run import Runner
from zollstock.jobs.import_checkpoint import import_checkpoint
from zollstock.models.card import load_model
from zollstock.models.convmixer import convmixer
from zollstock.models.registry import FAMILIES

PREPROCESSING = {
    **{"size": 32, "resize": "bilinear", "fit": "stretch", "channels": None},
    **{"mean": [0.5] * 3, "std": [0.5] * 3},
}


def settings(classes=("cat", "dog"), **preprocessing):
    return {"classes": list(classes), "preprocessing": PREPROCESSING | preprocessing}


class Net(nn.Module):
    """Convolution, features, head; a fault is one of the methods."""

    def __init__(self, channels=3, outputs=2):
        super().__init__()
        self.conv = nn.Conv2d(channels, 8, 3, padding=1)
        self.head = nn.Linear(8, outputs)

    def features(self, x):
        return F.relu(self.conv(x)).mean((2, 3))

    def forward(self, x):
        return self.head(self.features(x))


class FunctionalDropout(Net):
    def features(self, x):
        return F.dropout(super().features(x), 0.2)


class NoEval(Net):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.2)

    def train(self, mode=True):
        return self

    def features(self, x):
        return self.drop(super().features(x))


class Noise(Net):
    def features(self, x):
        return super().features(x + 0.1 * torch.randn_like(x))


class RandomResize(Net):
    def features(self, x):
        side = random.randint(20, 40)
        return super().features(F.interpolate(F.interpolate(x, side), 32)[..., :16])


class NowAndThen(Net):
    def features(self, x):
        found = super().features(x)
        return found.flip(-1) if random.random() < 0.3 else found


class Running(Net):
    """Centres by what it has seen so far."""

    seen: torch.Tensor | float = 0.0

    def features(self, x):
        found = super().features(x)
        self.seen = 0.9 * self.seen + 0.1 * found.mean(0).detach()
        return found - self.seen


class Counting(Net):
    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def features(self, x):
        self.calls += 1
        return super().features(x) * (1 + 0.01 * self.calls)


class SlowMean(Net):
    """Centres by a mean that hardly moves from one call to the next."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(8))

    def features(self, x):
        found = super().features(x)
        self.mean.mul_(1 - 1e-5).add_(1e-5 * found.mean(0).detach())
        return found - self.mean


class FirstSeen(Net):
    """Scales by the first frame that it ever saw."""

    first: torch.Tensor | None = None

    def features(self, x):
        found = super().features(x)
        if self.first is None:
            self.first = found[0].mean().detach()
        return found / self.first


class FarApart(Net):
    """Dropout beside outputs that are far apart whatever the frame shows."""

    def forward(self, x):
        return self.head(F.dropout(self.features(x), 0.2)) + torch.tensor([0.0, 300.0])


class BatchMean(Net):
    def features(self, x):
        found = super().features(x)
        return found - found.mean(0, keepdim=True)


class Place(Net):
    """The first frame of a batch counts more."""

    def features(self, x):
        found = super().features(x)
        return found * torch.linspace(1.2, 1, len(found))[:, None]


def batch_norm(depth=1, **how):
    inner = [nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8, **how)]
    for _ in range(depth):
        inner = [nn.Sequential(*inner)]
    return nn.Sequential(*inner, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))


def half_frozen():
    """A normalisation that eval() does not reach."""
    module = batch_norm()
    norm = module[0][1]
    norm.train = lambda mode=True: norm
    return module


AGAIN = "answers the same frame differently each time"
TOGETHER = "depends on the other frames of its batch"
BEFORE = "depends on those that it saw before"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (FunctionalDropout, rf"{AGAIN}.*own forward \(FunctionalDropout\)"),
        (NoEval, rf"{AGAIN}.*'drop' \(Dropout\)"),
        (Noise, AGAIN),
        (RandomResize, AGAIN),
        (NowAndThen, AGAIN),
        (Running, rf"{AGAIN}.*own forward"),
        (Counting, rf"{AGAIN}.*own forward"),
        (FarApart, AGAIN),
        (SlowMean, rf"{BEFORE}, ever more, through its buffer 'mean'"),
        (FirstSeen, BEFORE),
        (BatchMean, rf"{TOGETHER}.*own forward \(BatchMean\)"),
        (Place, TOGETHER),
        (lambda: batch_norm(track_running_stats=False), rf"{TOGETHER}.*'0\.1' \(BatchNorm2d\)"),
        (lambda: batch_norm(3, track_running_stats=False), r"'0\.0\.0\.1' \(BatchNorm2d\)"),
        (half_frozen, r"'0\.1' \(BatchNorm2d\)"),
        (lambda: nn.Sequential(nn.Identity(), NoEval()), r"'1\.drop' \(Dropout\)"),
    ],
)
def test_what_is_no_function_of_the_frame_is_refused_and_the_module_named(build, message):
    torch.manual_seed(0)
    random.seed(0)
    with pytest.raises(ZollstockError, match=message):
        examined(build(), settings())


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4])
@pytest.mark.parametrize(
    "build",
    [
        Net,
        batch_norm,
        lambda: convmixer(8, 2, 3, 4),
        lambda: nn.Sequential(Net(), nn.GroupNorm(1, 2)),
        lambda: nn.Sequential(nn.Dropout(), Net(), nn.Dropout()),
        lambda: nn.Sequential(Net(), nn.Linear(2, 2, bias=True)),
    ],
)
def test_functions_of_the_frame_pass_whatever_the_scale_of_their_outputs(build, scale):
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = build()

        def forward(self, x):
            return self.inner(x) * scale + 3 * scale

    torch.manual_seed(0)
    assert examined(Scaled(), settings()).outputs == "logits"


def test_a_model_is_not_changed_by_the_trial():
    module = Net()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    examined(module, settings())
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())


class Keeps(Net):
    """Remembers what changes no output: a count, what it saw last, a table for each size."""

    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros((), dtype=torch.long))
        self.register_buffer("last", torch.zeros(8))
        self.tables = {}

    def features(self, x):
        self.calls += 1
        found = super().features(x) * self.tables.setdefault(x.shape[-1], torch.full((8,), 2.0))
        self.last = found.mean(0).detach()
        return found


def test_what_is_kept_and_not_used_is_no_fault():
    torch.manual_seed(0)
    assert examined(Keeps(), settings()).outputs == "logits"


class ReadsThenGates(Net):
    """A sigmoid inside, whose numbers are not the outputs."""

    def features(self, x):
        found = super().features(x)
        return found * torch.sigmoid(found)

    def forward(self, x):
        return super().forward(x) * 0.01 + 0.5


@pytest.mark.parametrize(
    ("build", "outputs"),
    [
        (lambda: nn.Sequential(Net(), nn.Softmax(1)), "probabilities"),
        (lambda: nn.Sequential(Net(), nn.LogSoftmax(1)), "logits"),
        (lambda: nn.Sequential(Net(outputs=1), nn.Sigmoid()), "probabilities"),
        (lambda: nn.Sequential(Net(outputs=1), nn.Sigmoid(), nn.Flatten(0)), "probabilities"),
        (lambda: Net(outputs=1), "logits"),
        (ReadsThenGates, "logits"),
    ],
)
def test_probabilities_are_noticed(build, outputs):
    torch.manual_seed(0)
    assert examined(build(), settings()).outputs == outputs


class Ending(nn.Module):
    def __init__(self, end, outputs=1):
        super().__init__()
        self.inner, self.end = Net(outputs=outputs), end

    def forward(self, x):
        return self.end(self.inner(x))


SIGMOIDS = [
    lambda x: 1 / (1 + (-x).exp()),
    lambda x: torch.sigmoid(x) * 1.0,
    lambda x: torch.sigmoid(x).half().float(),
    lambda x: torch.sigmoid(x).clamp(1e-7, 1 - 1e-7),
    lambda x: (torch.tanh(x / 2) + 1) / 2,
]


@pytest.mark.parametrize("end", SIGMOIDS)
def test_a_sigmoid_is_noticed_however_it_is_written(end):
    torch.manual_seed(0)
    assert examined(Ending(end), settings()).outputs == "probabilities"
    several = settings(("a", "b", "c"))
    with pytest.raises(ZollstockError, match="ends in 3 sigmoids"):
        examined(Ending(end, 3), several)
    assert examined(Ending(end, 3), several | {"outputs": "sigmoid"}).outputs == "sigmoids"


@pytest.mark.parametrize(
    "end",
    [
        lambda x: 0.5 + 0.01 * x,
        lambda x: 0.5 + 0.2 * torch.tanh(x),
        lambda x: torch.zeros_like(x),
        lambda x: F.relu(x) * 0.1,
        F.normalize,
    ],
)
def test_logits_between_0_and_1_are_no_sigmoids(end):
    torch.manual_seed(0)
    assert examined(Ending(end, 2), settings()).outputs == "logits"


def test_the_user_may_say_that_one_output_is_a_probability():
    torch.manual_seed(0)
    module = Ending(lambda x: 0.5 + 0.2 * torch.tanh(x))
    assert examined(module, settings() | {"outputs": "probabilities"}).outputs == "probabilities"


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (lambda x: x.argmax(1), "int64"),
        (lambda x: F.one_hot((x[:, 0] > 0.02).long(), 2).float(), "0 and 1 alone"),
        (lambda x: (x > 0.02).float(), "0 and 1 alone"),
        (lambda x: x > 0, "bool"),
        (lambda x: x.to(torch.complex64), "complex64"),
    ],
)
@pytest.mark.filterwarnings("ignore:Casting complex")
def test_decisions_are_no_logits(end, said):
    torch.manual_seed(0)
    with pytest.raises(ZollstockError, match=f"returns {said}, as decisions are"):
        examined(Ending(end, 2), settings())


def test_probabilities_that_noise_makes_extreme_are_no_decisions():
    torch.manual_seed(0)
    module = Ending(lambda x: F.softmax(1e5 * (x - 0.02), 1), 2)
    frames = module(torch.randn(64, 3, 32, 32))
    assert bool(((frames == 0) | (frames == 1)).all())
    assert examined(module, settings()).outputs == "probabilities"


class Shares(Net):
    """Of a whole that may be another than 1, or that no frame changes."""

    def __init__(self, whole, steep):
        super().__init__(outputs=3)
        self.whole, self.steep = whole, steep

    def forward(self, x):
        return self.whole * F.softmax(self.steep * super().forward(x), 1)


@pytest.mark.parametrize("whole", [100, 255, 0.5])
def test_shares_of_another_whole_than_1_are_refused(whole):
    torch.manual_seed(0)
    with pytest.raises(ZollstockError, match=f"returns shares that sum to {whole} for every frame"):
        examined(Shares(whole, 20.0), settings(("a", "b", "c")))
    assert examined(Shares(1, 20.0), settings(("a", "b", "c"))).outputs == "probabilities"
    # Logits that hardly differ from frame to frame are none.
    assert examined(Shares(whole, 1e-3), settings(("a", "b", "c"))).outputs == "logits"


def test_sigmoids_of_several_classes_are_refused():
    with pytest.raises(ZollstockError, match="ends in 2 sigmoids"):
        examined(nn.Sequential(Net(), nn.Sigmoid()), settings())


@pytest.mark.parametrize("ends", [True, False])
def test_classes_that_do_not_exclude_each_other_are_taken_where_the_user_says_so(ends):
    torch.manual_seed(0)
    net = Net(outputs=3).eval()
    module = nn.Sequential(net, nn.Sigmoid()) if ends else net
    told = settings() | {"outputs": "sigmoid", "classes": ["a", "b", "c"]}
    found = examined(module, told)
    assert (found.outputs, found.kind) == ("sigmoids" if ends else "sigmoid", "sigmoid")
    frames = noise_frames(3, 32, 32)
    with torch.no_grad():
        expected = net(found.normalisation.apply(frames)).sigmoid().numpy()
    runner = Runner(found, device="cpu")
    np.testing.assert_allclose(runner.probabilities(frames), expected, atol=1e-6)


@pytest.mark.parametrize(("build", "said"), [
    (lambda: nn.Sequential(Net(), nn.Softmax(1)), "logits"), (Net, "probabilities"),
])  # fmt: skip
def test_outputs_that_are_said_to_be_others_are_refused(build, said):
    with pytest.raises(ZollstockError, match=rf"outputs: is '{said}', and the model returns"):
        examined(build(), settings() | {"outputs": said})


@pytest.mark.parametrize("channels", [None, 1])
def test_a_model_of_grey_pictures_is_found_out(channels):
    found = examined(Net(channels=1), settings(channels=channels))
    assert found.normalisation.channels == 1
    assert found.normalisation.apply(noise_frames(2, 8, 9)).shape == (2, 1, 8, 9)
    with pytest.raises(ZollstockError, match=r"preprocessing\.mean: has .* one channel"):
        examined(Net(channels=1), settings(mean=[0.4, 0.5, 0.6]))
    with pytest.raises(ZollstockError, match=r"preprocessing\.channels"):
        examined(Net(channels=4), settings())


@pytest.mark.parametrize(
    "error", [KeyError("x"), AssertionError("Wrong image size"), OSError("no")]
)
@pytest.mark.parametrize("size", [32, None])
def test_a_model_that_raises_is_one_line_or_tried_where_it_runs(error, size):
    class Raising(Net):
        def forward(self, x):
            raise error

    if size:
        with pytest.raises(ZollstockError, match=r"models: (family|preprocessing)"):
            examined(Raising(), settings(size=size))
    else:
        assert not examined(Raising(), settings(size=size)).proved


def test_where_the_size_is_the_frames_a_usual_one_is_tried():
    class Picky(Net):
        def forward(self, x):
            assert x.shape[-1] == 128, "other size"
            return F.dropout(super().forward(x))

    with pytest.raises(ZollstockError, match=AGAIN):
        examined(Picky(), settings(size=None))


@pytest.fixture
def imported(tmp_path, monkeypatch):
    """Import a model and load it again."""

    def bring(build, **preprocessing):
        monkeypatch.setitem(FAMILIES, "own", build)
        files = tmp_path / "own.safetensors", tmp_path / "own.json"
        described = {"family": "own", "arguments": {}, "weights": None} | settings(**preprocessing)
        import_checkpoint(model=described, weights=files[0], card=files[1])
        return load_model(*files), read_json(files[1])

    return bring


def test_probabilities_are_not_put_through_softmax_again(imported, capsys):
    torch.manual_seed(0)
    model, card = imported(lambda: nn.Sequential(Net(), nn.Softmax(1)))
    assert card["outputs"] == "probabilities"
    assert "own: returns probabilities" in capsys.readouterr().err
    frames = noise_frames(3, 32, 32)
    expected = model.module(model.normalisation.apply(frames)).detach()
    found = Runner(model, device="cpu").probabilities(frames)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_model_of_another_size_is_tried_where_it_runs(imported):
    class Wants40(Net):
        def forward(self, x):
            assert x.shape[-1] == 40
            return F.dropout(super().forward(x))

    model, card = imported(Wants40, size=None)
    assert not card["proved"]
    with pytest.raises(ZollstockError, match=AGAIN):
        Runner(model, device="cpu").logits(noise_frames(2, 40, 40))


def test_a_grey_model_that_is_tried_where_it_runs_gets_grey(imported):
    class Wants40(Net):
        def forward(self, x):
            assert x.shape[-1] == 40
            return super().forward(x)

    torch.manual_seed(0)
    model, _ = imported(lambda: Wants40(channels=1), size=None)
    assert Runner(model, device="cpu").logits(noise_frames(2, 40, 40)).shape == (2, 2)


def test_noise_frames_are_of_different_brightness():
    frames = noise_frames(4, 33, 20)
    assert frames.shape == (4, 33, 20, 3)
    assert (np.diff(frames.mean((1, 2, 3))) > 20).all()
    np.testing.assert_array_equal(frames, noise_frames(4, 33, 20))
