"""Figures of the edit ledger: what must be seen, and tables with holes in them."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from zollstock.figures.ledger import draw_ledger
from zollstock.figures.style import BAND, RED

from .conftest import drawn, words

ROOT = Path(__file__).parents[3]
NOTHING = np.full(9, np.nan)


def texts(figure: Figure):
    return {text.get_text(): text for text in figure.findobj(Text) if text.get_text()}


def steps(image, *, meter="fur_lightness", zero=4, slope=0.2, axis=None):
    axis = np.linspace(-2, 2, 9) if axis is None else axis
    value = 0.5 + slope * axis
    return pd.DataFrame(
        {
            "image": image,
            "step": range(9),
            "axis": axis,
            "zero": np.arange(9) == zero,
            "meter": meter,
            "value": value if meter else NOTHING,
            "off_target": 0.3 + 0.01 * axis if meter else NOTHING,
            "pixel_change": np.abs(axis) / 20,
            "pixel_change_outside": NOTHING,
        }
    )


def verdict(image, flags="", meter="fur_lightness", **more):
    return {"image": image, "meter": meter, "flags": flags, **more}


def ledger(count, flags=lambda _: "", max_images=24):
    names = [f"i{number}" for number in range(count)]
    rows = [steps(name) for name in names if flags(name) != "failed"]
    return draw_ledger(
        pd.concat(rows),
        pd.DataFrame([verdict(name, flags(name)) for name in names]),
        title="fur, edited",
        axis_title="guidance scale",
        max_images=max_images,
    )


def test_a_panel_shows_meter_off_target_and_zero_frame(tmp_path):
    figure = drawn(ledger(1), tmp_path)
    (axes,) = figure.axes
    off_target, meter, zero, dot = axes.lines
    np.testing.assert_allclose(meter.get_ydata(), 0.5 + 0.2 * np.linspace(-2, 2, 9))
    assert off_target.get_linestyle() == "--"
    np.testing.assert_allclose(off_target.get_ydata()[0], 0.28)
    assert set(zero.get_xdata()) == {0}
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (0, 0.5)
    assert all(word in words(figure) for word in ("fur lightness", "fur, edited", "i0", "1 of 1"))
    assert to_hex(texts(figure)["ok"].get_color()) != RED


def test_flags_are_red_words_and_are_counted():
    flags = {"i1": "entangled;not_monotone", "i2": "entangled"}
    figure = ledger(4, lambda name: flags.get(name, ""))
    found = texts(figure)
    assert found["entangled, not monotone"].get_color() == RED
    assert "2 of 4 ok, flagged: 2 entangled, 1 not monotone" in found
    assert to_hex(figure.axes[1].spines["top"].get_edgecolor()) == RED
    assert not figure.axes[0].spines["top"].get_visible()


def test_all_flags_fit_above_a_panel_and_long_names_are_cut():
    text = "entangled;identity_lost;not_monotone;reversed;saturated"
    name = "a" * 30 + "z" * 30
    figure = draw_ledger(
        steps(name),
        pd.DataFrame([verdict(name, text)]),
        title="fur",
        axis_title="guidance scale",
        max_images=24,
    )
    above = next(text for text in texts(figure) if text.startswith("entangled, "))
    assert above.replace("\n", " ") == text.replace(";", ", ").replace("_", " ")
    assert "a" * 11 + "…" + "z" * 10 in texts(figure)


def test_a_failed_path_says_so_and_why(tmp_path):
    verdicts = [verdict("a"), verdict("b", "failed", reason="no memory"), verdict("c", "failed")]
    figure = draw_ledger(
        steps("a"), pd.DataFrame(verdicts), title="fur", axis_title="guidance scale", max_images=24
    )
    drawn(figure, tmp_path)
    panel = [text.get_text() for text in figure.axes[1].texts]
    assert panel.count("failed") == 2  # the flag, and in the middle
    assert "no memory" in panel
    assert "nan" not in words(figure)


def test_all_paths_failed(tmp_path):
    empty = steps("a").iloc[:0].astype(object)  # as read from a table without rows
    verdicts = pd.DataFrame([verdict(name, "failed", reason="x") for name in "ab"])
    figure = drawn(
        draw_ledger(empty, verdicts, title="fur", axis_title="guidance scale", max_images=24),
        tmp_path,
    )
    assert "0 of 2 ok, flagged: 2 failed" in words(figure)


def test_without_a_meter_the_pixel_change_is_drawn(tmp_path):
    verdicts = pd.DataFrame([verdict("a", "unmeasured", "")])
    figure = drawn(
        draw_ledger(
            steps("a", meter=""), verdicts, title="fur", axis_title="guidance scale", max_images=24
        ),
        tmp_path,
    )
    np.testing.assert_allclose(figure.axes[0].lines[1].get_ydata()[0], 0.1)
    assert "pixel change, no meter" in words(figure)
    assert texts(figure)["unmeasured"].get_color() == RED
    assert "target" not in words(figure)
    verdicts["meter"] = np.nan  # as read from a table
    assert "pixel change" in words(
        draw_ledger(
            steps("a", meter=""), verdicts, title="fur", axis_title="guidance scale", max_images=24
        )
    )


def test_without_a_meter_the_change_outside_a_mask_is_dashed():
    rows = steps("a", meter="").assign(pixel_change_outside=0.01)
    figure = draw_ledger(
        rows,
        pd.DataFrame([verdict("a", "unmeasured", "")]),
        title="fur",
        axis_title="guidance scale",
        max_images=24,
    )
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), 0.01)
    assert "the same outside the mask" in words(figure)


def test_an_image_without_values_beside_others(tmp_path):
    rows = pd.concat([steps("a"), steps("b").assign(value=np.nan)])
    verdicts = pd.DataFrame([verdict("a"), verdict("b", "unmeasured")])
    figure = drawn(
        draw_ledger(rows, verdicts, title="fur", axis_title="guidance scale", max_images=24),
        tmp_path,
    )
    assert "not measured" in [text.get_text() for text in figure.axes[1].texts]


def test_24_images_have_a_panel_each_on_one_scale(tmp_path):
    figure = drawn(ledger(24), tmp_path)
    assert len(figure.axes) == 24
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    boxes = [axes.get_position() for axes in figure.axes]
    assert min(box.y0 for box in boxes) > 0
    assert max(box.x1 for box in boxes) <= 1
    assert not any(
        one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place]
    )


def test_ledger_says_how_many_images_it_leaves_out():
    figure = ledger(30, max_images=5)
    assert len(figure.axes) == 5
    assert "30 of 30 ok (the first 5 are drawn)" in words(figure)


def test_the_exact_range_is_a_band_where_it_is_known(tmp_path):
    rows = pd.concat([steps("a"), steps("b")])
    verdicts = pd.DataFrame([verdict("a"), verdict("b")])
    assert "exact range" not in words(
        draw_ledger(rows, verdicts, title="fur", axis_title="guidance scale", max_images=24)
    )
    verdicts["exact_low"], verdicts["exact_high"] = [0.05, np.nan], [0.97, np.nan]
    figure = drawn(
        draw_ledger(rows, verdicts, title="fur", axis_title="guidance scale", max_images=24),
        tmp_path,
    )
    assert "exact range" in words(figure)
    (band,) = figure.axes[0].patches
    assert to_hex(band.get_edgecolor()) == BAND
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx((0.05, 0.97))
    assert not figure.axes[1].patches
    low, high = figure.axes[0].get_ylim()
    assert low < 0.05
    assert high > 0.97


def test_a_falling_axis_runs_in_the_order_of_its_frames():
    rows = steps("a", axis=np.linspace(1, 0, 9), zero=8)
    assert (
        draw_ledger(
            rows,
            pd.DataFrame([verdict("a")]),
            title="fur",
            axis_title="guidance scale",
            max_images=24,
        )
        .axes[0]
        .xaxis_inverted()
    )


def constants(module):
    """Return the assigned literals of a module without importing what it imports."""
    found = {}
    for node in ast.parse((ROOT / module).read_text()).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
            found[ast.unparse(node.target)] = ast.literal_eval(node.value)
    return found


def test_the_caption_explains_every_flag_in_the_ledgers_words():
    caption = " ".join((ROOT / "workflow/report/ledger.rst").read_text().split())
    for flag, meaning in constants("zollstock/ledger/verdict.py")["FLAGS"].items():
        start = meaning.split(":")[0].split(";")[0]
        assert f"**{flag.replace('_', ' ')}**: {start}" in caption


def test_the_caption_quotes_every_threshold():
    tree = ast.parse((ROOT / "zollstock/settings/ledger.py").read_text())
    settings = next(node for node in tree.body if getattr(node, "name", "") == "LedgerSettings")
    keys = [ast.unparse(node.target) for node in settings.body if isinstance(node, ast.AnnAssign)]
    caption = (ROOT / "workflow/report/ledger.rst").read_text()
    assert keys
    assert all(f't["{key}"]' in caption for key in keys)
