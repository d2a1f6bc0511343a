"""A CLIP that is trained on captions, from the config to the model that studies run."""

import pytest

from zollstock.files import read_json

pytestmark = pytest.mark.workflow

NAMES = {"elephant": ["an elephant"], "giraffe": ["a giraffe"], "stegosaurus": ["a stegosaurus"]}


def test_a_clip_is_trained_once_for_all_that_are_told_the_same(workspace, mini):
    captions = {
        "pictures": [{"world": "turntable", "images": 64, "names": NAMES}],
        "size": 16, "test_images": 9, "epochs": 1, "width": 8, "depth": 1, "shared_width": 4,
    }  # fmt: skip
    model = {"family": "clip", "captions": captions, "classes": list(NAMES)}
    mini["models"] = {"one": model, "other": model | {"templates": ["a toy {}."]}}
    mini["world"]["name"] = "turntable"
    mini["properties"] = {
        "yaw": {
            "engine": "rendered", "latent": "yaw", "start": -180, "stop": 180, "steps": 7,
            "unit": "deg", "period": 360,
        },
    }  # fmt: skip
    mini["scoring"]["output"] = "similarity:label"
    planned = workspace.run(mini, "-n")
    assert planned.code == 0, planned.text
    jobs = planned.jobs()
    assert (jobs["train_clip"], jobs["import_checkpoint"], jobs["draw_turn"]) == (1, 2, 1)
    assert "train_classifier" not in jobs and "fetch_checkpoint" not in jobs
    run = workspace.run(mini, "results/mini/models/one.json")
    assert run.code == 0, run.text
    card = read_json(workspace.results() / "models" / "one.json")
    assert (card["family"], card["outputs"], card["classes"]) == ("clip", "similarity", list(NAMES))
    assert card["imported_from"] == "captions of turntable"
    mini["models"]["other"]["templates"] = ["a photo of {}."]
    jobs = workspace.run(mini, "-n").jobs()
    assert "train_clip" not in jobs and jobs["import_checkpoint"] == 1
