"""What is looked at before anything is planned."""

from pathlib import Path

import pytest

from zollstock.errors import ZollstockError
from zollstock.plan.start import check_spelt, use_checkout


def test_a_checkout_whose_path_cannot_be_searched_is_refused_in_a_line(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "as it was")
    with pytest.raises(ZollstockError) as raised:
        use_checkout(None, Path("/disk/a:b/zollstock"))
    assert "is '/disk/a:b/zollstock'; expected a path without ':'" in str(raised.value)


def test_a_name_that_the_locale_cannot_spell_is_refused_in_a_line(monkeypatch):
    check_spelt(["logit-K\u00e4tzchen"])
    monkeypatch.setattr("os.fsencode", lambda name: name.encode("ascii"))
    check_spelt(["margin"])
    with pytest.raises(ZollstockError) as raised:
        check_spelt(["margin", "logit-K\u00e4tzchen"])
    assert str(raised.value).isascii()
    assert "which this locale cannot spell; expected a locale of UTF-8" in str(raised.value)
