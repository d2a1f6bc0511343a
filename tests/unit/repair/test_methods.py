"""Methods: each repairs what it is made for, repeats itself, goes on after a kill, and refuses."""

import json

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.models.normalisation import Normalisation
from zollstock.models.training import Step
from zollstock.repair.directions import Subspace
from zollstock.repair.explained import quiet
from zollstock.repair.frames import FrameDraws
from zollstock.repair.material import (
    Material,
    Paths,
    balanced,
    inputs_of,
    wanted_from_paths,
)
from zollstock.repair.measuring import property_gradient
from zollstock.repair.methods import known_methods, repaired
from zollstock.repair.methods.dfr import fitted
from zollstock.repair.methods.group_dro import WorstGroup
from zollstock.repair.methods.projection import project_out, projected
from zollstock.repair.run import Run

NORMALISATION = Normalisation((0.5,) * 3, (0.5,) * 3, 1)
TRAINING = {"epochs": 4, "batch_size": 8, "learning_rate": 0.01, "mirror": False}
STEPS = 3
VARIANTS = {
    **{name: {"name": name} for name in known_methods()},
    "trained": {"name": "projection", "form": "trained", "layer": "4", "directions": 4},
    "penalised": {"name": "projection", "form": "penalised", "layer": "4", "directions": 4},
    "filters": {"name": "projection", "form": "trained", "layer": "0", "directions": 1},
    "groups": {"name": "dfr", "on": "groups", "draws": 2},
    "expected": {"name": "rrr", "explainer": {"name": "expected_gradients", "samples": 2}},
    "edited": {"name": "difference", "edited": 1.0, "frames": "ends", "pairs": 4},
}


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(64, 12), nn.ReLU(), nn.Linear(12, 2),
    )  # fmt: skip


