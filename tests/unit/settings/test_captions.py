"""Settings of a CLIP that is trained on captions: what is wrong with them before a job runs."""

import pytest

from tests.unit.settings.test_training import study_of
from zollstock.errors import ZollstockError

NAMES = {"cat": ["a cat"], "dog": ["a dog"]}
CLASSES = ["cat", "dog"]


def clip(pictures=None, **changes):
    found = {"world": "pets", "names": NAMES} | (pictures or {})
    captions = {"pictures": [found]} | changes.pop("captions", {})
    return {"family": "clip", "captions": captions, "classes": CLASSES} | changes


def test_a_clip_is_read_or_trained():
    study = study_of(clip())
    model = study.models["m"]
    assert model.learns_captions() is not None and model.checkpoint_source() is None
    assert model.source() == "captions of pets"
    assert "captions" not in model.job_settings()
    read = study_of({"family": "clip", "checkpoint": "a/b", "classes": CLASSES}).models["m"]
    assert read.learns_captions() is None and read.checkpoint_source().name == "a/b"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (clip(checkpoint="a/b"), "has both checkpoint and captions"),
        ({"family": "clip", "classes": CLASSES}, "has neither checkpoint nor captions"),
        (clip({"distribution": "side_on"}), "distribution: `side_on`; expected one of unbiased"),
        (clip({"names": {"cat": ["a cat"]}}), r"pictures\.0\.names: has no name of 'dog'"),
        (clip({"names": NAMES | {"cow": ["a cow"]}}), "names: `cow`; expected one of cat, dog"),
        (clip({"words": {"hue": ["red"]}}), "words: `hue`; expected one of dogness"),
        (clip({"templates": ["a photo"]}), "which names no class"),
        (clip({"templates": ["{} in {hue}"]}), "asks for words of 'hue'"),
        (clip(captions={"patch_size": 7}), "patch_size: is 7, which does not divide size, 64"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(model, message):
    with pytest.raises(ZollstockError, match=message):
        study_of(model)
