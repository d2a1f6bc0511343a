"""Labels of a study's images: the true class of each, where it is known."""

from pathlib import Path

import pandas as pd

UNLABELLED = "unlabelled"
"""The label of pictures that have none."""


def read_labels(table: Path) -> dict[str, str]:
    """Return image id → label, in the order of the table of images."""
    images = pd.read_csv(table, dtype=str, keep_default_na=False)
    return dict(zip(images["id"], images["label"], strict=True))
