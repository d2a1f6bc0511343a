from tests.unit.provenance.conftest import put
from zollstock.plan.recording import lacking, result_scripts


def test_a_part_is_lacking_if_any_of_its_files_is(tmp_path):
    store, gone = str(put(tmp_path / "fur.zarr", "x")), str(tmp_path / "gone.zarr")
    parts = {"frames": [store], "predictions": [store, gone], "nothing": []}
    assert lacking(parts) == {"predictions"}


def test_scripts_that_change_no_result_are_left_out(tmp_path):
    for name in ("score.py", "calibrate_roc.py", "draw_calibration.py", "archive.py", "x.txt"):
        put(tmp_path / name, "")
    assert result_scripts(tmp_path) == ["score.py"]
