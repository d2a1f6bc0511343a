"""Paths of drawn images: exchangeable noise, exact interventions, and models that look."""

from pathlib import Path as FilePath

import numpy as np
import torch

from zollstock.calibration.drawn import Watcher, exact_paths, noise_paths
from zollstock.images.geometry import Geometry
from zollstock.images.table import ImageRecord
from zollstock.models.card import Model
from zollstock.models.normalisation import Normalisation
from zollstock.worlds import get_world

WORLD = {"name": "pets", "size": 16, "bias": 0.98, "shape_noise": 0.3}


class Mean(torch.nn.Module):
    """Logits (0, 10 · mean − 5)."""

    def forward(self, batch):
        brightness = 10 * batch.mean(dim=(1, 2, 3)) - 5
        return torch.stack([torch.zeros_like(brightness), brightness], dim=1)


def model():
    plain = Normalisation.of({"mean": [0, 0, 0], "std": [1, 1, 1]})
    return Model(Mean().eval(), ("cat", "dog"), Geometry(), plain)


def test_noise_paths_differ_in_the_noise_alone_and_belong_to_their_image():
    found = noise_paths(WORLD, 3, 4, 5, 1).reshape(5, 5, 16, 16, 3)
    assert len({path.tobytes() for path in found}) == 5
    # The same picture below: pixel noise moves a grey level by a few percent.
    assert np.abs(found.astype(int) - found[0, 0].astype(int)).mean() < 12
    np.testing.assert_array_equal(found.reshape(-1, 16, 16, 3), noise_paths(WORLD, 3, 4, 5, 1))
    assert not np.array_equal(found[0], noise_paths(WORLD, 4, 0, 5, 1))
    # A path does not depend on how many follow it.
    np.testing.assert_array_equal(found[:2].reshape(-1, 16, 16, 3), noise_paths(WORLD, 3, 1, 5, 1))


def test_exact_paths_go_over_the_whole_range():
    world = get_world("pets")
    latents = world.sample(np.array([0]), np.array([5], np.uint64))
    record = ImageRecord(
        "a", "cat", "0", "", FilePath("a"), {name: float(v[0]) for name, v in latents.items()}
    )
    frames = exact_paths(record, "fur_lightness", 4, WORLD)
    assert frames.shape == (4, 16, 16, 3)
    assert (np.diff(frames.mean(axis=(1, 2, 3))) > 0).all()
    # The image as it is but for the one latent: the exact intervention, not a drawing alike.
    for frame, value in zip(frames, np.linspace(0, 1, 4), strict=True):
        set_to = world.do(latents, "fur_lightness", np.array([value]))
        np.testing.assert_array_equal(frame, world.render(set_to, size=16).frames[0])


def test_watcher_follows_the_named_class_of_every_model():
    frames = np.stack([np.full((16, 16, 3), value, np.uint8) for value in (0, 120, 255)])
    watcher = Watcher({"one": model(), "two": model()}, "dog", device="cpu", batch_size=2)
    probability, predicted = watcher.look(frames)
    assert probability.shape == predicted.shape == (2, 3)
    np.testing.assert_array_equal(predicted[0], [0, 0, 1])
    np.testing.assert_allclose(
        probability[1], 1 / (1 + np.exp(5 - 10 * np.array([0, 120, 255]) / 255)), rtol=1e-4
    )
    other, _ = Watcher({"one": model()}, "cat", device="cpu", batch_size=2).look(frames)
    np.testing.assert_allclose(other + probability[:1], 1, atol=1e-6)
