import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from zollstock.errors import ZollstockError
from zollstock.provenance.__main__ import main
from zollstock.provenance.archive import names_of_places, pack
from zollstock.provenance.record import read_record
from zollstock.provenance.verify import compare_figures, verify
from zollstock.store import PathStore

from .conftest import make_results, put, record_of
from .test_crate import check_crate


def packed(study, target="small.zip", parts=(), license_="CC-BY-4.0"):
    pack(study, Path(target), parts, license_)
    return Path(target)


def unpacked(study, tmp_path, *parts):
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(packed(study, parts=parts)) as file:
        file.extractall(folder)
    return folder


def test_untouched_results_are_as_recorded(study):
    verdict = verify(study)
    assert verdict.ok
    assert verdict.left_out == []
    assert set(verdict.same) == {*read_record(study)["files"], "interventions/fur.zarr/"}


@pytest.mark.parametrize("name", ["figures/summary.png", "scores/summary.csv", "README.md"])
def test_a_tampered_file_is_named(study, name):
    put(study / name, (study / name).read_bytes() + b" ")
    assert verify(study).changed == [name]


def test_a_tampered_chunk_of_predictions_names_its_group(study):
    put(study / "predictions/fur/zebra.zarr/logits/c/0", b"\x01" * 64)
    assert verify(study).changed == ["predictions/fur/zebra.zarr/"]


def test_tampered_frames_name_the_image(study):
    file = PathStore(study / "interventions/fur.zarr").frames_file(1)
    put(file, b"\x00" * file.stat().st_size)
    assert verify(study).changed == ["interventions/fur.zarr/ (b)"]


def test_a_lost_file_is_missing_and_a_part_not_packed_is_left_out(study):
    (study / "figures/summary.png").unlink()
    shutil.rmtree(study / "predictions")
    verdict = verify(study)
    assert verdict.missing == ["figures/summary.png"]
    assert verdict.left_out == ["predictions/fur/zebra.zarr/"]
    (study / "images/pixels/a.png").unlink()  # the store of the same part is there
    verdict = verify(study)
    assert verdict.missing == ["figures/summary.png", "images/pixels/a.png"]
    assert verdict.left_out == ["predictions/fur/zebra.zarr/"]


def test_command_names_what_is_wrong(study, capsys):
    assert main([str(study)]) == 0
    assert "0 not" in capsys.readouterr().out
    put(study / "scores/summary.csv", "better,99\n")
    assert main([str(study)]) == 1
    assert "changed: results/small/scores/summary.csv" in capsys.readouterr().out
    assert main([str(study / "scores")]) == 1
    assert capsys.readouterr().err.startswith("zollstock: ")
    assert main([]) == 2


@pytest.mark.parametrize("parts", [(), ("predictions",), ("predictions", "frames")])
def test_archive_is_a_crate_whose_files_are_as_recorded(study, tmp_path, parts):
    folder = unpacked(study, tmp_path, *parts)
    check_crate(folder)
    verdict = verify(folder)
    assert verdict.ok
    assert bool(verdict.left_out) == (len(parts) < 2)
    assert (folder / "predictions").exists() == ("predictions" in parts)
    assert (folder / "interventions/fur.zarr").exists() == ("frames" in parts)


def test_same_results_give_the_same_bytes(study):
    first = packed(study).read_bytes()
    for file in study.rglob("*"):
        os.utime(file, (1, 1))
    assert packed(study, "again.zip").read_bytes() == first


def test_what_changed_since_the_record_is_not_packed(study):
    put(study / "figures/summary.png", b"other")
    with pytest.raises(ZollstockError, match=r"figures/summary\.png: is missing or changed"):
        packed(study)
    put(study / "figures/summary.png", b"\x89PNG")
    put(study / "predictions/fur/zebra.zarr/logits/c/1", b"new")
    packed(study)
    with pytest.raises(ZollstockError, match=r"zebra\.zarr: is missing or changed"):
        packed(study, parts=["predictions"])
    shutil.rmtree(study / "interventions/fur.zarr")
    with pytest.raises(ZollstockError, match=r"fur\.zarr: is missing or changed"):
        packed(study, parts=["frames"])


@pytest.mark.parametrize("array", ["frames", "unedited", "axis", "change"])
def test_lost_and_strange_chunks_of_frames_are_named_and_not_packed(study, array):
    one, other = sorted((study / "interventions/fur.zarr" / array).glob("c.*"))
    other.unlink()
    assert verify(study).changed == ["interventions/fur.zarr/ (b)"]
    with pytest.raises(ZollstockError, match="image b: differs from what was written"):
        packed(study, parts=["frames"])
    if array in ("frames", "change"):  # the others are alike in both
        other.write_bytes(one.read_bytes())
        assert verify(study).changed == ["interventions/fur.zarr/ (b)"]


def test_figures_drawn_again_are_compared_with_the_record(study):
    summary = study / "figures/summary.png"
    assert compare_figures(study, [summary]) == {
        "figures/fur/paths/a.png": "left out",
        "figures/summary.png": "same",
    }
    put(summary, b"other")
    found = compare_figures(study, [summary, study / "figures/fur/paths"])
    assert found == {"figures/fur/paths/a.png": "same", "figures/summary.png": "differs"}


def test_tables_that_tell_of_this_machine_are_named(study, tmp_path):
    assert names_of_places(study, read_record(study)) == []
    parts = make_results(study)
    put(study / "images/images.csv", "id,source\na,/home/me/a.png\n")
    record = record_of(study, tmp_path / "code", parts)
    assert names_of_places(study, record) == ["images/images.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files are those of Unix")
def test_unpacked_files_can_be_read_by_all(study):
    with zipfile.ZipFile(packed(study)) as file:
        assert {info.external_attr >> 16 for info in file.infolist()} == {0o100644}
