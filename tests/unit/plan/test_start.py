"""What is looked at before anything is planned."""

from pathlib import Path

import pytest

from zollstock.errors import ZollstockError
from zollstock.plan.start import use_checkout


def test_a_checkout_whose_path_cannot_be_searched_is_refused_in_a_line(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "as it was")
    with pytest.raises(ZollstockError) as raised:
        use_checkout(None, Path("/disk/a:b/zollstock"))
    assert "is '/disk/a:b/zollstock'; expected a path without ':'" in str(raised.value)
