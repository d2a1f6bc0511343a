"""Captions say what a config gives them to say, and nothing else of a picture."""

import numpy as np
import pytest

from zollstock.models.captions import captions_of, draw_captioned, filled

NAMES = {"elephant": ["an elephant", "a trunk"], "giraffe": ["a giraffe"], "stegosaurus": ["a s"]}
WORLD = {"name": "turntable", "size": 16, "bias": None, "shape_noise": 0.3}


def told(**changes):
    return {
        "world": WORLD,
        "distribution": "unbiased",
        "images": 6,
        "names": NAMES,
        "templates": ["a photo of {} in {hue}"],
        "words": {"hue": ["red", "", "blue"]},
    } | changes


def said(hues, labels, **changes):
    latents = {"hue": np.array(hues), "yaw": np.zeros(len(hues))}
    return captions_of(told(**changes), latents, np.array(labels), (1, "captioned"))


def test_words_are_those_of_equal_parts_of_the_range():
    found = said([0.0, 0.32, 0.34, 0.65, 0.68, 1.0], [1] * 6)
    assert found == [
        f"a photo of a giraffe in{word}" for word in (" red", " red", "", "", *[" blue"] * 2)
    ]


def test_a_caption_depends_on_its_picture_alone():
    hues, labels = np.linspace(0, 1, 40), np.arange(40) % 3
    templates = ["{}", "a photo of {}", "{} in {hue}"]
    many = said(hues, labels, templates=templates)
    assert many[:7] == said(hues[:7], labels[:7], templates=templates)
    assert {caption for caption in many if "trunk" in caption or "an elephant" in caption} >= {
        "a trunk", "an elephant", "a photo of an elephant",
    }  # fmt: skip
    assert many != captions_of(told(templates=templates), {"hue": hues}, labels, (2, "captioned"))


def test_what_no_template_asks_for_is_not_said():
    turned = [
        captions_of(told(), {"hue": np.full(9, 0.1), "yaw": yaw}, np.arange(9) % 3, (1,))
        for yaw in (np.zeros(9), np.full(9, 90.0))
    ]
    assert turned[0] == turned[1]


def test_worlds_follow_each_other():
    pets = {"cat": ["a cat"], "dog": ["a dog"]}
    cats = told(world=WORLD | {"name": "pets"}, names=pets, templates=["{}"], words={}, images=4)
    found = draw_captioned([told(), cats], seed=1)
    assert found.images.shape == (10, 16, 16, 3)
    assert found.classes == [
        *(("turntable", name) for name in NAMES),
        ("pets", "cat"),
        ("pets", "dog"),
    ]
    assert found.labels.tolist() == [0, 1, 2, 0, 1, 2, 3, 4, 3, 4]
    assert found.captions[6:] == ["a cat", "a dog"] * 2
    assert np.array_equal(found.images[:6], draw_captioned([told()], seed=1).images)
    assert not np.array_equal(found.images[:6], draw_captioned([told()], seed=2).images)


@pytest.mark.parametrize(("template", "text"), [("{} {x}", "a b"), ("{x}  {}", "b a"), ("a", "a")])
def test_places_are_filled(template, text):
    assert filled(template, {"": "a", "x": "b"}) == text
