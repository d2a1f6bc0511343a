from tests.unit.provenance.conftest import put
from zollstock.plan.recording import drawable, result_scripts


def test_a_figure_is_drawn_if_all_it_needs_is_there(tmp_path):
    store, gone = str(put(tmp_path / "fur.zarr", "x")), str(tmp_path / "gone.zarr")
    needs = [(["frames.png"], [store]), (["card.png", "book.pdf"], [store, gone])]
    figures = ["summary.png", "frames.png", "card.png", "book.pdf"]
    assert drawable(figures, needs) == ["frames.png", "summary.png"]


def test_scripts_that_change_no_result_are_left_out(tmp_path):
    for name in ("score.py", "calibrate_roc.py", "draw_calibration.py", "archive.py", "x.txt"):
        put(tmp_path / name, "")
    assert result_scripts(tmp_path) == ["score.py"]
