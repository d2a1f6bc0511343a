"""What tests of figures share."""

import matplotlib
import pytest
from matplotlib.text import Text

from zollstock.figures.style import save, set_style


@pytest.fixture(autouse=True)
def project_style():
    """Draw in the project's style, and leave matplotlib's to other tests."""
    with matplotlib.rc_context():
        set_style()
        yield


def words(figure):
    """Return all words of a figure."""
    return " | ".join(text.get_text() for text in figure.findobj(Text) if text.get_text())


def inside(figure):
    """Check that nothing is cut, and that words can be read in print at the width of a page."""
    box = figure.get_tightbbox(figure.canvas.get_renderer())
    assert min(box.x0, box.y0) >= -0.01, box
    assert box.x1 <= figure.get_figwidth() + 0.01, box
    assert box.y1 <= figure.get_figheight() + 0.01, box
    assert figure.get_figwidth() <= 6.91
    small = {text.get_text() for text in figure.findobj(Text) if text.get_fontsize() < 7}
    assert small <= {""}


def drawn(figure, tmp_path):
    """Draw it for real: some errors show only then."""
    save(figure, tmp_path / "figure", ["png"], 40)
    return figure


def row(**changes):
    """Return a row of the table of tests."""
    values = {"model": "dark_cats", "output": "dog", "flags": "", "steps": 32, "statistic": "net"}
    values |= {"value": 0.94, "placebos": 19, "unmatched": 0, "used": 19, "larger": 0}
    values |= {"match": 1.0, "p": 0.05, "resolution": 0.05, "untested": "", "q_bh": 0.06}
    values |= {"of_interest": True}
    return values | changes
