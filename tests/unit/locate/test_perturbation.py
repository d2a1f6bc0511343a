"""One pass over the samples, against a loop that is written down as it is meant."""

import numpy as np
import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.inference.run import Runner
from zollstock.locate.classifier import Classifier, of_bytes, of_model
from zollstock.locate.context import Context
from zollstock.locate.masks import GridMasks
from zollstock.locate.perturbation import perturb, shared_passes
from zollstock.locate.samples import number_of
from zollstock.models.card import Model
from zollstock.models.normalisation import Normalisation
from zollstock.seeds import rng_for
from zollstock.settings.locate.attributers import attributer_plain
from zollstock.settings.locate.fills import FillSettings
from zollstock.settings.locate.perturbation import PerturbationSettings, RiseMethod
from zollstock.settings.locate.samples import SampleSettings
from zollstock.settings.locate.segments import SegmentSettings

GRID = {"name": "grid", "rows": 3, "columns": 4}
HARD = {"kind": "hard", "sigma": None, "shift": False}
RISE = {"name": "rise", "baseline": "none"}
SHIFTED = {"kind": "bilinear", "sigma": None, "shift": True}


def settings(n=40, masks=HARD, segments=GRID, fill="mean", **samples):
    drawn = {"name": "random", "kept": 0.5, "number": n} | samples
    fill = {"name": fill} if isinstance(fill, str) else fill
    return {"segments": segments, "masks": masks, "samples": drawn, "fill": fill}


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (25, 34, 3), dtype=np.uint8)


class Spy:
    """A model of two outputs, the second of which is constant; it keeps what it sees."""

    def __init__(self):
        self.seen = []

    def __call__(self, batch):
        self.seen.append(batch.clone())
        first = torch.sigmoid((batch[:, :, 4:12, 5:20].mean((1, 2, 3)) - 127) / 9)
        return torch.stack([first, torch.full_like(first, 0.25)], 1)


@pytest.mark.parametrize("masks", [HARD, SHIFTED, SHIFTED | {"shift": False}])
def test_rise_is_the_mean_of_outputs_by_what_is_kept(image, masks):
    spy = Spy()
    found = perturb(
        image,
        Classifier(spy),
        settings(masks=masks),
        {"a": RISE},
        rng_for("test"),
        batch_size=7,
    )
    seen = torch.cat(spy.seen).permute(0, 2, 3, 1).double().numpy()
    assert np.allclose(seen[-2], image) and np.allclose(seen[-1], image.mean((0, 1)), atol=1e-4)
    # The mask of each sample, from what the model saw.
    x, r = image.astype(float), image.mean((0, 1))
    far = np.abs(x - r).argmax(-1)[..., None]
    part = [np.take_along_axis(some, far, -1)[..., 0] for some in (x, np.broadcast_to(r, x.shape))]
    saw = np.stack([np.take_along_axis(one, far, -1)[..., 0] for one in seen[:-2]])
    m = (saw - part[1]) / (part[0] - part[1])
    assert m.min() > -1e-3 and m.max() < 1 + 1e-3
    y, z = found.outputs, found.kept.astype(float)
    pixels = np.einsum("nk,nij->kij", y, m) / m.sum(0)
    attribution = found.attributions["a"]
    assert np.allclose(attribution.pixels, pixels, atol=1e-3)
    assert attribution.pixels.dtype == np.float32 and attribution.pixels.shape == (2, 25, 34)
    assert np.allclose(attribution.segments, (z.T @ y) / z.sum(0)[:, None])
    assert np.allclose(attribution.segments[:, 1], 0.25)
    assert np.allclose(found.ends.whole[0], Spy()(seen_of(x))[0, 0], atol=1e-6)


def seen_of(x):
    return torch.from_numpy(x[None]).permute(0, 3, 1, 2).float()


