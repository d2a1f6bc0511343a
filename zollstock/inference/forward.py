"""One forward pass of a model, in the fastest way that is right for it.

A user's model runs here as it does in plain torch. What makes it faster (another memory layout,
inference mode, numbers of 16 bits, many frames at once) is tried once, on the first frames, and
left out where the model refuses it or answers otherwise.
"""

import contextlib
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from zollstock.errors import ZollstockError
from zollstock.inference.batching import out_of_memory
from zollstock.inference.outputs import as_logits, find_logits
from zollstock.models.card import Model

_ROUNDING = {torch.float32: 1e-3, torch.bfloat16: 0.1}
_TENSOR_CORES = 1e-2  # what float32 keeps on a GPU, whose convolutions multiply 10 bits (TF32)


@dataclass(frozen=True)
class Way:
    """How a module is run.

    Attributes
    ----------
    gradients
        ``inference``: inference mode; ``none``: a model may ask for gradients inside;
        ``kept``: as in plain torch.
    single
        One frame at a time.
    autocast
        Numbers of 16 bits only where torch finds them safe.
    channels_last
        Memory layout.
    own
        In the numbers that the module was built with: its code may turn frames into these.
    """

    gradients: Literal["inference", "none", "kept"] = "inference"
    single: bool = False
    autocast: bool = False
    channels_last: bool = False
    own: bool = False


def apart(one: torch.Tensor, two: torch.Tensor, share: float) -> float:
    """Return how far two outputs are apart, as a share of their range; 0 within rounding.

    Parameters
    ----------
    one, two
        Of equal shape, (N, classes); NaN and infinity equal each other.
    share
        Of the range that counts as rounding.
    """
    one, two = torch.nan_to_num(one.double()), torch.nan_to_num(two.double())
    if one.shape != two.shape or not one.numel():
        return 0.0
    # Outputs that are nearly alike differ by float32's own rounding, whatever their range.
    wide = float(torch.maximum(one.max() - one.min(), one.abs().max() * 1e-5 / share))
    found = float((one - two).abs().max()) / max(wide, 1e-30)
    return found if found > share else 0.0


