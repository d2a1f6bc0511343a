"""Tables of the calibration keep names that look like something else."""

import pandas as pd

from zollstock.calibration.tables import read_edits, read_table, write_table


def test_a_model_may_be_called_na(tmp_path):
    write_table(pd.DataFrame({"model": ["NA", "b"], "auc": [0.123456789, None]}), tmp_path / "t")
    found = read_table(tmp_path / "t")
    assert found["model"].tolist() == ["NA", "b"]
    assert found["auc"].tolist()[0] == 0.123457
    assert found["auc"].isna().tolist() == [False, True]


def test_an_image_may_be_called_007(tmp_path):
    (tmp_path / "t").write_text("image,step\n007,0\nNA,1\n")
    assert read_edits(tmp_path / "t")["image"].tolist() == ["007", "NA"]
