"""Which device a job computes on, and how jobs on one machine share its GPUs."""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from zollstock.errors import ZollstockError

SLOTS = 4
"""Jobs of small models that may use one GPU at the same time."""

_POLL = 0.5  # seconds between tries while all GPUs are taken
_held: dict[str, list[FileLock]] = {}


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
            "device",
            f"is '{wanted}', which this machine does not have",
            "a device of this machine",
            "Use 'auto' or 'cpu'.",
        )
    return torch.device(wanted)


def hold_device(wanted: str, *, shared: bool = False) -> torch.device:
    """Return a device as `choose_device`; of several GPUs one that no other job holds.

    Snakemake counts GPUs but hands out no numbers. Each job locks files of one GPU for as long
    as it lives, and waits where all are taken. Under a scheduler that shows a job only its own
    GPU there is nothing to wait for.

    Parameters
    ----------
    wanted
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    shared
        Whether up to `SLOTS` such jobs may use the GPU together; an editor and training have it
        alone.
    """
    device = choose_device(wanted)
    if device.type != "cuda":
        return device
    names = [
        str(getattr(torch.cuda.get_device_properties(k), "uuid", k))
        for k in range(torch.cuda.device_count())
    ]
    slots = 1 if shared else SLOTS
    return torch.device("cuda", claim(names, Path(tempfile.gettempdir()), slots))


def claim(names: Sequence[str], folder: Path, slots: int = SLOTS, patience: float = 3600.0) -> int:
    """Lock the first name with so many free slots until this process ends; return its index.

    A process keeps what it has: asked again, it takes the same name, and more of its slots if it
    needs them.

    Parameters
    ----------
    names
        What there is; equal names are one and the same thing for all processes.
    folder
        Where the lock files lie; the same for all processes.
    slots
        How many of the `SLOTS` of a name to take.
    patience
        Seconds to wait while too few are free.

    Raises
    ------
    ZollstockError
        If none became free in time.
    """
    until = time.monotonic() + patience
    while True:
        # What is held already comes first.
        for name in sorted(names, key=lambda name: name not in _held):
            if len(_held.get(name, [])) >= slots or _lock(name, folder, slots):
                return names.index(name)
        if time.monotonic() >= until:
            raise ZollstockError(
                "device",
                f"all {len(names)} GPUs were held by other jobs for {patience:.0f} s",
                "a free GPU",
                "Give Snakemake no more than there are: --resources gpu_slots=N, "
                f"{SLOTS} for each.",
            )
        time.sleep(_POLL)


def _lock(name: str, folder: Path, slots: int) -> bool:
    """Take so many slots of a name, or none: two that wait for each other's would wait forever."""
    taken = _held.pop(name, [])
    for lock in taken:
        lock.release()
    taken = []
    for number in range(SLOTS):
        # Another user's file cannot be opened; users share a GPU as the system lets them.
        # The system lets go of it when the process ends, however it ends.
        lock = FileLock(folder / f"zollstock-gpu-{os.getuid()}-{name}-{number}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        taken.append(lock)
        if len(taken) == slots:
            _held[name] = taken
            return True
    for lock in taken:
        lock.release()
    return False
