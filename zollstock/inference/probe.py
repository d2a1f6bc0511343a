"""Whether a model is a function of the frame, and what it returns.

A score is a difference between frames. Where a model answers the same frame differently (dropout
that is left on, noise, random resizing, something kept between calls) or heeds the other frames of
a batch (batch statistics), the difference is the model's own. So a few frames of noise go through a
model before it is used: together, in other batches, alone, and again. Those that count follow when
there are some, see `zollstock.inference.function`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.errors import ZollstockError
from zollstock.images.geometry import geometry_of
from zollstock.inference.forward import Forward
from zollstock.inference.function import check_function
from zollstock.inference.kinds import kind_of
from zollstock.models.card import Model
from zollstock.models.normalisation import Normalisation

# Sides of input that are tried where the settings leave it to the frames.
_SIDES = (224, 64, 32, 128, 256, 299, 384, 512, 28, 96)
_FRAMES = 4
_ELSEWHERE = re.compile(r"cuda|triton|gpu|flash|xformers|same device", re.IGNORECASE)
Frames = npt.NDArray[np.uint8]


def noise_frames(count: int, height: int, width: int) -> Frames:
    """Return frames of noise with the spectrum of photographs, from dark ones to bright ones.

    Parameters
    ----------
    count, height, width
        Of frames, and of their pixels.

    Returns
    -------
    ndarray of uint8, shape (count, height, width, 3)
    """
    rng = np.random.Generator(np.random.Philox(key=20))
    rate = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    rate[0, 0] = np.inf
    frames = []
    for place in range(count):
        waves = rng.normal(size=(3, *rate.shape)) + 1j * rng.normal(size=(3, *rate.shape))
        found = np.fft.irfft2(waves / rate, s=(height, width)).transpose(1, 2, 0)
        found /= max(float(found.std()), 1e-12)
        share = place / max(count - 1, 1)
        frames.append(40 + 160 * share + (15 + 35 * share) * found)
    return np.clip(frames, 0, 255).astype(np.uint8)


def examined(module: torch.nn.Module, settings: Mapping[str, Any]) -> Model:
    """Return a module as the model that its settings describe, tried on the CPU.

    Parameters
    ----------
    module
        With its weights.
    settings
        ``classes`` and ``preprocessing``; ``outputs`` and ``scale``, where they are known.

    Raises
    ------
    ZollstockError
        See `proved`.
    """
    return proved(_described(module, settings))


def examined_for_training(
    module: torch.nn.Module,
    settings: Mapping[str, Any],
    device: torch.device,
    size: tuple[int, int],
) -> Model:
    """Return a module that is not trained yet as `examined` does; it has to return logits.

    Parameters
    ----------
    module, settings
        As `examined` takes them.
    device
        Where it will be trained.
    size
        Of its input.
    """
    found = proved(_described(module, settings), device, size)
    outputs = Forward(found, device, torch.float32).outputs(noise_frames(1, *size))
    if found.outputs != "logits" or outputs.shape[1] != len(found.classes):
        raise ZollstockError(
            "models: family",
            f"builds a model that returns {outputs.shape[1]} {found.outputs}",
            f"{len(found.classes)} logits, from a model that is trained here",
            "Let its last layer have an output a class, and leave softmax or sigmoid out.",
        )
    return found


def _described(module: torch.nn.Module, settings: Mapping[str, Any]) -> Model:
    preprocessing = settings["preprocessing"]
    normalisation = Normalisation.of(preprocessing)
    if preprocessing.get("channels") is None:  # to be found out
        normalisation = replace(normalisation, channels=0)
    classes = tuple(settings["classes"])
    outputs, scale = settings.get("outputs") or "", settings.get("scale", 1.0)
    geometry = geometry_of(preprocessing)
    return Model(module, classes, geometry, normalisation, outputs, scale=scale)


def proved(
    model: Model, device: torch.device | str = "cpu", size: tuple[int, int] | None = None
) -> Model:
    """Return a model with what was found of its input and outputs.

    Parameters
    ----------
    model
        As its settings say. Where `normalisation.channels` is 0 it is found out, and so are
        `outputs` that are "".
    device
        Where it is tried.
    size
        Of its input, where it is known. Else a model that takes none of the usual sizes, or
        wants another device, stays unproved.

    Raises
    ------
    ZollstockError
        If the model refuses its input, returns no logits, or is no function of the frame.
    """
    found = _started(model, torch.device(device), size)
    if found is None:
        return replace(model, proved=False)
    forward, frames = found
    check_function(forward, frames)
    return replace(forward.model, outputs=kind_of(forward, frames), proved=True)


def _started(
    model: Model, device: torch.device, size: tuple[int, int] | None
) -> tuple[Forward, Frames] | None:
    """Return a model that runs, and frames that it takes; None if that cannot be known here."""
    errors = []
    sizes = [at for at in (size, model.geometry.size) if at] or [(side, side) for side in _SIDES]
    wanted = model.normalisation.channels
    for height, width in sizes[:1] if size else sizes:
        frames = noise_frames(_FRAMES, height, width)
        for channels in (wanted,) if wanted else (3, 1):
            normalisation = replace(model.normalisation, channels=channels)
            forward = Forward(replace(model, normalisation=normalisation), device, torch.float32)
            try:
                forward.outputs(frames)
            except ZollstockError as error:
                errors.append(error)
                continue
            _check_channels(forward.model)
            return forward, frames
    # Another size may suit it, another device too; what it returns is the same everywhere.
    if not size and (_ELSEWHERE.search(errors[0].found) or len(sizes) > 1):
        for found in errors:
            if found.found.startswith("the model returned"):
                raise found
        return None
    raise errors[0]


def _check_channels(model: Model) -> None:
    found = model.normalisation
    if found.channels == 1 and (len({*found.mean}) > 1 or len({*found.std}) > 1):
        raise ZollstockError(
            "models: preprocessing.mean",
            f"has {list(found.mean)} with std {list(found.std)}, and the model takes one channel",
            "one number each",
            "Write those of grey pictures, e.g. mean: 0.5.",
        )