class Forward:
    """A model's module on a device.

    Parameters
    ----------
    model
        The classifier; it is copied, since moving works in place and others may share it.
    device, dtype
        Where it runs, in which numbers.

    Attributes
    ----------
    module
        What is run.
    way
        How, None before the first frames.
    rounding
        Share of the outputs' range that layouts and sizes of batches may move them by.
    """

    def __init__(self, model: Model, device: torch.device, dtype: torch.dtype) -> None:
        self.model, self.device, self.dtype = model, device, dtype
        self.way: Way | None = None
        self.rounding = _ROUNDING[dtype]
        if device.type != "cpu":
            self.rounding = max(self.rounding, _TENSOR_CORES)
        self.module = self._copy(dtype)

    def __call__(self, frames: npt.NDArray[np.uint8]) -> torch.Tensor:
        """Return the logits of frames of the model's input size, float32, (N, classes).

        Raises
        ------
        ZollstockError
            If the model refuses them, or returns something else than logits.
        """
        found = self.outputs(frames)
        return as_logits(found, len(self.model.classes), self.model.outputs)

    def outputs(self, frames: npt.NDArray[np.uint8]) -> torch.Tensor:
        """Return what the model itself returned, (N, classes) or (N, 1)."""
        if self.way is None:
            self.way = self._decide(frames)
            self._lay_out(self.way)
        try:
            return self._run(self.way, frames)
        except ZollstockError:
            raise
        except (Exception, SystemExit) as error:  # it may be the user's own code
            if out_of_memory(error):
                raise
            raise refusal(error, *frames.shape[1:3]) from None

    def _copy(self, dtype: torch.dtype | None) -> torch.nn.Module:
        module: Any = self.model.module
        with contextlib.suppress(Exception):  # what cannot be copied is moved itself
            module = copy.deepcopy(module)
        # Wrappers for many GPUs and for compiling expect a machine of their own.
        if isinstance(module, torch.nn.DataParallel):
            module = module.module
        module = getattr(module, "_orig_mod", module).eval()
        try:
            return module.to(self.device, dtype)
        except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
            if out_of_memory(error):
                raise
            return module.to(self.device)  # quantised: its numbers are its own

    def _decide(self, frames: npt.NDArray[np.uint8]) -> Way:
        """Return the fastest way that gives what plain torch gives for two frames."""
        # Two, since a model may refuse more than one.
        two = frames[:2] if len(frames) > 1 else np.concatenate([frames, frames])
        try:
            way, plain = self._plain(two)
        except Exception as error:
            if isinstance(error, ZollstockError) or not out_of_memory(error):
                raise
            two = frames[:1]
            way, plain = self._plain(two)
        fast = replace(way, channels_last=True)
        if any(value.dim() == 4 for value in self.module.parameters()):
            with contextlib.suppress(Exception):
                self._lay_out(fast)
                if not apart(plain, self._run(fast, two), self.rounding):
                    return fast
        return way

    def _plain(self, frames: npt.NDArray[np.uint8]) -> tuple[Way, torch.Tensor]:
        """Return the first way that the model takes, and its outputs."""
        first: BaseException | None = None
        held: torch.dtype | None = self.dtype
        for way in self._ways():
            wanted = None if way.own else torch.float32 if way.autocast else self.dtype
            if wanted != held:
                self.module, held = self._copy(wanted), wanted
            try:
                return way, self._run(way, frames)
            except (Exception, SystemExit) as error:
                if not isinstance(error, ZollstockError) and out_of_memory(error):
                    raise
                first = first or error
        if isinstance(first, ZollstockError):
            raise first
        assert first is not None
        raise refusal(first, *frames.shape[1:3]) from None

    def _ways(self) -> Iterator[Way]:
        for autocast in (False, True) if self.dtype != torch.float32 else (False,):
            for single in (False, True):
                yield Way("inference", single, autocast)
                yield Way("none", single, autocast)
                yield Way("kept", single, autocast)
        numbers = [*self.model.module.parameters(), *self.model.module.buffers()]
        if any(one.is_floating_point() and one.dtype != self.dtype for one in numbers):
            for single in (False, True):
                yield Way("none", single, own=True)

    def _lay_out(self, way: Way) -> None:
        layout = torch.channels_last if way.channels_last else torch.contiguous_format
        # torch's stub of `to` lacks the keyword.
        self.module.to(memory_format=layout)  # type: ignore[call-overload]

    def run(self, batch: torch.Tensor) -> torch.Tensor:
        """Return what the model says of its own input, in the way that was found before.

        Parameters
        ----------
        batch
            What `zollstock.models.normalisation.Normalisation.apply` makes of frames, which may be
            none of bytes.
        """
        assert self.way is not None
        if self.way.channels_last:
            batch = batch.contiguous(memory_format=torch.channels_last)
        with torch.inference_mode(self.way.gradients == "inference"):
            # What was made in inference mode is no good outside of it.
            kept = batch.clone() if self.way.gradients != "inference" else batch
            return self._through(self.way, kept)

    def _run(self, way: Way, frames: npt.NDArray[np.uint8]) -> torch.Tensor:
        return self._through(way, self.model.normalisation.apply(frames, self.device))

    def _through(self, way: Way, batch: torch.Tensor) -> torch.Tensor:
        batch = batch.to(torch.float32 if way.autocast or way.own else self.dtype)
        if not way.channels_last:
            batch = batch.contiguous()
        parts = batch.split(1) if way.single else (batch,)
        modes = {
            "inference": torch.inference_mode,
            "none": torch.no_grad,
            "kept": torch.enable_grad,
        }
        with contextlib.ExitStack() as stack:
            stack.enter_context(modes[way.gradients]())
            if way.autocast:
                stack.enter_context(torch.autocast(self.device.type, self.dtype))
            found = [
                find_logits(self.module(part), len(part), len(self.model.classes)).detach()
                for part in parts
            ]
        return torch.cat(found) if len(found) > 1 else found[0]


# What torch says where arrays do not fit together: layers, convolutions, reshaping, joining.
_SHAPES = re.compile(r"\bshapes?\b|\bsizes?\b|\bdimensions?\b|\bmust match\b", re.IGNORECASE)
_CHANNELS = re.compile(r"to have (\d+) channels, but got (\d+) channels")
# What torch says of memory layouts; other sizes of input do not help.
_LAYOUT = re.compile(r"size is not compatible with input tensor's size and stride", re.IGNORECASE)


def refusal(error: BaseException, height: int, width: int) -> ZollstockError:
    """Return what to tell of an exception that a model raised; it may be the user's own code."""
    first = next(iter(str(error).strip().splitlines()), "without a message")
    channels = _CHANNELS.search(str(error))
    if channels:
        return ZollstockError(
            "models: preprocessing.channels",
            f"the model refuses input of {channels[2]} channels ({first})",
            "a model that takes three (colour) or one (grey)",
            "Set channels to 1 or 3, or wrap the model so that it takes RGB.",
        )
    if (
        isinstance(error, RuntimeError | ValueError | AssertionError)
        and _SHAPES.search(str(error))
        and not _LAYOUT.search(str(error))
    ):
        return ZollstockError(
            "models: preprocessing",
            f"the model refuses input of {height}×{width} pixels ({first})",
            "the input size it was trained with",
            "Set the model's preprocessing.size.",
        )
    return ZollstockError(
        "models: family",
        f"the model raised {type(error).__name__} ({first})",
        "logits",
        "Mend its code, or run it on another device or with precision float32.",
    )
