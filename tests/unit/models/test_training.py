"""Training: learns, repeats itself, reports and refuses."""

import numpy as np
import pytest
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.inference.run import Runner
from zollstock.models.card import Model
from zollstock.models.convmixer import convmixer
from zollstock.models.normalisation import Normalisation
from zollstock.models.training import rate_at, train_classifier

OPTIONS = dict(epochs=4, batch_size=16, learning_rate=0.01, weight_decay=0.01, seed=5)


def easy_set(count=64):
    """Bright pictures are class 1."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 2
    images = rng.integers(0, 120, (count, 16, 16, 3)) + 120 * labels[:, None, None, None]
    return images.astype(np.uint8), labels


def fresh(seed=0):
    torch.manual_seed(seed)
    return convmixer(8, 1, 3, 4)


def logits(module, images, batch_size=64):
    model = Model(module, ("dark", "bright"), Geometry(), Normalisation())
    return Runner(model, device="cpu", batch_size=batch_size).logits(images)


def test_learns_an_easy_set_and_lowers_the_loss():
    images, labels = easy_set()
    module = fresh()
    history = train_classifier(module, images, labels, **OPTIONS)
    assert not module.training
    assert (logits(module, images).argmax(1) == labels).all()
    assert history.loss[-1] < 0.5 * history.loss[0]
    assert len(history.loss) == len(history.accuracy) == OPTIONS["epochs"]


def test_same_seed_same_weights_and_another_seed_other_weights():
    images, labels = easy_set()
    states = []
    for seed in (5, 5, 6):
        module = fresh()
        train_classifier(module, images, labels, **OPTIONS | {"seed": seed})
        states.append(torch.cat([p.detach().flatten() for p in module.parameters()]))
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


def test_global_random_state_does_not_matter():
    images, labels = easy_set()
    results = []
    for noise in (1, 2):
        module = fresh()
        torch.manual_seed(noise)
        np.random.seed(noise)  # noqa: NPY002
        results.append(train_classifier(module, images, labels, **OPTIONS).loss)
    assert results[0] == results[1]


def test_progress_reaches_the_total():
    images, labels = easy_set()
    calls = []
    train_classifier(fresh(), images, labels, **OPTIONS, progress=lambda *call: calls.append(call))
    assert [done for done, _, _ in calls] == [4, 8, 12, 16]
    assert {total for _, total, _ in calls} == {16}
    assert calls[-1][2].keys() == {"epoch", "loss", "accuracy"}


def test_training_never_changes_colours():
    """Each channel's mean of what the module is shown is that of an image, flipped or not."""
    images, labels = easy_set(32)
    seen = []

    class Spy(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(3, 2)

        def forward(self, x):
            seen.append(x.detach().clone())
            return self.head(x.mean((2, 3)))

    train_classifier(Spy(), images, labels, **OPTIONS | {"epochs": 1})
    shown = torch.cat(seen)
    plain = Normalisation().apply(images)
    both = torch.cat([plain, plain.flip(-1)])
    distance = (shown[:, None] - both[None]).abs().amax((2, 3, 4))
    assert distance.min(1).values.max() == 0
    flipped = (distance.argmin(1) >= len(plain)).float().mean()
    assert 0.2 < flipped < 0.8


def test_logits_do_not_depend_on_the_batch_size():
    images, _ = easy_set()
    module = fresh().eval()
    whole = logits(module, images, batch_size=64)
    np.testing.assert_allclose(logits(module, images, batch_size=7), whole, atol=1e-5)


def test_learning_rate_rises_to_the_peak_and_falls_to_zero():
    rates = [rate_at(step, 100, 0.4) for step in range(101)]
    assert max(rates) == 0.4
    assert np.argmax(rates) in (14, 15)
    assert np.all(np.diff(rates[15:]) <= 0)
    assert rates[100] == pytest.approx(0.0)


class Exploding(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return (x.mean((1, 2, 3)) * self.weight * float("nan"))[:, None].repeat(1, 2)


def test_a_loss_that_is_not_a_number_is_named():
    images, labels = easy_set()
    with pytest.raises(ZollstockError, match=r"loss nan at step 1 of 16.*learning_rate"):
        train_classifier(Exploding(), images, labels, **OPTIONS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda images, labels: (images, labels[:-1]), "labels"),
        (lambda images, labels: (images.astype(float), labels), "uint8"),
        (lambda images, labels: (images[..., :1], labels), "uint8 of shape"),
    ],
)
def test_misfit_images_are_refused(change, message):
    images, labels = change(*easy_set())
    with pytest.raises(ZollstockError, match=message):
        train_classifier(fresh(), images, labels, **OPTIONS)
