"""Cards: the curves and the placebos behind them."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from zollstock.figures.cards import draw_card
from zollstock.figures.sentences import verdict_sentence
from zollstock.figures.style import RED, model_looks, save

from .conftest import row, words

NAN = float("nan")
AXIS = np.linspace(-1, 1, 5)
RISING = np.array([0.1, 0.2, 0.5, 0.8, 0.9])


def placebos(count=19, reach=1.0, high=0.1):
    x = np.linspace(0, 2 * reach, 9)
    return [(x, 0.3 + (number - count // 2) / count * high * x) for number in range(count)]


def card(tmp_path, models=("plain", "dark_cats"), *, fans=None, series=RISING, axis=AXIS, **how):
    changes = how.pop("row", {})
    rows = pd.DataFrame([row(model=model, **changes) for model in models])
    used = np.flatnonzero(np.isfinite(axis))
    figure = draw_card(
        np.zeros((len(used), 8, 12, 3), np.uint8),
        axis,
        dict.fromkeys(models, series),
        dict.fromkeys(models, placebos()) if fans is None else fans,
        rows,
        model_looks(list(models), "petroff10"),
        steps=list(used),
        title=how.pop("title", "cat_0001: fur lightness"),
        property_title="fur lightness",
        **how,
    )
    save(figure, tmp_path / "card", ["png"], figure.dpi)  # at another dpi words keep its size
    return figure


def panels(figure):
    return [axes for axes in figure.axes if not axes.images]


def lines(axes, kind):
    return [line for line in axes.lines if line.get_gid() == kind]


def fans_of(axes):
    """Return x and y of every placebo's line; they are one line with gaps in it."""
    found = lines(axes, "placebo")
    if not found:
        return []
    x, y = (np.asarray(part).reshape(-1, 43)[:, :-1] for part in found[0].get_data(orig=True))
    return list(zip(x, y, strict=True))


def test_a_card_has_frames_and_a_panel_per_model(tmp_path):
    figure = card(tmp_path)
    (strip,) = [axes for axes in figure.axes if axes.images]
    assert [text.get_text() for text in strip.get_xticklabels()] == [
        *("−1.00", "−0.50", "0.00", "0.50", "1.00")
    ]
    for axes in panels(figure):
        (target,) = lines(axes, "target")
        np.testing.assert_array_equal(target.get_xdata(), AXIS)
        np.testing.assert_allclose(target.get_ydata(), RISING - 0.1)
        assert len(fans_of(axes)) == 19
    assert len({axes.get_ylim() for axes in panels(figure)}) == 1
    text = words(figure)
    assert text.count("0 of 19 placebos as large, p = 0.05") == 2
    assert text.count("P(dog) 0.10 → 0.90") == 2
    assert "change of P(dog)" in text


def test_placebos_are_changes_that_end_at_the_targets_size(tmp_path):
    axes = panels(card(tmp_path))[0]
    ends = (np.arange(19) - 9) / 19 * 0.1  # at x = 1, half of the path
    drawn = [y[[0, -1]] for _, y in fans_of(axes)]
    np.testing.assert_allclose(drawn, np.column_stack([np.zeros(19), ends]), atol=1e-12)
    np.testing.assert_allclose(lines(axes, "ends")[0].get_ydata(), ends, atol=1e-12)
    (band,) = [part for part in axes.collections if part.get_gid() == "band"]
    corners = band.get_paths()[0].vertices
    last = corners[corners[:, 0] == 1][:, 1]
    np.testing.assert_allclose([last.min(), last.max()], np.quantile(ends, [0.05, 0.95]))


def test_with_sizes_placebos_stand_where_the_target_is_as_large(tmp_path):
    sizes = np.array([0, 0.1, 0.1, 0.4, 0.4])  # half of the size is reached at the axis 1/6
    axes = panels(card(tmp_path, sizes=sizes))[0]
    x, y = fans_of(axes)[-1]
    there = np.interp(0.5, y / (9 / 19 * 0.1), x)
    assert there == pytest.approx(1 / 6, abs=0.02)
    still = np.interp([0.5, 0.75, 1], x, y)  # as the target's edit
    np.testing.assert_allclose(still, 9 / 19 * 0.1)


