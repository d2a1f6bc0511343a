"""What makes drawing quick changes no picture and leaves nothing behind."""

import gc

from fontTools import subset
from matplotlib.font_manager import FontProperties, findfont

from zollstock.figures.glyphs import FONT, keeping_fonts, lean_fonts
from zollstock.figures.style import new_figure, save
from zollstock.jobs.drawing import ready_to_draw


def test_fonts_of_a_pdf_lack_the_tables_that_set_text_and_no_letter(tmp_path):
    file = findfont(FontProperties(family=[FONT]))
    before = subset.load_font
    whole = subset.load_font(file, subset.Options())
    with lean_fonts():
        lean = subset.load_font(file, subset.Options())
    assert subset.load_font is before
    assert "GSUB" in whole and "GSUB" not in lean
    assert lean.getBestCmap() == whole.getBestCmap()
    figure = new_figure(2, 1)
    figure.text(0.1, 0.5, "WAVE fi \u05d0")
    with keeping_fonts(figure):
        assert subset.load_font is not before
    save(figure, tmp_path / "lean", ["pdf"], 50)
    assert b"/FontFile2" in (tmp_path / "lean.pdf").read_bytes()


def test_garbage_is_collected_as_before_once_all_is_drawn():
    before = gc.get_threshold()
    with ready_to_draw():
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
