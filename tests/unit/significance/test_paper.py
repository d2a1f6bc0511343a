"""The paper's measures."""

import numpy as np
import pandas as pd
import pytest

from zollstock.significance.paper import paper_measures

PROPERTIES = {"fur": {"title": "Fur"}, "sky": {"title": "Sky"}}


def rows(prop, statistic, scores, p, flips=(0, 0, 0)):
    return pd.DataFrame(
        {
            "property": prop,
            "model": "plain",
            "image": ["a", "b", "b"],
            "replicate": [0, 0, 1],
            "statistic": statistic,
            "score": scores,
            "p_value": p,
            "flips": pd.array(flips, dtype="Int64"),
        }
    )


@pytest.fixture
def summary():
    return pd.DataFrame({"property": list(PROPERTIES), "model": "plain", "p": 0.1, "q_bh": 0.2})


def test_means_are_over_images_and_counts_are_of_images(summary):
    table = pd.concat(
        [
            rows("sky", "epgm", [0.5, np.nan, np.nan], [1, np.nan, np.nan], (0, None, None)),
            rows("fur", "epgm", [0.1, 0.2, 0.4], [0.5, 0.5, 0.5], (0, 2, 1)),
            rows("fur", "paper_grad", [0.01, 0.02, 0.04], [0.009, 0.01, 0.001], (0, 2, 1)),
        ]
    )
    fur, sky = paper_measures(table, summary, PROPERTIES, 1).to_dict("records")
    assert (fur["property"], fur["title"], fur["images"]) == ("fur", "Fur", 2)
    assert fur["paper_grad"] == pytest.approx((0.01 + 0.03) / 2)
    assert fur["epgm"] == pytest.approx((0.1 + 0.3) / 2)
    assert fur["paper_grad_low"] <= fur["paper_grad"] <= fur["paper_grad_high"]
    # Below .01 in the first replicate; what is not below it there does not count.
    assert (fur["sure"], fur["flipped"]) == (1, 1)
    assert (fur["p"], fur["q_bh"]) == (0.1, 0.2)
    # An image that failed is none, and a statistic that is not asked for is none.
    assert (sky["images"], sky["flipped"], sky["epgm"]) == (1, 0, 0.5)
    assert np.isnan([sky["paper_grad"], sky["sure"], sky["epgm_low"]]).all()