def test_placebos_that_end_early_are_drawn_as_far_as_they_reach(tmp_path):
    short = dict.fromkeys(("plain", "dark_cats"), placebos(reach=0.3))
    figure = card(tmp_path, fans=short, row={"match": 0.6})
    (x, y), *_ = fans_of(panels(figure)[0])
    reached = x[np.isfinite(y)]
    assert reached.max() == pytest.approx(-1 + 2 * 0.6, abs=0.06)
    assert "placebos reach 60 % of its size" in words(figure)


def test_few_placebos_have_no_band(tmp_path):
    few = dict.fromkeys(("plain", "dark_cats"), placebos(3))
    figure = card(tmp_path, fans=few)
    assert not panels(figure)[0].collections
    assert "5–95 %" not in words(figure)


def test_a_card_without_placebos(tmp_path):
    nothing = {"p": NAN, "q_bh": NAN, "used": 0, "match": NAN}
    text = words(card(tmp_path, fans={}, row=nothing))
    assert text.count("no placebo test") == 2
    assert "placebo edits" not in text
    assert "nan" not in text


def test_placebos_with_holes(tmp_path):
    holes = [(np.array([0, 0.5, 0.4, NAN]), np.array([0.5, 0.6, NAN, NAN]))]
    holes += [(np.array([0.0]), np.array([0.5])), (np.array([]), np.array([]))]
    axes = panels(card(tmp_path, fans={"plain": holes}))[0]
    ((_, y),) = fans_of(axes)
    assert np.nanmax(y) == pytest.approx(0.1)


def test_sizes_that_fall_back_count_as_their_running_maximum(tmp_path):
    fan = [(np.array([0, 0.8, 0.5, 1]), np.array([0, 0.1, 0.5, 0.6]))]
    (line,) = fans_of(panels(card(tmp_path, fans={"plain": fan}))[0])
    at = np.interp(-1 + 2 * 0.9, *line)
    assert at == pytest.approx(0.55)


def test_a_failed_path_says_so(tmp_path):
    figure = card(
        tmp_path, fans={}, axis=np.full(5, NAN), series=np.full(5, NAN), row={"flags": "failed"}
    )
    assert sorted(words(figure).split(" | ")) == ["cat_0001: fur lightness", "failed"]


def test_a_falling_path_runs_in_the_order_of_its_frames(tmp_path):
    axes = panels(card(tmp_path, axis=np.array([1, 0.5, 0.2, 0, NAN])))[0]
    assert axes.get_xlim() == (1, 0)


def test_flags_are_red(tmp_path):
    figure = card(tmp_path, row={"flags": "entangled;not_monotone"})
    (one, _) = [
        text for text in figure.findobj(Text) if text.get_text() == "entangled, not monotone"
    ]
    assert to_hex(one.get_color()) == RED


def test_a_flat_curve_looks_flat(tmp_path):
    axes = panels(card(tmp_path, fans={}, series=np.linspace(0.5, 0.501, 5)))[0]
    assert np.ptp(axes.get_ylim()) >= 0.2


def test_models_that_follow_different_classes_are_named(tmp_path):
    rows = pd.DataFrame([row(model="plain"), row(model="dark_cats", output="cat")])
    figure = draw_card(
        np.zeros((2, 8, 8, 3), np.uint8),
        AXIS,
        {"plain": RISING, "dark_cats": RISING},
        {},
        rows,
        model_looks(["plain", "dark_cats"], "petroff10"),
        steps=[0, 4],
        title="a",
        property_title="fur",
    )
    assert all(
        name in words(figure) for name in ("change of P(class)", "P(cat) 0.10", "P(dog) 0.10")
    )


@pytest.mark.parametrize("models", [1, 4, 8])
def test_words_stay_inside_and_panels_apart(tmp_path, models):
    names = [f"a_rather_long_name_of_model_{number}" for number in range(models)]
    tested = row(flags="entangled", p_pooled=0.01, q_pooled=0.02, used_pooled=100, match=0.5)
    text = verdict_sentence(tested, alpha=0.05, title="fur lightness")
    figure = card(
        tmp_path,
        names,
        fans={},
        title="a long name " * 20,
        sentences=[text] * models,
        row={"flags": "entangled;identity_lost;not_monotone;reversed;saturated", "match": 0.4},
    )
    boxes = [axes.get_tightbbox() for axes in panels(figure)]
    assert not any(
        one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place]
    )
    for box in [
        *boxes,
        *(text.get_window_extent() for text in figure.findobj(Text) if text.get_text()),
    ]:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1