@pytest.mark.parametrize("masks", [HARD, SHIFTED])
def test_batches_change_nothing(image, masks):
    one, two = (
        perturb(
            image,
            Classifier(Spy()),
            settings(masks=masks),
            {"a": RISE},
            rng_for("test"),
            batch_size=size,
        )
        for size in (1, 64)
    )
    assert (one.kept == two.kept).all()
    assert np.allclose(one.outputs, two.outputs, atol=1e-6)
    assert np.allclose(one.attributions["a"].pixels, two.attributions["a"].pixels, atol=1e-5)


def test_the_preset_runs_as_it_is(image):
    method = RiseMethod(samples={"random": 0.5, "number": 9}).plain()
    attribute = method.pop("attribute")
    found = perturb(image, Classifier(Spy()), method, {"rise": attribute}, rng_for(1))
    assert found.outputs.shape == (9, 2) and np.isfinite(found.attributions["rise"].pixels).all()


def test_plain_values_of_the_form_in_a_config():
    method = PerturbationSettings.model_validate(
        {
            "segments": {"grid": [7, 6], "masks": "bilinear", "shift": True},
            "samples": {"random": 0.5, "number": 4000},
            "fill": "mean",
            "attribute": "rise",
        }
    )
    assert method.plain() == {
        "segments": {"name": "grid", "rows": 7, "columns": 6},
        "masks": {"kind": "bilinear", "sigma": None, "shift": True},
        "samples": {
            "name": "random",
            "kept": 0.5,
            "number": 4000,
            "per_segment": None,
            "times": 1,
            "add": [],
        },
        "fill": {"name": "mean"},
        "attribute": {"name": "rise", "baseline": "mean"},
    }


ATTRIBUTERS = {
    name: attributer_plain(name)
    for name in ("rise", "lime", "kernel_shap", "pda", "ciu", "significance", "rank", "difference")
}


def a_context(image):
    labels = np.zeros(image.shape[:2], np.uint8)
    labels[:9], labels[20:, 20:] = 3, 90
    labels[4, 4] = 255  # a segment of one pixel
    return Context(
        labels=labels,
        parts=labels,
        mask=(labels > 0).astype(np.float32),
        frame=255 - image,
        pictures=[image[::-1].copy(), 255 - image],
    )


def every_segmenter():
    path = {"labels": "a.png", "mask": "fur", "grid": [3, 4], "slic": 9, "watershed": 9}
    for name in SegmentSettings.options:
        value = path.get(name, {"kernel": 3, "distance": 9} if name == "quickshift" else {})
        for masks in ("hard", "gaussian", *(["bilinear"] if name == "grid" else [])):
            yield SegmentSettings.model_validate({name: value, "masks": masks})


@pytest.mark.parametrize("segments", list(every_segmenter()), ids=lambda s: f"{s.chosen}-{s.masks}")
def test_every_segmenter_with_every_attributer(image, segments):
    given = {
        "segments": segments.plain_entry(),
        "masks": segments.plain_masks(),
        "samples": {"name": "random", "kept": 0.5, "number": 30},
        "fill": {"name": "blur", "sigma": None},
    }
    found = perturb(image, Classifier(Spy()), given, ATTRIBUTERS, rng_for(1), a_context(image))
    m = found.labels.max() + 1
    for name, attribution in found.attributions.items():
        assert attribution.segments.shape == (m, 2), name
        assert attribution.pixels.shape == (2, 25, 34) and attribution.pixels.dtype == np.float32
        if segments.masks == "hard" and name != "rise":
            wanted = attribution.segments.T[:, found.labels]
            assert np.allclose(attribution.pixels, wanted, equal_nan=True, atol=1e-5), name
    low, high = found.attributions["difference"].interval
    inside = found.attributions["difference"].segments
    assert (np.isnan(inside) | ((low <= inside) & (inside <= high))).all()


