"""Photographs as a study has them."""

import numpy as np
import pytest

from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png


def picture(height, width, seed=0):
    """Return a smooth picture with an edge, without black or white."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [128 + 60 * np.sin(x / 9 + k + seed) * np.cos(y / 7 - k) for k in range(3)]
    pixels = np.stack(planes, axis=-1)
    pixels[height // 4 : height // 2, width // 3 : width // 2] = [200, 60, 40 + seed]
    return pixels.astype(np.uint8)


@pytest.fixture
def photo(tmp_path):
    """Make the record of a photograph by its name, size and seed."""

    def make(name="dog", height=40, width=50, seed=0):
        pixels = picture(height, width, seed)
        file = tmp_path / "images" / f"{name}.png"
        save_png(pixels, file)
        return ImageRecord(name, "none", pixel_sha256(pixels), name, file, name=name)

    return make


@pytest.fixture
def half(tmp_path):
    """Write masks whose left half is white, for images by name; return the folder."""

    def write(*names, height=40, width=50):
        grey = np.zeros((height, width, 3), np.uint8)
        grey[:, : width // 2] = 255
        for name in names:
            save_png(grey, tmp_path / "masks" / f"{name}.png")
        return str(tmp_path / "masks")

    return write