def pictures(count, seed, level):
    """A faint stripe across, or down, tells the class; a corner has a level of its own."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    found = rng.integers(0, 120, (count, 8, 8))
    for one, label in zip(found, labels, strict=True):
        one[(3, slice(1, 7)) if label else (slice(1, 7), 3)] += 60
    found[:, 6:, 6:] = np.asarray(level(labels))[:, None, None]
    return np.repeat(found[..., None], 3, 3).astype(np.uint8), labels.astype(np.int64)


def paths_of(count, seed):
    frames = [pictures(count, seed, lambda y, s=s: 0 * y + 120 * s)[0] for s in range(STEPS)]
    return Paths(np.stack(frames, 1), np.arange(count) % 2)


@pytest.fixture(scope="module")
def material():
    images, labels = pictures(48, 0, lambda y: 240 * np.where(np.arange(48) % 8 < 7, y, 1 - y))
    shown = (images[:, 7, 7, 0] > 0).astype(int)
    paths = paths_of(48, 0)
    return Material(images, labels, shown, {"corner": paths}, wanted_from_paths(paths))


@pytest.fixture(scope="module")
def biased(material):
    module = network()
    found = repaired(
        module, material, {"name": "erm"}, training=TRAINING | {"epochs": 12}, **COMMON
    )
    module.load_state_dict(found.state)
    return module.eval()


COMMON = {"seed": 3, "normalisation": NORMALISATION}


def gradient(state):
    module = network()
    module.load_state_dict(state)
    return property_gradient(module, paths_of(60, 9), NORMALISATION)["epgm"]


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def results(biased, material):
    return {
        name: repaired(biased, material, how, training=TRAINING, **COMMON)
        for name, how in VARIANTS.items()
    }


@pytest.mark.parametrize("name", VARIANTS)
def test_same_seed_same_bytes_and_the_model_stays(name, results, biased, material):
    kept = {key: value.clone() for key, value in biased.state_dict().items()}
    np.random.seed(1)  # noqa: NPY002
    torch.manual_seed(99)
    state = torch.get_rng_state()
    again = repaired(biased, material, VARIANTS[name], training=TRAINING, **COMMON)
    assert torch.equal(torch.get_rng_state(), state)
    assert same(results[name].state, again.state)
    assert not same(kept, again.state)
    assert same(kept, biased.state_dict())
    assert all(not part.training for part in biased.modules())
    json.dumps(again.history)
    assert len(again.epochs) in (0, TRAINING["epochs"])
    if again.epochs:
        assert same(again.epochs[-1], again.state)
        other = repaired(
            biased, material, VARIANTS[name], training=TRAINING, **COMMON | {"seed": 4}
        )
        assert not same(other.state, again.state)


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("difference", 0.65), ("edited", 0.55), ("counterfactual", 0.75), ("rrr", 0.8),
        ("expected", 0.7), ("projection", 0.1), ("trained", 0.1), ("penalised", 0.75),
        ("dfr", 0.7), ("group_balanced", 0.85),
    ],
)  # fmt: skip
def test_the_property_matters_less(name, share, results, biased):
    before, after = gradient(biased.state_dict()), gradient(results[name].state)
    assert before > 0.5
    assert after < share * before, (before, after)


def test_more_of_the_same_changes_little(results, biased):
    assert gradient(results["erm"].state) > 0.9 * gradient(biased.state_dict())


class Killed(Exception):
    pass


@pytest.mark.parametrize(
    "name", ["erm", "group_dro", "difference", "expected", "penalised", "trained"]
)
def test_goes_on_after_a_kill(name, results, biased, material, tmp_path):
    def killer(done, total, told):
        if told["epoch"] == 2:
            raise Killed

    seen = []

    def watch(module):
        assert not module.training
        seen.append(1)
        return {"seen": float(module[6].bias.detach()[0])}

    asked = {"training": TRAINING, "folder": tmp_path, "watch": watch, **COMMON}
    with pytest.raises(Killed):
        repaired(biased, material, VARIANTS[name], progress=killer, **asked)
    assert len(seen) == 2
    found = repaired(biased, material, VARIANTS[name], **asked)
    assert len(seen) == 4
    assert same(found.state, results[name].state)
    assert len(found.history["seen"]) == len(found.history["loss"]) == 4
    for file, state in zip(found.epochs, results[name].epochs, strict=True):
        assert same(safetensors.torch.load_file(file), state)
    assert not (tmp_path / "unfinished").exists()


def test_what_a_repair_is_of_decides_whether_it_goes_on(biased, material, tmp_path):
    def killer(done, total, told):
        raise Killed

    asked = {"training": TRAINING, "folder": tmp_path, **COMMON}
    with pytest.raises(Killed):
        repaired(biased, material, {"name": "difference"}, progress=killer, **asked)
    done = []
    other = {"name": "difference", "weight": 3.0}
    found = repaired(
        biased, material, other, progress=lambda *c: done.append(c[2]["epoch"]), **asked
    )
    assert done == [1, 2, 3, 4]
    assert same(found.state, repaired(biased, material, other, training=TRAINING, **COMMON).state)


def test_a_loss_that_is_no_number_is_told(biased, material, tmp_path):
    class Late(nn.Module):
        """Gives no number from the second epoch on, in training."""

        def __init__(self):
            super().__init__()
            self.inner, self.calls = network(), 0

        def forward(self, x):
            self.calls += self.training
            return self.inner(x) * (float("nan") if self.calls > 8 else 1.0)

    asked = {"training": TRAINING, "folder": tmp_path, **COMMON}
    with pytest.raises(ZollstockError) as error:
        repaired(Late(), material, {"name": "difference"}, **asked)
    told = str(error.value)
    assert told.startswith("repair: difference: loss nan at step 9 of 24 (epoch 2)")
    assert f"that of epoch 1, {tmp_path / 'unfinished' / 'difference.safetensors'}" in told
    assert (tmp_path / "unfinished" / "difference.safetensors").is_file()


def test_a_penalty_that_is_infinite_is_told_with_the_method(biased, material):
    how = {"name": "difference", "weight": 1e39}
    with pytest.raises(ZollstockError, match="repair: difference: loss inf at step 1 of 24"):
        repaired(biased, material, how, training=TRAINING, **COMMON)


@pytest.mark.parametrize(
    ("how", "less", "words"),
    [
        ({"name": "difference"}, {"paths": {}}, "is given no paths"),
        ({"name": "counterfactual"}, {"paths": {}}, "is given no paths"),
        ({"name": "projection"}, {"paths": {}}, "is given no paths"),
        ({"name": "dfr"}, {"paths": {}}, "is given no paths"),
        ({"name": "rrr"}, {"wanted": None}, "is given no wanted"),
        ({"name": "group_dro"}, {"groups": None}, "is given no groups"),
        ({"name": "group_balanced"}, {"groups": None}, "is given no groups"),
        ({"name": "diference"}, {}, "Did you mean 'difference'"),
        ({"name": "difference", "weights": 1}, {}, "has the setting 'weights'"),
        ({"name": "erm", "weight": 1}, {}, "no settings"),
        ({"name": "projection", "layer": "1"}, {}, "is '1', a ReLU"),
        ({"name": "projection", "layer": "x"}, {}, "no layer of the model"),
        ({"name": "projection", "form": "open"}, {}, "one of closed"),
        ({"name": "dfr", "on": "images"}, {}, "one of frames"),
        ({"name": "rrr", "penalty": "cos"}, {}, "one of squared"),
        ({"name": "rrr", "explainer": {"name": "shap"}}, {}, "one of ablation"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(how, less, words, biased, material):
    with pytest.raises(ZollstockError, match=words):
        repaired(biased, Material(**vars(material) | less), how, training=TRAINING, **COMMON)


def test_a_setting_of_the_training_that_is_not_known(biased, material):
    with pytest.raises(ZollstockError, match="repair: training: has the setting 'epoch'"):
        repaired(biased, material, {"name": "erm"}, training={"epoch": 1})


@pytest.mark.parametrize(
    "wrong",
    [
        lambda m: {"labels": m.labels[:3]},
        lambda m: {"groups": m.groups[:3]},
        lambda m: {"wanted": m.wanted[:, :4]},
    ],
)
def test_arrays_that_do_not_fit(wrong, material):
    with pytest.raises(ZollstockError, match=r"ha(ve|s) shape"):
        Material(**vars(material) | wrong(material))


def test_paths_that_are_none():
    frames = paths_of(4, 0).frames
    for bad in (frames[:, 0], frames.astype(float), frames[:0]):
        with pytest.raises(ZollstockError, match="uint8 of shape"):
            Paths(bad, np.zeros(len(bad), int))
    with pytest.raises(ZollstockError, match="two frames or more"):
        Paths(frames[:, :1], np.zeros(4, int))


def run_of(material, **settings):
    recipe = TRAINING | {"device": "cpu", "weight_decay": 0.0}
    return Run("difference", network(), material, settings, recipe, NORMALISATION, 3)


def test_pairs_are_two_frames_of_one_path(material):
    marked = np.zeros((5, STEPS, 8, 8, 3), np.uint8)
    marked[:, :, 0, 0, 0] = 10 * np.arange(5)[:, None] + np.arange(STEPS)
    run = run_of(Material(**vars(material) | {"paths": {"p": Paths(marked, np.arange(5))}}))
    run.training["mirror"] = True
    drawn = FrameDraws(run, 8)
    flipped = set()
    for number in range(12):
        first, second, labels = drawn.pairs(number, ends=False)
        one, other = (part[:, 0].max(1)[:, 0].astype(int) for part in (first, second))
        assert sorted(one // 10) == [0, 1, 2, 3, 4]
        assert (one // 10 == other // 10).all()
        assert (one != other).all()
        assert (labels == one // 10).all()
        sides = [part[:, 0, 0, 0] == values for part, values in ((first, one), (second, other))]
        assert (sides[0] == sides[1])[(one > 0) & (other > 0)].all()
        flipped |= set(sides[0][one > 0].tolist())
        ends = drawn.pairs(number, ends=True)
        assert [set(part[:, 0].max(1)[:, 0] % 10) for part in ends[:2]] == [{0}, {STEPS - 1}]
    assert flipped == {True, False}


def test_balanced_shares():
    shares = balanced(np.array([0, 0, 0, 1]))
    np.testing.assert_allclose(shares, [1 / 6, 1 / 6, 1 / 6, 1 / 2])


def test_the_worst_group_gains_weight(material):
    run = run_of(material, rate=0.5, adjustment=0.0)
    objective = WorstGroup(run)
    logits = torch.tensor([[0.0, 0.0], [0.0, 4.0]], requires_grad=True)
    targets = torch.tensor([0, 0])
    places = np.array([np.flatnonzero(objective.cells == cell)[0] for cell in (0, 1)])
    step = Step(run.module, torch.zeros(2), targets, places, torch.zeros(2), 0, 0)
    each = nn.functional.cross_entropy(logits, targets, reduction="none").detach().numpy()
    count = objective.cells.max() + 1
    q = np.full(count, 1 / count)
    q[:2] *= np.exp(0.5 * each)
    q /= q.sum()
    found = objective.prediction(logits, step)
    assert found.item() == pytest.approx((q[:2] * each).sum())
    assert objective.state()["q"] == pytest.approx(q.tolist())


@pytest.mark.parametrize("place", [0, 4, 6])
def test_a_projection_in_the_weights_is_one_of_activations(place, material, biased):
    module = network()
    module.load_state_dict(biased.state_dict())
    layer = module[place]
    size = layer.in_features if isinstance(layer, nn.Linear) else layer.out_channels
    generator = torch.Generator().manual_seed(0)
    basis = torch.linalg.qr(torch.randn(size, 2, generator=generator, dtype=torch.float64))[0]
    found = Subspace(basis, torch.randn(size, generator=generator, dtype=torch.float64))
    inputs = inputs_of(material.images, NORMALISATION, "cpu")
    with quiet(module), torch.no_grad():
        with projected(layer, found):
            wanted = module(inputs)
        plain = module(inputs)
        project_out(layer, found, "test")
        torch.testing.assert_close(module(inputs), wanted, atol=1e-5, rtol=1e-5)
    assert (plain - wanted).abs().max() > 1e-3


def test_a_layer_without_biases_is_refused(material):
    layer = nn.Linear(3, 2, bias=False)
    with pytest.raises(ZollstockError, match="has no biases"):
        project_out(layer, Subspace(torch.eye(3)[:, :1], torch.zeros(3)), "repair: projection")


@pytest.mark.parametrize("classes", [2, 3])
def test_the_last_layer_says_what_the_regression_says(classes):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    labels = np.arange(60) % classes
    values = rng.normal(size=(60, 4)) * [1, 5, 0.1, 0] + labels[:, None]
    weight, bias = fitted(values, labels, classes, 0.5)
    scaled = StandardScaler().fit_transform(values)
    wanted = LogisticRegression(C=0.5, max_iter=2000).fit(scaled, labels).predict_proba(scaled)
    found = torch.from_numpy(values @ weight.T + bias).softmax(1).numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    with pytest.raises(ZollstockError, match=f"nothing of class {classes}"):
        fitted(values, labels, classes + 1, 0.5)


def test_what_a_path_leaves_alone():
    frames = np.zeros((1, 2, 2, 2, 3), np.uint8)
    frames[0, 1, 0, 1, 2] = 9
    assert wanted_from_paths(Paths(frames, np.array([0]))).tolist() == [[[1, 0], [1, 1]]]
