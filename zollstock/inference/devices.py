"""Where and how fast a model runs: device, precision, batch size."""

import statistics
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from zollstock.errors import ZollstockError

_CANDIDATES = (2, 4, 8, 16, 32, 64, 128, 256)
_GPU_BATCH = 256
_BUDGET = 3.0  # seconds for choosing a batch size


def choose_device(wanted: str) -> torch.device:
    """Return the torch device for ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Raises
    ------
    ZollstockError
        If the device is not there.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        return torch.device(next(name for name, there in available.items() if there))
    if not available[wanted]:
        raise ZollstockError(
            "inference.device",
            f"is '{wanted}', which this machine does not have",
            "a device of this machine",
            "Use 'auto' or 'cpu'.",
        )
    return torch.device(wanted)


Forward = Callable[[npt.NDArray[np.uint8]], torch.Tensor]


def choose_batch_size(forward: Forward, frames: npt.NDArray[np.uint8], device: torch.device) -> int:
    """Return the batch size with the highest measured throughput.

    On a CPU small batches stay in the cache and often win by a factor of three; on a GPU
    a large one is taken without measuring.

    Parameters
    ----------
    forward
        Runs one batch of frames, uint8, shape (N, height, width, 3).
    frames
        Some real frames to measure with.
    device
        Where `forward` runs.
    """
    if device.type != "cpu":
        return _GPU_BATCH
    best, best_rate = _CANDIDATES[0], 0.0
    deadline = time.perf_counter() + _BUDGET
    for size in _CANDIDATES:
        if size > len(frames) or time.perf_counter() > deadline:
            break
        forward(frames[:size])  # the first call of a shape pays for its set-up
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            forward(frames[:size])
            seconds.append(time.perf_counter() - start)
        rate = size / statistics.median(seconds)
        if rate > best_rate:
            best, best_rate = size, rate
        elif rate < 0.7 * best_rate:
            break
    return best
