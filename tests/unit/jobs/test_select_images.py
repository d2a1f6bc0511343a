"""What the selection of images tells its user."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.unit.images.test_reading import odd_exif
from zollstock.jobs.select_images import select_images


@pytest.fixture
def select(tmp_path, capsys):
    """Select the files of a CSV; return the ids that were taken and what was said."""

    def run(files):
        rng = np.random.default_rng(0)
        for name, values in files.items():
            if values is not None:
                Image.fromarray((rng.random((9, 9)) * values[1]).astype(values[0])).save(
                    tmp_path / name
                )
        pd.DataFrame({"path": list(files), "label": "cat"}).to_csv(
            tmp_path / "images.csv", index=False
        )
        select_images(
            images={
                "source": "csv",
                "path": str(tmp_path / "images.csv"),
                "root": None,
                "n_per_class": None,
                "min_side": 8,
            },
            world=None,
            seed=0,
            models=[],
            device="cpu",
            table=tmp_path / "table.csv",
            skipped=tmp_path / "skipped.csv",
            pixels=tmp_path / "pixels",
        )
        return list(pd.read_csv(tmp_path / "table.csv")["id"]), capsys.readouterr().err

    return run


GREY = (np.uint8, 255)


def test_a_missing_file_is_named(select, tmp_path):
    ids, said = select({"a.png": GREY, "gone.png": None, "b.png": GREY})
    assert ids == ["a", "b"]
    assert said == (
        f"skipped 1 file: {tmp_path}/gone.png (file is missing); see {tmp_path}/skipped.csv\n"
    )


def test_of_many_skipped_files_the_missing_ones_are_named_first(select, tmp_path):
    files = {"a.png": GREY} | {f"t{n}.txt": None for n in range(4)} | {"gone.png": None}
    for n in range(4):
        (tmp_path / f"t{n}.txt").write_text("text")
    _, said = select(files)
    assert said.startswith(f"skipped 5 files: {tmp_path}/gone.png (file is missing), ")
    assert "(not an image that Pillow can read) and 2 others; see " in said


def test_one_odd_picture_does_not_stop_the_others(select, tmp_path):
    odd_exif(tmp_path / "odd.jpg")
    ids, said = select({"a.png": GREY, "odd.jpg": None, "b.png": GREY})
    assert ids == ["a", "b"]
    assert "odd.jpg (broken, truncated or odd inside (argument out of range))" in said


def test_what_was_taken_for_white_is_said(select, tmp_path):
    ids, said = select(
        {
            "plain.png": GREY,
            "full.tif": (np.uint16, 65535),
            "camera.tif": (np.uint16, 4095),
            "one.tif": (np.float32, 1),
            "other.tif": (np.float32, 1),
        }
    )
    assert len(ids) == 5
    lines = said.splitlines()
    assert len(lines) == 2
    assert all(line.endswith(", whose pixels have more than 8 bits") for line in lines)
    assert any(
        f"note: 4095 is taken for white in 1 file: {tmp_path}/camera.tif" in x for x in lines
    )
    assert any("note: 1 is taken for white in 2 files: " in line for line in lines)
    for name in ids:
        with Image.open(tmp_path / "pixels" / f"{name}.png") as picture:
            assert np.asarray(picture).max() > 200
