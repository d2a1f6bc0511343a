"""What every unit test has."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings

# A busy machine may take any time for an example.
settings.register_profile("zollstock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zollstock")


@pytest.fixture
def rng():
    """Numbers of the test's own: they are the same whichever tests ran before it."""
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def one_thread():
    """Workers share the cores, and equal threads give equal digits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
