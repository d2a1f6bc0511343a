"""Every figure at the ends of what there may be: nothing is cut, nothing lies upon another."""

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from zollstock.figures.style import save
from zollstock.settings.scoring import FigureSettings

from .conftest import inside
from .extremes import ENTRIES, Case, figures_of

FORTY = "forty_$letters_<of>_*some*_kind_{&}_é_xy"
HEBREW = "בהירות הפרווה של החתול <a_b> $x$ *y*"
ARABIC = "سطوع الخلفية في الصورة"
CASES = {
    "one of each": dict(images=1, models=1, properties=1, classes=2, title="fur", name=""),
    "ordinary": dict(images=8, models=3, properties=5, classes=2, title="fur lightness", name=""),
    "long names": dict(images=3, models=3, properties=2, classes=2, title=FORTY, name=FORTY),
    "many": dict(images=200, models=8, properties=4, classes=1000, title=HEBREW, name=FORTY[:33]),
    "right to left": dict(
        images=3, models=2, properties=3, classes=2, title=ARABIC, name=HEBREW[:30]
    ),
}
ROUGH = 1.5  # pixels by which boxes of words may touch: they are wider than their letters


def ticks(axes):
    """Return the labels of each axis that are in view, and all labels there are."""
    seen, every = [], set()
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        room = 1e-6 * (high - low)
        shown = []
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            every |= {tick.label1, tick.label2}
            if low - room <= tick.get_loc() <= high + room and tick.get_visible():
                shown += [one for one in (tick.label1, tick.label2) if one.get_visible()]
        seen.append([label for label in shown if label.get_text()])
    return seen, every


def boxes(texts):
    return [(text.get_text(), text.get_window_extent()) for text in texts]


def overlapping(found):
    """Return pairs of words whose boxes lie upon each other."""
    edges = np.array([[box.x0, box.y0, box.x1, box.y1] for _, box in found]).reshape(-1, 4)
    pairs = []
    for place, (x0, y0, x1, y1) in enumerate(edges):
        later = edges[place + 1 :]
        wide = np.minimum(x1, later[:, 2]) - np.maximum(x0, later[:, 0])
        high = np.minimum(y1, later[:, 3]) - np.maximum(y0, later[:, 1])
        for other in np.flatnonzero((wide > ROUGH) & (high > ROUGH)):
            pairs.append((found[place][0], found[place + 1 + other][0]))
    return pairs


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ENTRIES)
def test_nothing_is_cut_and_nothing_lies_upon_another(name, case, tmp_path):
    for figure in figures_of(ENTRIES[name], Case(**CASES[case], flagged=True, folder=tmp_path)):
        save(figure, tmp_path / "figure", ["png"], figure.dpi)
        inside(figure)
        words, labels = [], set()
        for axes in figure.axes:
            if not axes.axison:
                labels |= ticks(axes)[1]
                continue
            seen, every = ticks(axes)
            labels |= every
            words += [label for one in seen for label in one]
        words += [
            text
            for text in figure.findobj(Text)
            if text not in labels and text.get_text() and text.get_visible()
        ]
        found = boxes(words)
        for said, box in found:
            assert box.x0 >= -1 and box.y0 >= -1, said
            assert box.x1 <= figure.bbox.x1 + 1 and box.y1 <= figure.bbox.y1 + 1, said
        assert not overlapping(found)
        assert not any(text.get_parse_math() for text in words)


def test_pictures_have_two_hundred_dots_an_inch(tmp_path):
    dpi = FigureSettings().dpi
    assert dpi >= 200
    case = Case(**CASES["one of each"], flagged=False, folder=tmp_path)
    (figure,) = figures_of(ENTRIES["summary"], case)
    save(figure, tmp_path / "figure", ["png"], dpi)
    assert Image.open(tmp_path / "figure.png").width >= int(dpi * figure.get_figwidth())


def test_overlaps_and_cut_words_are_seen(tmp_path):
    case = Case(**CASES["ordinary"], flagged=False, folder=tmp_path)
    (figure,) = figures_of(ENTRIES["summary"], case)
    figure.text(0.5, 0.5, "one")
    figure.text(0.5, 0.5, "two")
    save(figure, tmp_path / "figure", ["png"], figure.dpi)
    found = [text for text in figure.findobj(Text) if text.get_text() in ("one", "two")]
    assert overlapping(boxes(found)) == [("one", "two")]
    figure.text(0.99, 0.5, "a word that is cut")
    with pytest.raises(AssertionError):
        inside(figure)
