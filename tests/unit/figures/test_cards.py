"""Cards: the curves and the placebos behind them."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from zollstock.figures.cards import draw_card
from zollstock.figures.sentences import verdict_sentence
from zollstock.figures.style import RED, model_looks, save
from zollstock.significance.beside import Beside

from .conftest import row, words

NAN = float("nan")
AXIS = np.linspace(-1, 1, 5)
RISING = np.array([0.1, 0.2, 0.5, 0.8, 0.9])


STILL = 0.3  # P of the unedited picture


def placebos(count=19, high=0.1):
    """Placebo k ends (k − 9)/19 · .1 away from where it began, evenly on both sides."""
    x = np.abs(AXIS)
    return Beside(AXIS, np.array([(k - count // 2) / count * high * x for k in range(count)]))


NONE = Beside(AXIS, np.empty((0, 5)))


def card(tmp_path, models=("plain", "dark_cats"), *, beside=None, series=RISING, axis=AXIS, **how):
    changes = how.pop("row", {})
    rows = pd.DataFrame([row(model=model, **changes) for model in models])
    used = np.flatnonzero(np.isfinite(axis))
    figure = draw_card(
        np.zeros((len(used), 8, 12, 3), np.uint8),
        axis,
        dict.fromkeys(models, series),
        dict.fromkeys(models, how.pop("still", STILL)),
        dict.fromkeys(models, placebos() if beside is None else beside),
        rows,
        model_looks(list(models), "petroff10"),
        steps=list(used),
        title=how.pop("title", "cat_0001: fur lightness"),
        axis_title="fur lightness",
        **how,
    )
    save(figure, tmp_path / "card", ["png"], figure.dpi)  # at another dpi words keep its size
    return figure


def panels(figure):
    return [axes for axes in figure.axes if not axes.images]


def lines(axes, kind):
    return [line for line in axes.lines if line.get_gid() == kind]


def drawn_placebos(axes):
    """Return x and y of every placebo's line; they are one line with gaps in it."""
    found = lines(axes, "placebo")
    if not found:
        return []
    x, y = (np.asarray(part).reshape(-1, 6)[:, :-1] for part in found[0].get_data(orig=True))
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
        np.testing.assert_allclose(target.get_ydata(), RISING)
        assert len(drawn_placebos(axes)) == 19
    assert len({axes.get_ylim() for axes in panels(figure)}) == 1
    text = words(figure)
    assert text.count("0 of 19 placebos as large, p = 0.05") == 2
    assert text.count("P(dog) 0.10 → 0.90") == 2
    assert "change" not in text
    assert "P(dog)" in text.split(" | ")


def test_placebos_are_changes_of_the_unedited_picture(tmp_path):
    """An edit that begins elsewhere is drawn where it is, and placebos start from the picture."""
    axes = panels(card(tmp_path))[0]
    ends = STILL + (np.arange(19) - 9) / 19 * 0.1
    drawn = drawn_placebos(axes)
    np.testing.assert_allclose([x for x, _ in drawn], np.tile(AXIS, (19, 1)))
    np.testing.assert_allclose(
        [y[[0, 2, 4]] for _, y in drawn], np.stack([ends, ends * 0 + STILL, ends], 1)
    )
    (band,) = [part for part in axes.collections if part.get_gid() == "band"]
    corners = band.get_paths()[0].vertices
    last = corners[corners[:, 0] == 1][:, 1]
    np.testing.assert_allclose([last.min(), last.max()], np.quantile(ends, [0.05, 0.95]))


def test_placebos_stand_where_the_edit_is_compared(tmp_path):
    places = np.array([-1, 0.5, 1])
    beside = Beside(places, np.array([[0.0, 0.05, 0.1]]))
    (line,) = lines(panels(card(tmp_path, beside=beside))[0], "placebo")
    np.testing.assert_allclose(line.get_xdata()[:3], places)
    np.testing.assert_allclose(line.get_ydata()[:3], STILL + beside.changes[0])


@pytest.mark.parametrize("boundary", [0.5, 0.0, None])
def test_the_decision_line_stands_where_the_decision_turns(tmp_path, boundary):
    figure = card(tmp_path, boundary=boundary)
    found = [line.get_ydata()[0] for axes in panels(figure) for line in lines(axes, "boundary")]
    assert found == ([] if boundary is None else [boundary] * 2)
    assert ("decision" in words(figure).split(" | ")) == (boundary is not None)


