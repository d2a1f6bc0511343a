"""What tells a model and how it is run from any other: tables are read without torch."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from zollstock.files import read_json, sha256_of

_CARD = ("family", "arguments", "classes", "preprocessing", "outputs", "scale")


def model_fingerprint(
    weights: Path, card: Path, code: Sequence[Path], running: Mapping[str, object]
) -> str:
    """Return the SHA-256 of all that predictions depend on but the frames.

    Parameters
    ----------
    weights, card
        The model; how well it did in training does not count.
    code
        The files that run: the library's and the user's own.
    running
        Device, precision, batch size.
    """
    entries = read_json(card)
    content = {
        "weights": sha256_of(weights),
        "card": {key: entries[key] for key in _CARD if key in entries},
        # By what they hold, wherever the checkout lies.
        "code": sorted((file.name, sha256_of(file)) for file in code),
        "running": dict(running),
        "torch": torch.__version__,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
