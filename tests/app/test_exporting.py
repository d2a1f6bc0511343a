"""Files to take away: they are what they say, and the config is one of a study."""

from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import yaml
from PIL import Image

from tests.unit.studies.finished import inside
from zollstock.app.exporting import animate, export, new_folder
from zollstock.app.material import model_settings
from zollstock.app.shown import nulls, results
from zollstock.settings import parse_study


def test_curves_come_before_placebos_and_are_shown(made):
    words = [text for text, _ in made[1]]
    first = next(k for k, (_, walk) in enumerate(made[1]) if "zs-line" in walk)
    assert first < next(k for k, text in enumerate(words) if "placebo" in text)
    assert "done" in words[-1]


def test_results_are_those_of_the_table(made):
    found, _ = made
    text = results(found)
    for row in found.to_pandas().to_dict("records"):
        assert f"{row['p']:.2g}" in text
    assert text.count("<tr>") == 3
    assert nulls(found).count("<img") == 1


def test_the_config_makes_a_study_and_frames_are_a_series(made, shelf, tmp_path):
    found, _ = made
    keys = ["study mine/one", "study mine/two"]
    files = export(found, model_settings(keys, found.models, shelf), tmp_path)
    assert [file.name for file in files] == ["frames.zip", "study.yaml", "figure.pdf", "path.webp"]
    assert files[2].read_bytes().startswith(b"%PDF")
    with ZipFile(files[0]) as packed:
        packed.extractall(tmp_path / "out")
    out = tmp_path / "out"
    config = yaml.safe_load((out / "study.yaml").read_text())
    with inside(out):
        study = parse_study(config, "study.yaml")
    assert study.properties["brightness"].engine == "photometric"
    assert study.placebos.number == 19
    series = sorted(
        (out / "frames" / found.picture.id).glob("*.png"), key=lambda one: float(one.stem)
    )
    assert [float(one.stem) for one in series] == pytest.approx(found.path.axis, rel=1e-5)
    read = np.stack([np.asarray(Image.open(one)) for one in series])
    assert np.array_equal(read, found.path.frames)
    assert np.array_equal(
        np.asarray(Image.open(next(out.glob("pictures/*.png")))), found.picture.pixels()
    )


def test_an_animation_goes_there_and_back(tmp_path):
    frames = np.stack([np.full((8, 12, 3), 60 * k, np.uint8) for k in range(4)])
    animate(frames, tmp_path / "a.webp")
    with Image.open(tmp_path / "a.webp") as moving:
        assert moving.n_frames == 6
        assert moving.size[0] >= 252


def test_folders_are_a_visitors_own_and_the_last_one_goes(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    first, other = new_folder(), new_folder()
    assert first != other
    second = new_folder(first)
    assert not first.exists()
    assert Path(other).exists()
    assert second.exists()
