"""What the page says of scores over trainings."""

import numpy as np
import pandas as pd

from zollstock.report.page import environment
from zollstock.report.pictures import Album
from zollstock.report.training import Learnt, learnt

ROW = {"title": "fur <b>", "model": "NA", "checkpoints": 3, "images": 4, "score": 0.0123}
ROW |= {"least": 0.01, "most": 0.02, "last": 0.019, "jump": 0.005, "flips": 1.5}
ROW |= {"significant": 0.25, "accuracy": 0.913, "accuracy_last": 0.956, "split": "unbiased"}
# One checkpoint has no neighbour, and what has no score, p or label has no number.
ALONE = {name: np.nan for name, value in ROW.items() if isinstance(value, float)}
SERIES = [ROW, ROW | {"model": "alone", "checkpoints": 1} | ALONE | {"split": np.nan}]


def test_what_is_not_known_is_a_dash(tmp_path):
    found = learnt(Learnt(pd.DataFrame(SERIES)), Album(tmp_path), tmp_path)
    text = "{% from 'learnt.html' import learnt_part %}{{ learnt_part(found, shown) }}"
    page = environment().from_string(text).render(found=found, shown=lambda *_: "")
    first, second = page.split('<tr><td class="name">')[1:]
    for words in ("fur &lt;b&gt;", "NA", "0.012", "0.010 … 0.020", "25 %", "91.3 %", "unbiased"):
        assert f">{words}</td>" in f">{first}", words
    assert '<td class="name">alone</td><td>1</td><td>–</td><td>– … –</td>' in second
    assert second.count("<td>–</td>") == 7 and '<td class="name">–</td>' in second
    assert "nan" not in page and "None" not in page


def test_without_checkpoints_the_page_has_no_such_part(tmp_path):
    assert learnt(None, Album(tmp_path), tmp_path) is None
