"""Masks that a model draws: settings, and what the plan makes of them."""

import copy

import pytest

from zollstock.errors import ZollstockError
from zollstock.plan.study import Plan
from zollstock.settings import parse_study

STUDY = {
    "study": "s",
    "images": {"source": "folder", "path": "photos"},
    "properties": {
        "behind": {
            "engine": "background",
            "operation": "blur",
            "mask": {"segmenter": "nvidia/segformer-b0", "revision": "a" * 40, "classes": ["dog"]},
        },
        "light": {"engine": "photometric", "operation": "grey", "mask": "masks"},
    },
    "models": {"lite": {"family": "efficientnet_lite", "weights": "lite.pth"}},
}


def plan_of(**mask):
    config = copy.deepcopy(STUDY)
    config["properties"]["behind"]["mask"] |= mask
    return Plan(parse_study(config, "study.yaml"))


def test_a_model_of_the_hub_is_fetched_like_others_and_pinned():
    plan = plan_of()
    (name,) = plan.segmenters.masks
    assert name.startswith("segformer-b0-")
    folder = plan.segmenters.folder(name)
    assert plan.segmenters.fetched(name) == [str(folder / "fetched.json")]
    assert plan.segmenters.files(name) == []
    assert plan.checkpoints == {folder.name: folder}
    assert plan.checkpoint_source(folder.name) == {
        "checkpoint": "nvidia/segformer-b0",
        "revision": "a" * 40,
        "kind": "model",
    }
    assert plan.segmenters.asked(name) == {"folder": str(folder), "classes": ["dog"]}


def test_a_folder_is_read_where_it_lies(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    plan = plan_of(segmenter=str(tmp_path), revision=None)
    (name,) = plan.segmenters.masks
    assert plan.segmenters.fetched(name) == [] and plan.checkpoints == {}
    assert plan.segmenters.files(name) == [str(tmp_path / "config.json")]


def test_frames_and_figures_are_told_where_the_masks_lie():
    plan = plan_of()
    (name,) = plan.segmenters.masks
    place = f"results/s/masks/{name}"
    behind = plan.paths["behind"]
    assert behind.settings["mask"] == behind.meter["meter"]["mask"] == place
    assert not behind.files() and behind.masks() == ()
    assert plan.drawn_masks("behind") == [place] and plan.drawn_masks("light") == []
    assert plan.drawn_axis("behind")["mask"] == {"place": place, "fit": "crop"}
    assert place in plan.shown_masks("behind")


def test_other_classes_are_other_masks():
    names = {
        name for one in (["dog"], ["cat"], None) for name in plan_of(classes=one).segmenters.masks
    }
    assert len(names) == 3


def test_equal_masks_are_drawn_once():
    config = copy.deepcopy(STUDY)
    config["properties"]["light"]["mask"] = config["properties"]["behind"]["mask"]
    assert len(Plan(parse_study(config, "study.yaml")).segmenters.masks) == 1


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ({"segmentor": "x"}, "segmenter"),
        ({"classes": ["dog"]}, "segmenter"),
        ({"segmenter": "x", "classes": []}, "classes"),
        ({"segmenter": " "}, "segmenter"),
        (7, "is 7; expected text"),
    ],
)
def test_what_is_wrong_is_named(mask, message):
    config = copy.deepcopy(STUDY)
    config["properties"]["behind"]["mask"] = mask
    with pytest.raises(ZollstockError, match=rf"properties\.behind\.mask.*{message}") as raised:
        parse_study(config, "study.yaml")
    assert ".model" not in str(raised.value) and ".text" not in str(raised.value)
