"""What tests of drawing engines share."""

import numpy as np
import pytest

from zollstock.images.table import ImageRecord
from zollstock.worlds import get_world


@pytest.fixture
def drawn(tmp_path):
    """Make the record of a drawn dog by its id; its PNG is not there."""

    def make(name):
        latents = get_world("pets").sample(np.array([1]), np.array([3], np.uint64))
        values = {key: float(value[0]) for key, value in latents.items()}
        return ImageRecord(name, "dog", "00", "drawn", tmp_path / "none.png", values)

    return make
