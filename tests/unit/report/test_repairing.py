"""What the page says of repaired models."""

import pandas as pd

from zollstock.report.page import environment
from zollstock.report.pictures import Album
from zollstock.report.repairing import Mended, mended

ROW = {"base": "m", "method": "dfr", "seed": 1, "before_low": 0.1, "before_high": 0.3, "q": 0.3}
ROW |= {"before": 0.2, "after": 0.0123, "low": 0.01, "high": 0.02, "newly": False}
REPAIRS = pd.DataFrame(
    [
        ROW | {"model": "m.dfr.1", "title": "fur <b>", "against": True},
        ROW | {"model": "m.dfr.1", "title": "light", "against": False, "newly": True},
        ROW | {"model": "m.erm.1", "method": "erm", "title": "fur <b>", "against": True},
    ]
)
ACCURACY = pd.DataFrame(
    [
        {"model": "m.dfr.1", "split": split, "accuracy": accuracy, "worst_group": 0.5}
        | {"change": -0.031, "change_low": -0.04, "change_high": -0.02}
        for split, accuracy in (("plain", 0.87), ("other", 0.11))
    ]
)


def test_a_row_tells_what_became_of_the_property_and_what_rose_instead(tmp_path):
    found = mended(Mended(REPAIRS, ACCURACY), Album(tmp_path), tmp_path)
    first, second = found["rows"]
    assert first["raised"] == ["light"] and second["raised"] == []
    assert first["accuracy"]["accuracy"] == 0.87 and found["split"] == "plain"
    assert second["accuracy"] is None
    text = "{% from 'repaired.html' import repaired_part %}{{ repaired_part(found, shown) }}"
    page = environment().from_string(text).render(found=found, shown=lambda *_: "")
    assert "0.012" in page and "0.87" in page and "-0.031" in page.replace("−", "-")
    assert "fur &lt;b&gt;" in page and "0.11" not in page


def test_without_the_stage_the_page_has_no_such_part(tmp_path):
    assert mended(None, Album(tmp_path), tmp_path) is None
