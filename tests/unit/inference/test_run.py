"""Running a model over paths."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.inference import batching
from zollstock.inference.outputs import as_probabilities
from zollstock.inference.run import Runner, prefetch
from zollstock.paths import PathInput


def readers():
    return [thread for thread in threading.enumerate() if "(read)" in thread.name]


def test_prefetch_keeps_the_order_and_ends_its_thread():
    assert list(prefetch(range(50), depth=3)) == list(range(50))
    assert list(prefetch([None, False, 0])) == [None, False, 0]
    assert list(prefetch([])) == []
    assert not readers()


def test_prefetch_reads_ahead_but_not_further_than_its_depth():
    read = []

    def items():
        for number in range(20):
            read.append(number)
            yield number

    ahead = prefetch(items(), depth=2)
    assert next(ahead) == 0
    deadline = time.monotonic() + 300
    while len(read) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.15)
    assert len(read) == 4  # one taken, two waiting, one in the thread's hand
    ahead.close()
    assert not readers()


def test_prefetch_raises_the_readers_exception_after_what_was_read():
    def items():
        yield 1
        raise ZollstockError("file", "is broken", "a whole one", "Mend it.")

    found = []
    with pytest.raises(ZollstockError, match="is broken"):
        for item in prefetch(items()):
            found.append(item)
    assert found == [1]
    assert not readers()


def test_prefetch_ends_its_thread_when_the_consumer_fails():
    def forever():
        while True:
            yield 1

    with pytest.raises(KeyError):
        for _ in prefetch(forever()):
            raise KeyError
    deadline = time.monotonic() + 300
    while readers() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not readers()


def plain_logits(model, frames):
    """One frame after another, in plain torch."""
    mean = torch.tensor(model.normalisation.mean)
    std = torch.tensor(model.normalisation.std)
    with torch.no_grad():
        return torch.cat(
            [
                model.module(((torch.tensor(frame) / 255 - mean) / std).permute(2, 0, 1)[None])
                for frame in frames
            ]
        ).numpy()


@pytest.mark.parametrize("batch_size", [1, 3, 8, 7, "auto"])
@pytest.mark.parametrize("count", [1, 17, 70])
def test_logits_equal_a_plain_loop_for_any_batch_size(model, batch_size, count):
    frames = np.random.default_rng(2).integers(0, 256, (count, 16, 16, 3), dtype=np.uint8)
    expected = plain_logits(model, frames)
    found = Runner(model, device="cpu", batch_size=batch_size).logits(frames)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_auto_batch_size_is_one_of_the_candidates_and_is_reported(model, paths):
    runner = Runner(model, device="cpu", batch_size="auto")
    found = runner.run(paths)
    assert runner.batch_size in batching._CANDIDATES
    assert found.facts == {
        "device": "cpu",
        "precision": "float32",
        "batch_size": runner.batch_size,
        "outputs": "logits",
    }


def test_probabilities_are_those_of_frames_resized_as_the_model_takes_them(model):
    runner = Runner(replace(model, geometry=Geometry((4, 5))), device="cpu", batch_size=4)
    frames = np.random.default_rng(1).integers(0, 256, (3, 9, 8, 3), dtype=np.uint8)
    found = runner.probabilities(frames)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    logits = runner.logits(runner.model.geometry.apply(frames))
    np.testing.assert_array_equal(found, as_probabilities(logits))


def test_predictions_keep_order_axis_and_put_the_unedited_image_apart(model, paths):
    counted = []
    found = Runner(model, device="cpu", batch_size=4).run(iter(paths), counted.append)
    assert found.images == ["a", "b", "c"]
    assert found.classes == model.classes
    assert found.logits.shape == (3, 5, 3)
    assert counted == [6, 6, 6]
    for row, path in enumerate(paths):
        expected = plain_logits(model, path.frames)
        np.testing.assert_allclose(found.logits[row], expected[:-1], atol=1e-5)
        np.testing.assert_allclose(found.unedited_logits[row], expected[-1], atol=1e-5)
        np.testing.assert_array_equal(found.axis[row], path.axis)


def test_equal_frames_are_run_once_and_what_is_said_does_not_hang_on_others(
    model, paths, monkeypatch
):
    image, frames, axis, draw = next(iter(paths))
    frames = frames.copy()
    frames[0] = frames[-1]  # the zero of the knob
    runner = Runner(model, device="cpu", batch_size=8)
    ran = []
    forward = Runner._logits
    monkeypatch.setattr(
        Runner, "_logits", lambda self, batch: ran.append(len(batch)) or forward(self, batch)
    )
    one, two = (runner.run([(image, frames, axis, draw)]) for _ in range(2))
    assert sum(ran) == 2 * (len(frames) - 2) + 1 + 1  # the first of a batch alone, for comparison
    np.testing.assert_array_equal(one.logits[0, 0], one.unedited_logits[0])
    np.testing.assert_array_equal(one.logits, two.logits)
    others = Runner(model, device="cpu", batch_size=8).run([(image, frames, axis, draw)])
    np.testing.assert_array_equal(one.logits, others.logits)


def test_probabilities_are_the_softmax_of_the_logits(model, paths):
    found = Runner(model, device="cpu", batch_size=4).run(paths)
    for logits, probabilities in (
        (found.logits, found.probabilities),
        (found.unedited_logits, found.unedited_probabilities),
    ):
        assert probabilities.dtype == np.float32
        np.testing.assert_allclose(probabilities.sum(-1), 1, atol=1e-6)
        expected = torch.softmax(torch.tensor(logits, dtype=torch.float64), -1)
        np.testing.assert_allclose(probabilities, expected, atol=1e-7)


class Constant(torch.nn.Module):
    """Answers the same whatever it sees."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def forward(self, x):
        return self.answer(len(x))