def test_a_decision_line_does_not_stretch_the_scale(tmp_path):
    low = dict(series=np.full(5, 0.01), still=0.01, beside=NONE)
    assert panels(card(tmp_path, **low))[0].get_ylim()[1] < 0.5


def test_placebos_of_a_probability_stay_between_0_and_1(tmp_path):
    """Their changes are those of a picture of their own, which may have had more room."""
    figure = card(tmp_path, beside=placebos(high=2.0), bounds=(0.0, 1.0))
    drawn = np.array([y for axes in panels(figure) for _, y in drawn_placebos(axes)])
    assert drawn.min() == 0 and drawn.max() == 1
    (band,) = panels(figure)[0].collections
    assert band.get_datalim(panels(figure)[0].transData).y0 >= 0
    assert panels(figure)[0].get_ylim()[0] > -0.1
    free = card(tmp_path, beside=placebos(high=2.0))
    assert min(y.min() for _, y in drawn_placebos(panels(free)[0])) < -0.5


def test_few_placebos_have_no_band(tmp_path):
    figure = card(tmp_path, beside=placebos(3))
    assert not panels(figure)[0].collections
    assert "5–95 %" not in words(figure)


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("no placebos", "no placebo edits: no test"),
        ("unmatched", "no placebo edit of its size: no test"),
    ],
)
def test_a_card_without_placebos(tmp_path, why, said):
    nothing = {"p": NAN, "q_bh": NAN, "used": 0, "placebos": 0, "match": NAN, "untested": why}
    text = words(card(tmp_path, beside=NONE, row=nothing))
    assert text.count(said) == 2
    assert "placebo edits of" not in text
    assert "nan" not in text


def test_placebos_as_large_are_counted_and_not_read_off_p(tmp_path):
    text = words(card(tmp_path, row={"larger": 3, "used": 7, "p": 3 / 7}))
    assert text.count("3 of 7 placebos as large, p = 0.43") == 2


def test_placebos_with_holes(tmp_path):
    changes = placebos().changes.copy()
    changes[-1, 3:] = NAN
    axes = panels(card(tmp_path, beside=Beside(AXIS, changes)))[0]
    *_, (_, y) = drawn_placebos(axes)
    np.testing.assert_array_equal(np.isfinite(y), [True] * 3 + [False] * 2)
    assert np.isfinite(axes.get_ylim()).all()


def test_a_failed_path_says_so(tmp_path):
    figure = card(
        tmp_path,
        beside=NONE,
        axis=np.full(5, NAN),
        series=np.full(5, NAN),
        still=NAN,
        row={"flags": "failed"},
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
    axes = panels(card(tmp_path, beside=NONE, still=0.5, series=np.linspace(0.5, 0.501, 5)))[0]
    assert np.ptp(axes.get_ylim()) >= 0.2


def test_models_that_follow_different_classes_are_named(tmp_path):
    rows = pd.DataFrame([row(model="plain"), row(model="dark_cats", output="cat")])
    figure = draw_card(
        np.zeros((2, 8, 8, 3), np.uint8),
        AXIS,
        {"plain": RISING, "dark_cats": RISING},
        {"plain": STILL, "dark_cats": STILL},
        {"plain": NONE, "dark_cats": NONE},
        rows,
        model_looks(["plain", "dark_cats"], "petroff10"),
        steps=[0, 4],
        title="a",
        axis_title="fur",
    )
    assert all(name in words(figure) for name in ("P(class)", "P(cat) 0.10", "P(dog) 0.10"))


@pytest.mark.parametrize("models", [1, 4, 8])
def test_words_stay_inside_and_panels_apart(tmp_path, models):
    names = [f"a_rather_long_name_of_model_{number}" for number in range(models)]
    tested = row(flags="entangled", larger=12, p=0.65, of_interest=False, resolution=0.1)
    text = verdict_sentence(tested, alpha=0.05, title="fur lightness")
    figure = card(
        tmp_path,
        names,
        title="a long name " * 20,
        sentences=[text] * models,
        row={"flags": "entangled;identity_lost;not_monotone;reversed;saturated"},
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
