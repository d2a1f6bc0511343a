"""Figures of the edit ledger: what must be seen, and tables with holes in them."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from zollstock.figures.ledger import (
    BAND,
    GREEN,
    RED,
    draw_comparison,
    draw_gate,
    draw_ledger,
    gate_models,
    spearman,
)
from zollstock.figures.style import model_looks, plt, save, set_style

ROOT = Path(__file__).parents[3]
MODELS = ["unbiased", "dark_cats"]
LOOKS = model_looks(MODELS, "petroff10")
TITLES = {"fur": "fur", "fur_edited": "fur, edited", "room": "room", "room_edited": "room, edited"}
PAIRS = [("fur", "fur_edited"), ("room", "room_edited")]
NOTHING = np.full(9, np.nan)


@pytest.fixture(autouse=True)
def closed_figures():
    set_style()
    yield
    plt.close("all")


def texts(figure: Figure):
    return {text.get_text(): text for text in figure.findobj(Text) if text.get_text()}


def words(figure: Figure):
    return " | ".join(texts(figure))


def drawn(figure: Figure, tmp_path):
    """Draw it for real: some errors show only then."""
    save(figure, tmp_path / "figure", ["png"], 40)
    return figure


# --- the ledger --------------------------------------------------------------


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
        "fur, edited",
        max_images,
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
    figure = draw_ledger(steps(name), pd.DataFrame([verdict(name, text)]), "fur", 24)
    above = next(text for text in texts(figure) if text.startswith("entangled, "))
    assert above.replace("\n", " ") == text.replace(";", ", ").replace("_", " ")
    assert "a" * 14 + "…" + "z" * 13 in texts(figure)


def test_a_failed_path_says_so_and_why(tmp_path):
    verdicts = [verdict("a"), verdict("b", "failed", reason="no memory"), verdict("c", "failed")]
    figure = draw_ledger(steps("a"), pd.DataFrame(verdicts), "fur", 24)
    drawn(figure, tmp_path)
    panel = [text.get_text() for text in figure.axes[1].texts]
    assert panel.count("failed") == 2  # the flag, and in the middle
    assert "no memory" in panel
    assert "nan" not in words(figure)


def test_all_paths_failed(tmp_path):
    empty = steps("a").iloc[:0].astype(object)  # as read from a table without rows
    verdicts = pd.DataFrame([verdict(name, "failed", reason="x") for name in "ab"])
    figure = drawn(draw_ledger(empty, verdicts, "fur", 24), tmp_path)
    assert "0 of 2 ok, flagged: 2 failed" in words(figure)


def test_without_a_meter_the_pixel_change_is_drawn(tmp_path):
    verdicts = pd.DataFrame([verdict("a", "unmeasured", "")])
    figure = drawn(draw_ledger(steps("a", meter=""), verdicts, "fur", 24), tmp_path)
    np.testing.assert_allclose(figure.axes[0].lines[1].get_ydata()[0], 0.1)
    assert "pixel change, no meter" in words(figure)
    assert texts(figure)["unmeasured"].get_color() == RED
    assert "target" not in words(figure)
    verdicts["meter"] = np.nan  # as read from a table
    assert "pixel change" in words(draw_ledger(steps("a", meter=""), verdicts, "fur", 24))


def test_without_a_meter_the_change_outside_a_mask_is_dashed():
    rows = steps("a", meter="").assign(pixel_change_outside=0.01)
    figure = draw_ledger(rows, pd.DataFrame([verdict("a", "unmeasured", "")]), "fur", 24)
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), 0.01)
    assert "the same outside the mask" in words(figure)


def test_an_image_without_values_beside_others(tmp_path):
    rows = pd.concat([steps("a"), steps("b").assign(value=np.nan)])
    verdicts = pd.DataFrame([verdict("a"), verdict("b", "unmeasured")])
    figure = drawn(draw_ledger(rows, verdicts, "fur", 24), tmp_path)
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
    assert "exact range" not in words(draw_ledger(rows, verdicts, "fur", 24))
    verdicts["exact_low"], verdicts["exact_high"] = [0.05, np.nan], [0.97, np.nan]
    figure = drawn(draw_ledger(rows, verdicts, "fur", 24), tmp_path)
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
    assert draw_ledger(rows, pd.DataFrame([verdict("a")]), "fur", 24).axes[0].xaxis_inverted()


# --- edited against exact ----------------------------------------------------


def scores(edited=lambda score: 0.8 * score, images=6, flagged=()):
    rows = []
    for exact, other in PAIRS:
        for place, model in enumerate(MODELS):
            for number in range(images):
                score = (place + 0.1 * number + 0.05) * (1 if exact == "fur" else 0.1)
                for name, value in ((exact, score), (other, edited(score))):
                    flag = "entangled" if number in flagged and name == other else ""
                    row = {"property": name, "model": model, "image": str(number), "flags": flag}
                    rows += [
                        row | {"statistic": "epgm", "score": value},
                        row | {"statistic": "corr", "score": -1.0},
                    ]
    return pd.DataFrame(rows)


def comparison(table, pairs=PAIRS):
    return draw_comparison(table, pairs, LOOKS, titles=TITLES, statistic="epgm")


def points(axes):
    return [line for line in axes.lines if line.get_linestyle() == "None"]


def test_comparison_has_a_panel_per_pair_with_its_rank_correlation(tmp_path):
    figure = drawn(comparison(scores()), tmp_path)
    assert [axes.get_title() for axes in figure.axes] == ["Spearman 1.00 (12 points)"] * 2
    assert "over all panels Spearman 1.00 (24 points)" in words(figure).replace("\n", " ")
    first = figure.axes[0]
    assert (first.get_xlabel(), first.get_ylabel()) == ("exact: fur", "edited: fur, edited")
    assert first.get_xlim() == first.get_ylim()
    x = np.concatenate([line.get_xdata() for line in points(first)])
    y = np.concatenate([line.get_ydata() for line in points(first)])
    np.testing.assert_allclose(y, 0.8 * x)
    assert {line.get_color() for line in points(first)} == {
        look["color"] for look in LOOKS.values()
    }
    diagonal = first.lines[0]
    np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())


def test_one_pair_has_no_correlation_over_all_panels():
    figure = comparison(scores(lambda score: -score), PAIRS[:1])
    assert "Spearman -1.00 (12 points)" in words(figure)
    assert "over all" not in words(figure)


def test_flagged_edits_are_hollow():
    figure = comparison(scores(flagged=(1, 4)))
    hollow = [line for line in points(figure.axes[0]) if line.get_markerfacecolor() == "none"]
    assert [len(line.get_xdata()) for line in hollow] == [2, 2]
    assert "hollow" in words(figure)


def test_missing_scores_are_left_out_and_counted(tmp_path):
    table = scores()
    table.loc[(table["property"] == "fur_edited") & (table["image"] == "0"), "score"] = np.nan
    figure = drawn(comparison(table), tmp_path)
    assert "Spearman 1.00 (10 points)" in words(figure)
    assert "2 left out, without a score" in words(figure).replace("\n", " ")
    assert "nan" not in words(figure)
    table["score"] = np.nan
    table["flags"] = np.nan
    figure = drawn(comparison(table), tmp_path)
    assert "Spearman – (0 points)" in words(figure)


def test_many_pairs_and_one_image(tmp_path):
    figure = drawn(comparison(scores(images=1), PAIRS * 2), tmp_path)
    assert sum(axes.axison for axes in figure.axes) == 4
    assert words(figure).count("Spearman – (2 points)") >= 1


def test_spearman_takes_mean_ranks_for_ties():
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 5, (2, 40))
    assert spearman(one, other) == pytest.approx(scipy.stats.spearmanr(one, other)[0])
    assert np.isnan(spearman([1, 1, 1], [1, 2, 3]))
    assert np.isnan(spearman([1, 2], [1, 2]))
    assert np.isnan(spearman([], []))


# --- the gate ----------------------------------------------------------------


CARD = {
    "use": {"size": [64, 64], "stop": 2.0, "image_guidance": 1.0, "denoising_steps": 20},
    "parameters": {"vae": 300_000, "unet": 900_000},
}


def gate(missed=(), images=4):
    axis = np.linspace(-2, 2, 5)
    rows = [
        {
            "image": f"i{number}",
            "property": prop,
            "axis": axis.tolist(),
            "measured": (0.5 + (0.1 + 0.01 * number) * axis).tolist(),
            "exact": np.linspace(0.1 + 0.01 * number, 0.9, 5).tolist(),
            "other": [0.4] * 5,
            "spearman": 1.0 - 0.01 * number,
        }
        | {
            f"{kind}_{model}": (place + 0.1) * (number + 1)
            for place, model in enumerate(MODELS)
            for kind in ("score", "exact")
        }
        for prop in ("fur", "background")
        for number in range(images)
    ]
    names = ["fur: share", "background: share", "background: off-target", "edges kept"]
    criteria = [
        {"name": name, "value": 0.5, "bar": 0.4, "at_least": True, "passed": name not in missed}
        for name in names
    ]
    return {"passed": not missed, "criteria": criteria, "images": rows}


def panels(figure):
    return {axes.get_title(loc="left"): axes for axes in figure.axes if axes.axison}


def test_a_passed_gate_says_so(tmp_path):
    figure = drawn(draw_gate(gate(), CARD, name="pets", looks=LOOKS), tmp_path)
    title = texts(figure)["Editor 'pets': gate passed, all 4 criteria are met"]
    assert title.get_color() == GREEN
    text = words(figure)
    assert "MISSED" not in text
    assert "demonstration" not in text
    assert all(word in text for word in ("0.500", "≥ 0.40", "met", "4 held-out images"))
    assert all(word in text for word in ("1.2 million parameters", "64×64", *MODELS))


def test_a_missed_gate_calls_its_rows_a_demonstration(tmp_path):
    found = gate(missed=("background: share", "edges kept"))
    figure = drawn(draw_gate(found, CARD, name="pets", looks=LOOKS), tmp_path)
    title = next(text for text in texts(figure) if text.startswith("Editor"))
    assert "2 of 4 criteria missed" in title
    assert "the diffusion rows of this report are a demonstration" in title
    assert texts(figure)[title].get_color() == RED
    assert [text.get_text() for text in figure.axes[0].texts].count("MISSED") == 2
    assert set(panels(figure)) == {"fur", "background: 1 missed", "scores: Spearman 1.00"}


def test_a_gates_sweeps_and_scores_are_drawn():
    figure = draw_gate(gate(), CARD, name="pets", looks=LOOKS)
    fur = panels(figure)["fur"]
    solid = [line for line in fur.lines if line.get_linestyle() == "-"]
    assert len(solid) == 4 + 1
    np.testing.assert_allclose(solid[-1].get_ydata()[-1], 0.5 + 0.13 * 2)  # the least monotone
    pale, band = fur.patches
    assert (pale.get_y(), band.get_y()) == pytest.approx((0.1, 0.13))
    scatter = panels(figure)["scores: Spearman 1.00"]
    assert sum(len(line.get_xdata()) for line in points(scatter)) == 2 * 4 * len(MODELS)


def test_a_gate_with_holes(tmp_path):
    found = gate(missed=("edges kept",), images=1)
    found["criteria"][-1]["value"] = np.nan
    found["images"][0] |= {"spearman": np.nan, "score_unbiased": np.nan}
    figure = drawn(draw_gate(found, {}, name="pets", looks=LOOKS), tmp_path)
    assert "–" in [text.get_text() for text in figure.axes[0].texts]
    assert "nan" not in words(figure)
    found["images"] = []
    drawn(draw_gate(found, {}, name="pets", looks=LOOKS), tmp_path)


def test_the_models_of_a_gate():
    assert gate_models(gate()) == ["dark_cats", "unbiased"]
    assert gate_models({"images": []}) == []


# --- captions ----------------------------------------------------------------


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