def test_huge_logits_do_not_overflow(make_model, paths):
    module = Constant(lambda n: torch.tensor([[3e4, -3e4, 2.9e4]]).repeat(n, 1))
    found = Runner(make_model(module), device="cpu", batch_size=4).run(paths)
    np.testing.assert_array_equal(found.probabilities[0, 0], [1, 0, 0])


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_logits_that_are_not_finite_name_the_image(make_model, paths, bad):
    class Breaks(torch.nn.Module):
        def forward(self, x):
            return torch.where(x.mean((1, 2, 3)) > 0.9, bad, 0.0)[:, None].repeat(1, 3)

    paths[1] = PathInput("b", np.full((6, 16, 16, 3), 255, np.uint8), paths[1].axis)
    with pytest.raises(ZollstockError, match="image b: makes the model return NaN"):
        Runner(make_model(Breaks()), device="cpu", batch_size=4).run(paths)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda n: torch.zeros(n, 4), r"models: classes: .*shape \(2, 4\).*\(2, 3\)"),
        (lambda n: torch.zeros(n, 3, 1), r"models: classes: .*shape \(2, 3, 1\)"),
        (lambda n: (torch.zeros(n, 4), None), r"a tuple \(0: \(2, 4\), 1: NoneType\)"),
    ],
)
def test_what_are_no_logits_of_the_classes_is_refused(make_model, paths, answer, message):
    with pytest.raises(ZollstockError, match=message):
        Runner(make_model(Constant(answer)), device="cpu", batch_size=2).logits(paths[0].frames)


def test_a_wrong_input_size_names_the_key(make_model, paths):
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 8 * 8, 3))
    with pytest.raises(ZollstockError, match="refuses input of 16×16 pixels") as raised:
        Runner(make_model(module), device="cpu", batch_size=2).logits(paths[0].frames)
    assert "preprocessing.size" in raised.value.fix


@pytest.mark.parametrize(
    "module",
    [
        torch.nn.Conv2d(3, 3, 30),
        torch.nn.MaxPool2d(40),
        torch.nn.LayerNorm(7),
        torch.nn.Unflatten(2, (3, 7)),
    ],
)
def test_other_shapes_that_do_not_fit_name_the_key_too(make_model, paths, module):
    with pytest.raises(ZollstockError, match="models: preprocessing: the model refuses input"):
        Runner(make_model(module), device="cpu", batch_size=2).logits(paths[0].frames)


