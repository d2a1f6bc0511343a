"""The paper's checkpoints, photo and edited frames, where they are."""

import os
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.workflow

ROOT = Path(__file__).parents[2]

DATA = os.environ.get("ZOLLSTOCK_DATA", str(ROOT.parent / "shared" / "data" / "propgrad"))


@pytest.mark.skipif(not Path(DATA).is_dir(), reason=f"no real data at {DATA}")
def test_the_real_models_differ_as_the_paper_says(workspace):
    config = ROOT / "config" / "studies" / "propgrad.yaml"
    run = workspace.run(config, "--config", f"data_dir={DATA}")
    assert run.code == 0, run.text
    results = workspace.results("propgrad")
    scores = pd.read_csv(results / "scores" / "scores.csv")
    grad = scores[scores["statistic"] == "paper_grad"].set_index("model")
    assert grad.loc["dark_cats", "score"] > 4 * grad.loc["unbiased", "score"]
    assert grad.loc["unbiased", "score"] > 4 * grad.loc["dark_dogs", "score"]
    # The path begins at the photo: 101 steps, and only the dark-cats model changes its mind.
    assert grad.loc["dark_cats", "flips"] == 1
    assert grad.loc[["unbiased", "dark_dogs"], "flips"].sum() == 0
    # Net changes from the first edited frame on: .065, .809 and -.032 were published for these.
    import zarr

    for model, change in {"unbiased": 0.065, "dark_cats": 0.809, "dark_dogs": -0.032}.items():
        group = zarr.open_group(results / "predictions" / "fur_white" / f"{model}.zarr", mode="r")
        dog = group["probabilities"][0, :, 1]
        assert dog.shape == (101,)
        assert abs((dog[-1] - dog[1]) - change) < 0.03
    assert (results / "figures" / "fur_white" / "paths" / "dog_002.png").exists()


def test_without_the_files_the_run_says_which_and_where_to_get_them(workspace):
    config = ROOT / "config" / "studies" / "propgrad.yaml"
    run = workspace.run(config, "--dry-run")
    assert run.code == 1
    assert "resources/propgrad/checkpoints/convmixer_unbiased.pth" in run.text
    assert "PropGrad/Interventional-XAI" in run.text
    assert "Traceback" not in run.text
