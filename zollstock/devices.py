"""Which device a job computes on, and how jobs on one machine share its GPUs."""

import fcntl
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import torch

from zollstock.errors import ZollstockError

_POLL = 0.5  # seconds between tries while all GPUs are taken
_held: dict[str, IO[str]] = {}


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


def hold_device(wanted: str) -> torch.device:
    """Return a device as `choose_device`; of several GPUs one that no other job holds.

    Snakemake counts GPUs but hands out no numbers. Each job locks one file per GPU for as
    long as it lives, and waits where all are taken. Under a scheduler that shows a job only
    its own GPU there is nothing to wait for.
    """
    device = choose_device(wanted)
    if device.type != "cuda":
        return device
    names = [
        str(getattr(torch.cuda.get_device_properties(k), "uuid", k))
        for k in range(torch.cuda.device_count())
    ]
    return torch.device("cuda", claim(names, Path(tempfile.gettempdir())))


def claim(names: Sequence[str], folder: Path, patience: float = 3600.0) -> int:
    """Lock the first free name until this process ends and return its index.

    Parameters
    ----------
    names
        What there is; equal names are one and the same thing for all processes.
    folder
        Where the lock files lie; the same for all processes.
    patience
        Seconds to wait while all are taken.

    Raises
    ------
    ZollstockError
        If none became free in time.
    """
    until = time.monotonic() + patience
    while True:
        for index, name in enumerate(names):
            if name in _held or _lock(name, folder):
                return index
        if time.monotonic() >= until:
            raise ZollstockError(
                "device",
                f"all {len(names)} GPUs were held by other jobs for {patience:.0f} s",
                "a free GPU",
                "Give Snakemake no more than there are: --resources gpu=N.",
            )
        time.sleep(_POLL)


def _lock(name: str, folder: Path) -> bool:
    # Another user's file cannot be opened; users share a GPU as the system lets them.
    file = (folder / f"zollstock-gpu-{os.getuid()}-{name}.lock").open("a")
    try:
        # The system lets go of it when the process ends, however it ends.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    _held[name] = file
    return True