def test_channels_that_do_not_fit_are_no_matter_of_size(make_model, paths):
    with pytest.raises(ZollstockError, match=r"preprocessing\.channels: .*3 channels") as raised:
        Runner(make_model(torch.nn.Conv2d(4, 3, 3)), device="cpu").logits(paths[0].frames)
    assert "size" not in raised.value.fix


class Smith(torch.nn.Module):
    """Fails in its own way."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def forward(self, x):
        raise self.error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("token"), r"KeyError \('token'\)"),
        (RuntimeError("CUDA error: an illegal access\nand more"), r"RuntimeError \(CUDA error: an"),
        (NotImplementedError(), r"NotImplementedError \(without a message\)"),
        (OSError("no network"), r"OSError \(no network\)"),
        (SystemExit(3), r"SystemExit \(3\)"),
    ],
)
def test_whatever_else_a_model_raises_is_one_honest_line(make_model, paths, error, said):
    with pytest.raises(ZollstockError, match=f"models: family: the model raised {said}") as raised:
        Runner(make_model(Smith(error)), device="cpu", batch_size=2).logits(paths[0].frames)
    assert "and more" not in str(raised.value)
    assert "memory" not in str(raised.value) and "size" not in str(raised.value)


class Cramped(torch.nn.Module):
    """Has room for so many frames at once."""

    def __init__(self, inner, room, error):
        super().__init__()
        self.inner, self.room, self.error, self.seen = inner, room, error, []

    def forward(self, x):
        if len(x) > self.room:
            raise self.error
        self.seen.append(len(x))
        return self.inner(x)

    def __deepcopy__(self, memo):
        return self  # the test looks at what it has seen


OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory"),
    MemoryError(),
    RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
    RuntimeError("MPS backend out of memory (allocated: 1 GB)"),
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: str(error)[:12])
@pytest.mark.parametrize("batch_size", [6, "auto"])
def test_a_batch_that_does_not_fit_is_halved(model, make_model, paths, error, batch_size):
    expected = Runner(model, device="cpu", batch_size=3).logits(paths[0].frames)
    cramped = Cramped(model.module, 3, error)
    runner = Runner(make_model(cramped), device="cpu", batch_size=batch_size)
    for _ in range(4):
        np.testing.assert_allclose(runner.logits(paths[0].frames), expected, atol=1e-5)
    assert max(cramped.seen) <= 3
    # Two frames are seen twice more, to find out how the model is run, and one alone.
    assert sum(cramped.seen) == 4 * len(paths[0].frames) + 4 + 1
    assert runner.batch_size <= 3


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: str(error)[:12])
def test_only_where_one_frame_does_not_fit_memory_is_spoken_of(model, make_model, paths, error):
    runner = Runner(make_model(Cramped(model.module, 0, error)), device="cpu", batch_size=4)
    with pytest.raises(ZollstockError, match="not even one frame fits into the memory of cpu"):
        runner.logits(paths[0].frames)


def test_bfloat16_is_close_to_float32_and_comes_back_as_float32(model, paths):
    wide = Runner(model, device="cpu", batch_size=6).run(paths)
    narrow = Runner(model, device="cpu", batch_size=6, precision="bfloat16").run(paths)
    assert narrow.facts["precision"] == "bfloat16"
    assert narrow.logits.dtype == np.float32
    assert (narrow.logits != wide.logits).any()
    np.testing.assert_allclose(narrow.probabilities, wide.probabilities, atol=0.03)


def test_runners_do_not_change_the_model_they_share(model, paths):
    model.module.train()
    runner = Runner(model, device="cpu", batch_size=6)
    before = runner.logits(paths[0].frames)
    Runner(model, device="cpu", batch_size=6, precision="bfloat16").logits(paths[0].frames)
    np.testing.assert_array_equal(runner.logits(paths[0].frames), before)
    assert next(model.module.parameters()).dtype == torch.float32
    assert model.module.training
    model.module.eval()


def test_steps_and_paths_that_are_not_there_are_nan(model, paths):
    short = paths[0]._replace(axis=np.array([0.0, 0.5, np.nan, np.nan, np.nan]))
    failed = paths[1]._replace(axis=np.full(5, np.nan))
    whole = Runner(model, device="cpu", batch_size=4).run(paths)
    found = Runner(model, device="cpu", batch_size=4).run([short, failed, paths[2]])
    np.testing.assert_allclose(found.logits[0, :2], whole.logits[0, :2], atol=1e-5)
    assert np.isnan(found.logits[0, 2:]).all() and np.isnan(found.probabilities[0, 2:]).all()
    np.testing.assert_allclose(found.unedited_logits[0], whole.unedited_logits[0], atol=1e-5)
    assert np.isnan(found.logits[1]).all() and np.isnan(found.unedited_probabilities[1]).all()
    np.testing.assert_array_equal(found.logits[2], whole.logits[2])


class Gated(torch.nn.Module):
    """A fault that some weights switch on, as a training may."""

    def __init__(self, fault, gate=1.0):
        super().__init__()
        self.head = torch.nn.Linear(3, 3)
        self.gate = torch.nn.Parameter(torch.tensor(gate))
        self.fault = fault

    def forward(self, x):
        found = self.head(x.mean((2, 3)))
        return found + self.gate * self.fault(found)


FAULTS = {
    "answers the same frame differently": torch.randn_like,
    "depends on the other frames": lambda x: -x.mean(0) if len(x) > 4 else 0,
}


@pytest.mark.parametrize(("said", "fault"), FAULTS.items())
@pytest.mark.parametrize("batch_size", [8, "auto"])
def test_on_the_frames_that_count_a_model_is_compared_with_itself(
    make_model, paths, said, fault, batch_size
):
    torch.manual_seed(0)
    frames = np.concatenate([path.frames for path in paths] * 4)  # some batches of each size
    with pytest.raises(ZollstockError, match=said):
        Runner(make_model(Gated(fault)), device="cpu", batch_size=batch_size).logits(frames)
    with pytest.raises(ZollstockError, match=said):
        Runner(make_model(Gated(fault)), device="cpu", batch_size=1).check(frames)


def test_other_weights_are_compared_anew(make_model, paths):
    torch.manual_seed(0)
    module = Gated(FAULTS["answers the same frame differently"], 0.0)
    runner = Runner(make_model(module), device="cpu")
    runner.run(paths)
    runner.load({"": module.state_dict() | {"gate": torch.tensor(1.0)}}, "epoch_2.pth")
    with pytest.raises(ZollstockError, match="answers the same frame differently"):
        runner.run(paths)


def test_logits_that_cancel_out_are_all_rounding(make_model, paths):
    class Cancelling(torch.nn.Module):
        def forward(self, x):
            return x.new_full((len(x), 3), 1e-8) * torch.arange(3) * (1 + (len(x) > 1))

    Runner(make_model(Cancelling()), device="cpu", batch_size=4).run(paths)


@pytest.mark.parametrize("outputs", ["logits", "probabilities", "sigmoids"])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_what_float32_rounds_is_no_fault(make_model, outputs, scale):
    """Probabilities near 1 have no logits that could be told from each other."""
    torch.manual_seed(0)
    last = {
        "logits": lambda x: x,
        "probabilities": lambda x: x.softmax(1),
        "sigmoids": torch.sigmoid,
    }

    class Rounding(torch.nn.Module):
        def forward(self, x):
            found = scale * (x.mean((2, 3)) * 9 + 4)
            return last[outputs](found * (1 + 1e-6 * (len(x) > 1)))

    model = replace(make_model(Rounding()), outputs=outputs)
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (6, 1, 1, 3), dtype=np.uint8).repeat(8, 1).repeat(8, 2)
    Runner(model, device="cpu").check(frames)