@pytest.mark.parametrize("fill", FillSettings.options)
def test_every_fill_is_what_the_model_sees(image, fill):
    value = {"colour": [9, 8, 7], "picture": {"number": 2}, "random_colour": True}
    value = {"inpaint": "sample"} | value
    settings_of = FillSettings.model_validate({fill: value.get(fill, {})}).plain_entry()
    spies = [Spy(), Spy()]
    one, two = (
        perturb(
            image,
            Classifier(spy),
            settings(n=9, fill=settings_of),
            {},
            rng_for(4),
            a_context(image),
            batch_size=size,
        )
        for spy, size in zip(spies, (1, 16), strict=True)
    )
    saw = [torch.cat(spy.seen).permute(0, 2, 3, 1).numpy() for spy in spies]
    assert np.allclose(*saw, atol=1e-3) and np.allclose(one.outputs, two.outputs, atol=1e-6)
    kept = one.kept[:, one.labels]
    for mask, frame in zip(kept, saw[0], strict=False):
        assert np.allclose(frame[mask], image[mask], atol=1e-3)
        gone = np.abs(frame - image).max(-1)[~mask]
        assert not mask.all() and (gone > 1e-3).mean() > 0.5
    if fill in {"histogram", "noise", "picture", "random_colour"}:
        assert (
            len({frame[~mask][0].tobytes() for mask, frame in zip(kept, saw[0], strict=False)}) > 1
        )


@pytest.mark.parametrize("samples", SampleSettings.options)
def test_every_sampler(image, samples):
    value = {"random": 0.5, "unique": 0.4, "per_sample": "beta", "single": "kept", "shapley": 20}
    value["joined"] = [{"random": 0.5}, {"single": "kept"}]
    given = SampleSettings.model_validate({samples: value.get(samples, {})}).plain()
    given["number"] = min(given["number"], 20)
    plain = settings() | {"samples": given, "segments": GRID | {"columns": 2}}
    found = perturb(image, Classifier(Spy()), plain, ATTRIBUTERS, rng_for(1))
    assert len(found.kept) == len(found.outputs) == number_of(6, given)


def test_one_segment_one_class_one_sample_and_a_constant_model(image):
    one = GRID | {"rows": 1, "columns": 1}
    plain = settings(n=1, segments=one)
    found = perturb(
        image, Classifier(lambda b: torch.full((len(b),), 0.5)), plain, ATTRIBUTERS, rng_for(0)
    )
    assert found.outputs.shape == (1, 1) and found.labels.max() == 0
    for attribution in found.attributions.values():
        assert attribution.segments.shape == (1, 1) and attribution.pixels.shape == (1, 25, 34)
    assert found.attributions["kernel_shap"].segments.tolist() == [[0.0]]


def test_a_longer_draw_of_samples_leaves_the_fill_alone(image):
    spies = [Spy(), Spy()]
    for spy, n in zip(spies, (5, 9), strict=True):
        perturb(image, Classifier(spy), settings(n=n, fill="own_random"), {}, rng_for(2))
    empty = [torch.cat(spy.seen)[-1] for spy in spies]
    assert torch.equal(*empty)


def test_no_more_than_a_batch_of_masks_is_in_memory(image, monkeypatch):
    most = []
    real = GridMasks.of

    def of(self, kept, offsets=None):
        most.append(len(kept))
        return real(self, kept, offsets)

    monkeypatch.setattr(GridMasks, "of", of)
    perturb(
        image,
        Classifier(Spy()),
        settings(n=100, masks=SHIFTED),
        ATTRIBUTERS,
        rng_for(0),
        batch_size=8,
    )
    assert max(most) == 8 and sum(most) == 102


def test_a_model_of_bytes_sees_whole_numbers(image):
    seen = []

    def outputs(frames):
        assert frames.dtype == np.uint8 and frames.shape[1:] == (25, 34, 3)
        seen.append(frames)
        return frames.mean((1, 2))

    soft = settings(masks=SHIFTED | {"shift": False})
    found = perturb(image, of_bytes(outputs), soft, {}, rng_for(0))
    spy = Spy()
    perturb(image, Classifier(spy), soft, {}, rng_for(0))
    exact = torch.cat(spy.seen).permute(0, 2, 3, 1).numpy()
    assert np.abs(np.concatenate(seen) - exact).max() <= 0.5 + 1e-3
    assert (seen[-1][-2] == image).all() and found.outputs.shape == (40, 3)


