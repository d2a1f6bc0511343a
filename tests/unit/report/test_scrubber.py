"""A path to walk through: what is drawn, and that users' words stay words."""

import base64
import html
import json
import re
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from zollstock.report.scrubber import Curve, Overlay, Walk, scripts, scrubber


def _walk(**other):
    frames = np.stack([np.full((6, 9, 3), 20 * k, np.uint8) for k in range(7)])
    axis = np.linspace(-1, 2, 7)
    curve = Curve("m", np.linspace(0, 1, 7), "P(dog)", [*"aaabbbb"])
    how = {"frames": frames, "axis": axis, "start": 2, "title": "t", "axis_title": "x"}
    how |= {"value_title": "P", "curves": [curve]}
    return Walk(**{**how, **other})


def _facts(text):
    return json.loads(html.unescape(re.search(r'data-scrub="([^"]*)"', text).group(1)))


def test_the_sheet_holds_every_frame_in_its_place():
    text = scrubber(_walk())
    facts = _facts(text)
    data = re.search(r"url\(data:image/webp;base64,([^)]*)\)", text).group(1)
    sheet = np.asarray(Image.open(BytesIO(base64.b64decode(data))).convert("RGB"))
    assert sheet.shape == (6 * facts["rows"], 9 * facts["columns"], 3)
    for step in range(7):
        row, column = divmod(step, facts["columns"])
        assert (sheet[6 * row : 6 * row + 6, 9 * column : 9 * column + 9] == 20 * step).all()


def test_marks_lie_on_the_curve():
    facts = _facts(scrubber(_walk()))
    assert facts["left"] == pytest.approx(np.linspace(0, 100, 7), abs=0.01)
    assert facts["curves"][0]["top"] == pytest.approx(np.linspace(100, 0, 7), abs=0.01)
    assert facts["curves"][0]["said"] == [*"aaabbbb"]
    assert facts["axis"][1] == "-0.5"


def test_a_descending_axis_keeps_the_order_of_the_frames():
    facts = _facts(scrubber(_walk(axis=np.linspace(5, 1, 7))))
    assert facts["left"] == pytest.approx(np.linspace(0, 100, 7), abs=0.01)


def test_a_gap_is_a_gap():
    values = np.array([0, 0.1, np.nan, np.nan, 0.4, 0.5, 1])
    text = scrubber(_walk(curves=[Curve("m", values, "P(dog)")]))
    assert text.count("<polyline") == 2
    assert _facts(text)["curves"][0]["top"][2] is None
    assert _facts(text)["curves"][0]["value"][2] == "–"


def test_one_frame_and_no_curve_are_shown():
    one = _walk(frames=np.zeros((1, 4, 4, 3), np.uint8), axis=np.array([3.0]), start=0, curves=[])
    assert 'max="0"' in scrubber(one)


def test_users_words_stay_words():
    evil = '"><script>alert(1)</script>${1+1}{{1}}'
    walk = _walk(title=evil, axis_title=evil, curves=[Curve(evil, np.zeros(7), evil, [evil] * 7)])
    text = scrubber(walk)
    assert "<script>" not in text
    assert evil in _facts(text)["curves"][0]["said"]


def test_a_view_of_the_middle_lies_in_the_middle():
    over = {"map": Overlay(np.zeros((4, 4, 4), np.uint8), across=0.5, down=1.5)}
    text = scrubber(_walk(overlays=over))
    assert "width: 50.0%; height: 150.0%; left: 25.0%; top: -25.0%" in text


def test_maps_of_steps_lie_in_a_sheet_as_the_frames_do():
    maps = np.stack([np.full((4, 4, 4), 20 * k + 9, np.uint8) for k in range(7)])
    over = {"one": Overlay(maps[0], note="still"), "all": Overlay(maps, note="moves")}
    text = scrubber(_walk(overlays=over, over="all"))
    facts = _facts(text)
    assert text.count("zs-moving") == 1 and 'value="1" selected' in text
    sizes = re.findall(r"background-size: [^;]*; background-position: [^;\"]*", text)
    assert len(sizes) == 2 and len(set(sizes)) == 1
    data = re.findall(r"url\(data:image/webp;base64,([^)]*)\)", text)[1]
    sheet = np.asarray(Image.open(BytesIO(base64.b64decode(data))).convert("RGBA"))
    for step in range(7):
        row, column = divmod(step, facts["columns"])
        assert (sheet[4 * row : 4 * row + 4, 4 * column : 4 * column + 4] == 20 * step + 9).all()
    assert "still" in text and "moves" in text


def test_what_is_drawn_otherwise_has_another_mark():
    band = {"places": np.arange(3.0), "low": np.zeros(3), "high": np.ones(3)}
    curve = _walk().curves[0]
    plain, same, banded = (
        _facts(scrubber(walk))
        for walk in (_walk(), _walk(), _walk(curves=[replace(curve, **band)]))
    )
    assert plain == same != banded


def test_scripts_ask_no_other_machine():
    assert "<script>" in scripts()
    assert not re.search(r"https?:|import |fetch\(", scripts())
