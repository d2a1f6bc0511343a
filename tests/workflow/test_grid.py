"""A grid of two properties, added to a study that is there."""

import pandas as pd
import pytest

pytestmark = pytest.mark.workflow


def test_a_grid_is_measured_and_drawn_and_nothing_else_is_made_again(finished_copy, mini):
    mini["properties"]["both"] = {
        "engine": "grid",
        "first": "fur",
        "second": "noise",
        "steps": [4, 3],
        "title": "fur $x_1$",
    }
    run = finished_copy.run(mini)
    assert run.code == 0, run.text
    details = finished_copy.details()
    for rule in ("intervene", "infer", "score_grids", "draw_grid"):
        assert f"rule {rule}:" in details
    for rule in ("make_placebos", "train_classifier", "select_images"):
        assert f"rule {rule}:" not in details
    results = finished_copy.results()
    table = pd.read_parquet(results / "scores" / "grids.parquet")
    assert set(table["property"]) == {"both"} and len(table) == 2 * 4  # models, images
    assert table[["partial_first", "partial_second", "interaction"]].notna().all(axis=None)
    # Fur matters to the model that was trained on a bias more than the noise does.
    means = table.groupby("model")[["partial_first", "partial_second"]].mean()
    assert means.loc["biased", "partial_first"] > 3 * means.loc["biased", "partial_second"]
    assert (results / "figures" / "both" / "grid.png").stat().st_size > 5000
    # It is no series: it has no row in the other tables.
    for name in ("scores", "tests"):
        assert "both" not in set(
            pd.read_parquet(results / "scores" / f"{name}.parquet")["property"]
        )
    again = finished_copy.run(mini)
    assert "Nothing to be done" in finished_copy.details(), again.text
