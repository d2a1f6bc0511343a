"""How fast a model runs: memory and batch size."""

import ctypes
import functools
import gc
import sys

import torch

_CANDIDATES = (2, 4, 8, 16, 32, 64, 128, 256)
_GPU_BATCH = 256
_ROUNDS = 3  # batches of every candidate
_GAIN = 1.05  # what a larger batch has to win to be worth its memory
# A CPU, MPS, and cuBLAS, in what torch says.
_NO_MEMORY = ("not enough memory", "can't allocate memory", "out of memory", "status_alloc_failed")

# Parameters of glibc's mallopt, from malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


@functools.cache
def keep_freed_memory() -> bool:
    """Let the process keep freed memory for the next batch; return whether it can.

    By default glibc hands arrays of some megabytes back to the system when they are freed
    and the next layer's output is paid for again, page by page: 10 to 30 % on top of the
    arithmetic of a ConvMixer. Here blocks below 32 MiB, the most that every glibc accepts,
    stay, and up to 1 GiB that is free. This holds for the whole process; elsewhere
    than under Linux with glibc nothing is changed.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is None:
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, 2**25)) and bool(mallopt(_M_TRIM_THRESHOLD, 2**30))


class BatchSize:
    """Frames per forward pass; ``auto`` finds a good number while the work is done.

    On a CPU each candidate, from small to large, does three batches of the work itself, so
    choosing costs no more than what the slower candidates lose. The fastest of the three
    counts, because other programs only ever add time. A larger batch is taken if it is 5 %
    faster; after two candidates in a row that are not, the choice is made. On a GPU a large
    batch is taken without measuring. A batch that does not fit into memory is halved, whoever
    chose it.

    Parameters
    ----------
    wanted
        A number, or ``auto``.
    device
        Where the model runs.

    Attributes
    ----------
    size
        The best size known so far.
    """

    def __init__(self, wanted: int | str, device: torch.device) -> None:
        self._trials: list[int] = []
        self._seconds: list[float] = []
        self._best_rate = 0.0
        self._failed = 0
        if wanted != "auto":
            self.size = int(wanted)
        elif device.type != "cpu":
            self.size = _GPU_BATCH
        else:
            self._trials = list(_CANDIDATES)
            self.size = self._trials[0]

    def next(self, left: int) -> int:
        """Return the size of the next batch when `left` frames are still to do."""
        if self._trials and self._trials[0] <= left:
            return self._trials[0]
        return min(self.size, left)

    def took(self, size: int, seconds: float) -> None:
        """Take note of how long a batch took."""
        if not self._trials or size != self._trials[0]:
            return
        self._seconds.append(seconds)
        if len(self._seconds) < _ROUNDS:
            return
        rate = size / max(min(self._seconds), 1e-9)  # a coarse clock may say 0
        self._trials.pop(0)
        self._seconds.clear()
        if rate > _GAIN * self._best_rate:
            self.size, self._best_rate, self._failed = size, rate, 0
        else:
            self._failed += 1
            if self._failed == 2:
                self._trials.clear()

    def halve(self, size: int) -> None:
        """Take note that a batch did not fit into memory: no further one is larger than half."""
        self._trials.clear()
        self.size = min(self.size, max(1, size // 2))


def out_of_memory(error: BaseException) -> bool:
    """Return whether an exception says that memory ran out; torch has a type for CUDA's alone."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in _NO_MEMORY)


def free_memory() -> None:
    """Give back what a batch that failed has left."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
