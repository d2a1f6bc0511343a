"""What every unit test has."""

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread():
    """Workers share the cores, and equal threads give equal digits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