class Grads(torch.nn.Module):
    """A model that asks for gradients inside."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(2))

    def forward(self, x):
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            (x.sum() * self.weight.sum()).backward()
        return x.mean((1, 2, 3))[:, None] * torch.tensor([1.0, -1.0])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", ["conv", "gradients"])
def test_a_model_is_asked_for_probabilities(image, channels, kind):
    torch.manual_seed(0)
    module = Grads()
    if kind == "conv":
        conv = torch.nn.Conv2d(channels, 4, 3)
        pool = torch.nn.AdaptiveAvgPool2d(2)
        module = torch.nn.Sequential(
            conv, torch.nn.ReLU(), pool, torch.nn.Flatten(), torch.nn.Linear(16, 2)
        )
    norm = Normalisation((0.4, 0.5, 0.6), (0.2, 0.3, 0.25), channels)
    model = Model(module.eval(), ("cat", "dog"), Geometry((25, 34), "bilinear", "stretch"), norm)
    found = perturb(image, of_model(model), settings(), {}, rng_for(0))
    runner = Runner(model, device="cpu", batch_size=4)
    wanted = runner.probabilities(image[None])[0]
    assert np.allclose(found.ends.whole, wanted, atol=5e-3 if channels == 1 else 1e-5)
    filled = np.broadcast_to(image.mean((0, 1)), image.shape).round().astype(np.uint8)
    assert np.allclose(found.ends.empty, runner.probabilities(filled[None])[0], atol=5e-3)
    one = perturb(image, of_model(model, classes=[1]), settings(), {}, rng_for(0))
    assert np.allclose(one.outputs, found.outputs[:, 1:], atol=1e-6)


def test_a_batch_that_does_not_fit_is_halved(image):
    sizes = []

    def outputs(batch):
        sizes.append(len(batch))
        if len(batch) > least:
            raise RuntimeError("CUDA out of memory")
        return Spy()(batch)

    least = 5
    one = perturb(image, Classifier(outputs), settings(masks=SHIFTED), ATTRIBUTERS, rng_for(0))
    assert sizes[:4] == [32, 16, 8, 4] and set(sizes[4:]) <= {4, 2}
    two = perturb(image, Classifier(Spy()), settings(masks=SHIFTED), ATTRIBUTERS, rng_for(0))
    assert np.allclose(one.outputs, two.outputs, atol=1e-6)
    pixels = [found.attributions["rise"].pixels for found in (one, two)]
    assert np.allclose(*pixels, atol=1e-5)
    least = 0
    with pytest.raises(ZollstockError, match="not even one perturbed picture"):
        perturb(image, Classifier(outputs), settings(), {}, rng_for(0))


def test_another_fault_of_the_model_is_passed_on(image):
    def outputs(batch):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        perturb(image, Classifier(outputs), settings(), {}, rng_for(0))


@pytest.mark.parametrize("masks", [HARD, SHIFTED])
def test_rise_less_its_baseline_has_a_sign(image, masks):
    both = {"raw": RISE, "signed": RISE | {"baseline": "mean"}}
    found = perturb(image, Classifier(Spy()), settings(masks=masks), both, rng_for("test"))
    raw, signed = found.attributions["raw"], found.attributions["signed"]
    mean = found.outputs.mean(0)
    assert np.allclose(raw.segments - mean, signed.segments)
    assert np.allclose(raw.pixels - mean[:, None, None], signed.pixels, atol=1e-6)
    assert signed.pixels[0].min() < 0 < signed.pixels[0].max()


def test_methods_that_draw_alike_share_a_pass():
    rise, lime = RiseMethod().plain(), RiseMethod(attribute="lime").plain()
    other = RiseMethod(fill="blur").plain()
    passes = shared_passes({"a": rise, "b": other, "c": lime})
    assert [list(attributers) for _, attributers in passes] == [["a", "c"], ["b"]]
    assert passes[0][1]["c"]["name"] == "lime" and "attribute" not in passes[0][0]
