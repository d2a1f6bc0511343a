"""Drawn images and what the study's models say of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.calibration.seen import Seen
from zollstock.images.table import ImageRecord, latents_of
from zollstock.inference.run import Runner
from zollstock.models.card import Model
from zollstock.seeds import rng_for, seed_for
from zollstock.worlds import get_world
from zollstock.worlds.base import over_range

Array = npt.NDArray[np.float64]
Frames = npt.NDArray[np.uint8]

NOISE = "noise_angle"
"""The property that no model can depend on: a turn from one field of pixel noise to another."""


def noise_paths(
    world: Mapping[str, Any], image: int, placebos: int, steps: int, *seed: object
) -> Frames:
    """Return one image under `placebos` + 1 turns of pixel noise, all from one family.

    The first path stands for the property, the others for its placebos. They differ in the
    seed of the noise alone, so that they are exchangeable whatever a model does.

    Parameters
    ----------
    world
        ``name``, ``size``, ``bias`` and ``shape_noise``.
    image
        Number of the image; even ones are of the first class.
    placebos, steps
        K and S.
    *seed
        Names the draw.

    Returns
    -------
    ndarray
        uint8, shape ((K + 1)·S, size, size, 3), path by path.
    """
    drawn = get_world(world["name"])
    place = ("calibration", *seed, "noise", image)
    latents = drawn.sample(
        np.array([image % len(drawn.class_names)]),
        np.array([seed_for(*place)], dtype=np.uint64),
        bias=world["bias"],
        shape_noise=world["shape_noise"],
    )
    fields = rng_for(*place, "fields").integers(2**32, size=placebos + 1)
    low, high = drawn.latent_ranges[NOISE]
    axis = np.tile(np.linspace(low, high, steps), placebos + 1)
    swept = drawn.do(latents, NOISE, axis)
    swept["noise_seed"] = np.repeat(fields, steps).astype(np.float64)
    return drawn.render(swept, size=world["size"], masks=False).frames


def exact_paths(image: ImageRecord, latent: str, steps: int, world: Mapping[str, Any]) -> Frames:
    """Return the image with a latent set to `steps` values over its whole range."""
    return over_range(get_world(world["name"]), latents_of([image]), latent, steps, world["size"])


class Watcher:
    """The study's models, which look at frames and say how probable a class is.

    Parameters
    ----------
    models
        Name → model.
    followed
        The class whose probability is followed.
    device, precision, batch_size
        As `zollstock.inference.run.Runner` takes them.
    """

    def __init__(self, models: Mapping[str, Model], followed: str, **running: Any) -> None:  # noqa: ANN401
        self.runners = {name: Runner(model, **running) for name, model in models.items()}
        self.followed = followed

    def look(self, frames: Frames) -> tuple[Array, npt.NDArray[np.int64]]:
        """Return the followed probability and the predicted class of frames (n, H, W, 3).

        Returns
        -------
        probability, predicted
            Both (M, n), M models in the order given.
        """
        followed, predicted = [], []
        for runner in self.runners.values():
            probabilities = runner.probabilities(frames)
            place = runner.model.classes.index(self.followed)
            followed.append(probabilities[:, place].astype(np.float64))
            predicted.append(probabilities.argmax(axis=1))
        return np.stack(followed), np.stack(predicted)


def look_at_all(
    watcher: Watcher,
    world: Mapping[str, Any],
    images: Sequence[ImageRecord],
    edits: Mapping[str, Frames],
    *,
    latent: str,
    steps: int,
    dense: int,
    noise_images: int,
    placebos: int,
    seed: int,
    frames_done: Callable[[int], None],
) -> Seen:
    """Return what the models say of pixel noise, of exact interventions and of edits.

    Parameters
    ----------
    watcher
        The models.
    world
        ``name``, ``size``, ``bias`` and ``shape_noise``.
    images
        Drawn images, N of them.
    edits
        Image → frames of its edited path, as far as it has one, of at most `steps` frames.
    latent
        What is set in exact paths.
    steps, dense
        S, and D, the steps of exact paths.
    noise_images, placebos
        Images of pixel noise, and K.
    seed
        Names the draw.
    frames_done
        Called with the number of frames that were looked at.
    """
    number = len(watcher.runners)
    noise, exact, changes, edited = [], [], [], []
    for image in range(noise_images):
        found, _ = watcher.look(noise_paths(world, image, placebos, steps, seed))
        noise.append(found.reshape(number, placebos + 1, steps))
        frames_done((placebos + 1) * steps)
    for record in images:
        found, predicted = watcher.look(exact_paths(record, latent, dense, world))
        exact.append(found)
        changes.append(np.ptp(predicted, axis=1) > 0)
        # A path that could not be made has no predictions.
        row = np.full((number, steps), np.nan)
        if record.id in edits:
            found, _ = watcher.look(edits[record.id])
            row[:, : found.shape[1]] = found
        edited.append(row)
        frames_done(dense + steps)
    return Seen(
        tuple(watcher.runners),
        tuple(record.id for record in images),
        np.stack(noise, axis=1),
        np.stack(exact, axis=1),
        np.stack(changes, axis=1),
        np.stack(edited, axis=1),
    )
