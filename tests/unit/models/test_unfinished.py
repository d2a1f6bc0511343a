"""A training that was killed goes on at its last whole epoch."""

import pickle

import numpy as np
import pytest
import torch
from torch import nn

from tests.unit.models.test_training import OPTIONS, easy_set
from zollstock.errors import ZollstockError
from zollstock.models.training import train_classifier
from zollstock.models.unfinished import Unfinished, fingerprint_of, keep_state, kept_state


class Killed(Exception):
    pass


class Restless(nn.Module):
    """With all that a training changes: weights, statistics, a hidden buffer, and dropout."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(6, 2)
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.register_buffer("calls", torch.zeros(()), persistent=False)

    def forward(self, x):
        if self.training:
            self.calls += 1
        x = self.drop(self.norm(self.conv(x)).relu().mean((2, 3)))
        return self.scale * self.head(x) * (1 + 0.01 * self.calls)


def fresh():
    torch.manual_seed(3)
    return Restless()


def state(module):
    found = [*module.parameters(), *module.buffers()]
    return torch.cat([tensor.detach().double().flatten() for tensor in found])


def trained(unfinished=None, killed_after=None, **how):
    module = fresh()

    def progress(done, total, info):
        if info["epoch"] == killed_after:
            raise Killed

    history = train_classifier(
        module, *easy_set(), **OPTIONS | how, unfinished=unfinished, progress=progress
    )
    return module, history


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_one_that_was_killed_ends_with_the_same_weights_bit_by_bit(tmp_path, epoch):
    whole, history = trained()
    kept = Unfinished(tmp_path / "unfinished" / "m.safetensors", "x")
    with pytest.raises(Killed):
        trained(kept, killed_after=epoch)
    calls = []
    module = fresh()
    torch.manual_seed(99)  # what was drawn since then does not matter
    found = train_classifier(
        module, *easy_set(), **OPTIONS, unfinished=kept, progress=lambda *call: calls.append(call)
    )
    assert [call[2]["epoch"] for call in calls] == list(range(epoch + 1, 5))
    assert torch.equal(state(module), state(whole))
    assert vars(found) == vars(history)
    assert [file.name for file in kept.file.parent.iterdir()] == ["m.safetensors"]
    kept.remove()
    assert not kept.file.parent.exists()


def test_to_keep_it_changes_nothing(tmp_path):
    kept = Unfinished(tmp_path / "m.safetensors", "x")
    assert torch.equal(state(trained(kept)[0]), state(trained()[0]))


@pytest.mark.parametrize("harm", ["another", "cut off", "one bit", "pickle", "nothing"])
def test_another_training_or_a_harmed_file_begins_again(tmp_path, harm, monkeypatch):
    kept = Unfinished(tmp_path / "m.safetensors", "x")
    with pytest.raises(Killed):
        trained(kept, killed_after=2)
    if harm == "another":
        kept = Unfinished(kept.file, "y")
    elif harm == "cut off":
        kept.file.write_bytes(kept.file.read_bytes()[:-100])
    elif harm == "one bit":
        content = bytearray(kept.file.read_bytes())
        content[-9] ^= 1
        kept.file.write_bytes(content)
    elif harm == "pickle":
        monkeypatch.setattr(pickle, "loads", lambda *_: pytest.fail("was unpickled"))
        kept.file.write_bytes(pickle.dumps({"a": 1}))
    else:
        kept.file.write_bytes(b"")
    module, history = trained(kept)
    assert len(history.loss) == 4
    assert torch.equal(state(module), state(trained()[0]))


def test_the_fingerprint_tells_all_that_the_outcome_hangs_on(tmp_path):
    images, labels = easy_set()
    code = tmp_path / "net.py"
    code.write_text("1")
    same = lambda: fingerprint_of(fresh(), images, labels, {"epochs": 3}, [code])  # noqa: E731
    first = same()
    assert first == same()
    other = fresh()
    with torch.no_grad():
        other.head.bias += 1
    others = {
        fingerprint_of(other, images, labels, {"epochs": 3}, [code]),
        fingerprint_of(fresh(), np.flip(images, 0), labels, {"epochs": 3}, [code]),
        fingerprint_of(fresh(), images, 1 - labels, {"epochs": 3}, [code]),
        fingerprint_of(fresh(), images, labels, {"epochs": 4}, [code]),
    }
    code.write_text("2")
    others.add(same())
    assert len(others | {first}) == 6


def test_without_mirroring_no_picture_is_flipped():
    images, labels = easy_set(32)
    seen = []

    class Spy(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(3, 2)

        def forward(self, x):
            seen.append(x.detach().clone())
            return self.head(x.mean((2, 3)))

    train_classifier(Spy(), images, labels, **OPTIONS | {"epochs": 1}, mirror=False)
    shown = {frame.numpy().tobytes() for frame in torch.cat(seen).contiguous()}
    plain = torch.from_numpy(images).permute(0, 3, 1, 2).float().div(255).sub(0.5).div(0.5)
    nearest = (torch.cat(seen)[:, None] - plain[None]).abs().amax((2, 3, 4)).min(1).values
    assert len(shown) == 32
    assert nearest.max() < 1e-5


@pytest.mark.parametrize("harm", ["lost", "cut off", "one bit", "another epoch's"])
def test_weights_of_an_epoch_that_were_harmed_are_named(tmp_path, harm):
    files = [tmp_path / f"repair/0/epochs/erm-00{number}.safetensors" for number in (1, 2)]
    files[0].parent.mkdir(parents=True)
    for number, file in enumerate(files):
        keep_state({"w": torch.full((3,), float(number))}, file)
    assert torch.equal(kept_state(files[1])["w"], torch.ones(3))
    content = bytearray(files[0].read_bytes())
    content[-1] ^= 1
    changed = {
        "cut off": content[:-2],
        "one bit": content,
        "another epoch's": files[1].read_bytes(),
    }
    if harm == "lost":
        files[0].unlink()
    else:
        files[0].write_bytes(changed[harm])
    told = "is missing" if harm == "lost" else "differs from what was written"
    with pytest.raises(ZollstockError, match=f"erm-001.safetensors: {told}.*Delete .*/repair/0 "):
        kept_state(files[0])
