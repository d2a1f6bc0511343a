"""Whether a model is a function of the frame: comparisons, and what is told where it is none."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch

from zollstock.errors import ZollstockError
from zollstock.inference.culprits import culprit
from zollstock.inference.forward import Forward, apart

# What is random once in a while needs several looks; small models have the time for it.
_SECONDS, _ROUNDS = 2.0, 16
_AGAIN = 1 / 20
"""Of rounding, that the same batch may differ by: the same sums come in the same order."""
_OTHERWHERE = 3.0
"""Times rounding, off the CPU or in 16 bits: how a GPU multiplies hangs on the batch's size."""
_SATURATED = 9.0
"""Logit of a sigmoid from which on float32 cannot tell its neighbours apart."""
_NOTHING = 1e-6
"""Of a logit."""
_SHOWN = 32

Frames = npt.NDArray[np.uint8]


def check_function(forward: Forward, frames: Frames) -> None:
    """Compare what a model says of the same frames in other batches, alone, and again.

    Parameters
    ----------
    forward
        The model.
    frames
        Some that differ, of its input size.

    Raises
    ------
    ZollstockError
        If it is no function of the frame.
    """
    share = forward.rounding
    every = list(range(len(frames)))
    whole = forward.outputs(frames)
    for batch in _batches(len(frames)):
        other = forward.outputs(frames[batch])
        if far := apart(whole[batch], other, share * _AGAIN if batch == every else share):
            raise _no_function(forward, frames, far, batch)
    _check_memory(forward, frames, whole)


def check_alone(
    forward: Forward, frames: Frames, together: torch.Tensor, alone: torch.Tensor
) -> None:
    """Compare what a model said of frames with what it said of the first of them alone.

    Noise may not tell what frames do, nor weights before a training what those after it do.

    Parameters
    ----------
    forward
        The model.
    frames
        That went through it together, N of them.
    together, alone
        Logits, (N, classes) and (1, classes).

    Raises
    ------
    ZollstockError
        If both differ by more than rounding.
    """
    exact = forward.device.type == "cpu" and forward.dtype == torch.float32
    share = forward.rounding * (1 if exact else _OTHERWHERE)
    one, two, outputs = together.to(alone.device), alone, forward.model.outputs
    if outputs == "sigmoids" or (outputs == "probabilities" and one.shape[1] == 2):
        one, two = (each.clamp(-_SATURATED, _SATURATED) for each in (one, two))
    # Logits that cancel out are all rounding, and move no probability.
    least = max(float(one.abs().max()) * share / 10, _NOTHING)
    wide = float(one.max() - one.min())
    if (far := float((one[:1] - two).abs().max())) > max(share * wide, least):
        raise _no_function(forward, frames[:_SHOWN], far / max(wide, least), [0])


def _check_memory(forward: Forward, frames: Frames, whole: torch.Tensor) -> None:
    """Compare with a copy that saw other frames first, and look for what drifts between calls."""
    other = Forward(forward.model, forward.device, forward.dtype)
    far = apart(whole.flip(0), other.outputs(frames[::-1].copy()), forward.rounding)
    drifting = _drifting(forward)
    if far:
        how = f"by {far:.2g} of its outputs' range"
    elif drifting and not torch.equal(whole, forward.outputs(frames)):
        how = f"ever more, through its buffer '{drifting}'"
    else:
        return
    raise ZollstockError(
        "models: family",
        f"what the model says of a frame depends on those that it saw before, {how}",
        "a model that is a function of the frame once eval() is called",
        "Let it keep nothing between calls once eval() is called: no running mean, no first frame.",
    )


def _drifting(forward: Forward) -> str:
    """Return the first buffer with other numbers than before the model ran; "" if none has."""
    before = dict(forward.model.module.named_buffers())
    for name, value in forward.module.named_buffers():
        if name not in before or not value.is_floating_point():
            continue  # what is counted, in whole numbers, is no part of what a model says
        known = before[name].to(value)
        if known.shape == value.shape and not torch.allclose(known, value, 0, 0, equal_nan=True):
            return name
    return ""


def _batches(count: int) -> Iterator[list[int]]:
    """Yield which frames go together: halves, single ones, then all again while there is time."""
    until = time.monotonic() + _SECONDS
    half = count // 2
    yield list(range(half, count))
    yield list(range(half))
    for place in range(count):
        yield [place]
    for _ in range(_ROUNDS):
        if time.monotonic() > until:
            return
        yield list(range(count))


def _no_function(
    forward: Forward, frames: Frames, far: float, batch: Sequence[int]
) -> ZollstockError:
    """Return what to tell, of the batch or, if the same batch would do, of chance."""
    whole, share = forward.outputs(frames), forward.rounding * _AGAIN
    # A chance that is rare takes many looks.
    looks = (apart(whole, forward.outputs(frames), share) for _ in range(_ROUNDS))
    again = next(filter(None, looks), 0.0)
    where = culprit(forward, frames, list(range(len(frames))) if again else batch)
    if again:
        return ZollstockError(
            "models: family",
            "the model answers the same frame differently each time, by "
            f"{again:.2g} of its outputs' range, first in {where}",
            "a model that is a function of the frame once eval() is called",
            "Let eval() switch off what is random or changes: F.dropout(x, "
            "training=self.training), no noise, no random cut, nothing kept between calls.",
        )
    return ZollstockError(
        "models: family",
        "what the model says of a frame depends on the other frames of its batch, by "
        f"{far:.2g} of its outputs' range, first in {where}",
        "a model that is a function of the frame once eval() is called",
        "Let it use nothing of the batch: of normalisation the running statistics "
        "(track_running_stats=True), and no mean over dimension 0.",
    )
