"""Models that are a file of their own format: its bytes, kept as a tensor."""

from pathlib import Path

import numpy as np
import torch

from zollstock.errors import ZollstockError


def read_bytes(path: Path, suffix: str) -> bytes:
    """Return a file's content.

    Raises
    ------
    ZollstockError
        If it is missing or empty.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ZollstockError(
            path,
            f"cannot be read ({error.strerror})",
            f"a {suffix} file",
            "Check the model's weights.",
        ) from None
    if not content:
        raise ZollstockError(path, "is empty", f"a {suffix} file", "Export the model again.")
    return content


def as_tensor(content: bytes) -> torch.Tensor:
    """Return bytes as a tensor of uint8."""
    return torch.from_numpy(np.frombuffer(content, np.uint8).copy())
