"""The stage dynamics in the workflow: every checkpoint is measured, the last one is the model."""

import copy

import pandas as pd
import pytest

from zollstock.files import sha256_of
from zollstock.inference.series import of_checkpoint

pytestmark = pytest.mark.workflow

GREY = {"source": "renderer", "distribution": "grey_with_age"}
NET = {"family": "densenet", "arguments": {"layers": [1], "growth": 4, "channels": 4}}
STUDY = {
    "study": "mini",
    "seed": 3,
    "world": {"name": "faces", "size": 16},
    "images": {"source": "renderer", "n_per_class": 2},
    "properties": {"grey": {"engine": "rendered", "latent": "hair_greyness", "steps": 4}},
    "pretraining": {
        "task": NET | {"training": {"data": {"source": "renderer", "label_by": ["glasses"]}}}
    },
    "models": {
        "tuned": NET
        | {"checkpoints": "every epoch", "training": {"data": GREY, "start_from": "task"}},
        "new": {
            "arguments": {"dim": 4, "depth": 1},
            "checkpoints": "every 2 epochs",
            "training": {"data": GREY},
        },
    },
    "dynamics": {"architectures": {"Two": {"pretrained": "tuned", "random": "new"}}},
    "training": {"images": 64, "test_images": 32, "epochs": 3},
    "placebos": {"number": 19, "steps": 2},
    "scoring": {"statistics": ["paper_grad", "epgm"], "permutations": 99, "output": "young"},
    "inference": {"batch_size": 16, "device": "cpu"},
    "figures": {"dpi": 60, "formats": ["png"]},
}


def test_every_checkpoint_is_measured_and_a_users_own_too(workspace):
    study = copy.deepcopy(STUDY)
    run = workspace.run(study, "dynamics")
    assert run.code == 0, run.text
    results = workspace.results()
    folder, models = results / "dynamics", results / "models"
    kept = sorted((models / "checkpoints/tuned").iterdir())
    assert [file.name for file in kept] == [f"epoch-000{n}.safetensors" for n in (1, 2, 3)]
    assert sha256_of(kept[-1]) == sha256_of(models / "tuned.safetensors")
    assert len({sha256_of(file) for file in kept}) == 3
    found = {n: pd.read_csv(folder / f"{n}.csv") for n in ("checkpoints", "tests", "series")}
    assert len(found["checkpoints"]) == 3 + 2 and len(found["tests"]) == 4 * 5
    assert list(found["checkpoints"]["epoch"]) == [1, 2, 3, 2, 3]
    mean = found["tests"].groupby(["model", "epoch"])["paper_grad"].mean()
    for row in found["checkpoints"].itertuples():
        assert row.score == pytest.approx(mean[row.model, row.epoch], rel=1e-4)
    accuracy = pd.read_csv(folder / "accuracy.csv")
    splits = {"unbiased", "grey_with_age", "the study's images"}
    assert set(accuracy["split"]) == splits and len(accuracy) == 5 * 3
    for name in ("epochs", "flips"):
        assert (results / f"figures/dynamics/{name}/grey.png").exists()

    # The same files as a user's own: nothing is trained, and what is new alone is predicted.
    own = copy.deepcopy(STUDY)
    own["models"] = {"tuned": NET | {"classes": ["old", "young"]}}
    own["models"]["tuned"]["checkpoints"] = f"{models}/checkpoints/tuned/epoch-*.safetensors"
    own["dynamics"] = {}
    del own["pretraining"]
    own["study"] = "own"
    run = workspace.run(own, "results/own/dynamics/predictions/tuned.json")
    assert run.code == 0, run.text
    for place in range(3):
        one, two = (
            of_checkpoint(workspace.results(name) / "dynamics/predictions/grey/tuned.zarr", place)
            for name in ("mini", "own")
        )
        assert (one.logits == two.logits).all()
