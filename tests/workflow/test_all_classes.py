"""A study that follows all classes at once, from predictions to figures and report."""

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def followed(finished, once):
    """The finished study, scored again with all classes followed: predictions are there."""
    from tests.workflow.conftest import MINI

    def fill(workspace):
        finished.copy_to(workspace)
        run = workspace.run(MINI | {"scoring": {"output": "vector", "permutations": 99}})
        assert run.code == 0, run.text
        assert "rule infer:" not in run.text and "rule intervene:" not in run.text

    return once("all_classes", fill)


def read(workspace, name):
    return pd.read_parquet(workspace.results() / "scores" / f"{name}.parquet")


def test_with_two_classes_scores_and_tests_are_those_of_one(finished, followed):
    # The mini study follows dog; what cat loses dog gains.
    one, both = read(finished, "scores"), read(followed, "scores")
    assert set(both["output"]) == {"vector"}
    same = one["statistic"].isin(["epgm", "paper_grad"])
    for column in ("score", "p_value", "null_mean", "null_std", "gradient", "log_odds"):
        np.testing.assert_allclose(
            both.loc[same, column], one.loc[same, column], rtol=1e-4, atol=1e-6, err_msg=column
        )
    one, both = read(finished, "tests"), read(followed, "tests")
    # A distance has no sign: what lies on both sides of the unedited picture is not folded.
    for column in ("size", "value", "placebo_median", "placebo_high", "p"):
        np.testing.assert_allclose(both[column], one[column], rtol=1e-4, atol=1e-6, err_msg=column)


def test_effects_of_each_class_are_told_apart(followed):
    rows = read(followed, "classes")
    assert list(rows.columns[:2]) == ["property", "model"]
    assert not rows.duplicated(["property", "model", "image", "replicate", "class"]).any()
    assert len(rows) == 2 * 2 * 4 * 2  # properties, models, images, classes
    scores = read(followed, "scores")
    scores = scores[scores["statistic"] == "epgm"]
    key = ["property", "model", "image"]
    half = rows.groupby(key)["gradient"].sum() / 2
    np.testing.assert_allclose(half, scores.set_index(key)["score"].loc[half.index], rtol=1e-6)
    means = pd.read_csv(followed.results() / "scores" / "classes.csv")
    assert set(means["class"]) == {"cat", "dog"} and (means["paths"] == 4).all()
    expected = rows.groupby(["property", "model", "class"])["signed"].mean()
    found = means.set_index(["property", "model", "class"])["signed"].loc[expected.index]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_figures_are_drawn_and_nothing_is_left_to_do(followed):
    results = followed.results()
    for name in ("figures/fur/nulls.png", "figures/fur/signature.png", "figures/summary.png"):
        assert (results / name).stat().st_mtime > 0
    from tests.workflow.conftest import MINI

    run = followed.run(MINI | {"scoring": {"output": "vector", "permutations": 99}}, "--dry-run")
    assert run.code == 0 and "Nothing to be done" in run.text
