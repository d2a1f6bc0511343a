"""The jobs that record a study, pack it, and compare what was drawn again."""

import zipfile
from pathlib import Path

import pytest

from tests.unit.provenance.conftest import SETTINGS, make_results, put
from tests.unit.provenance.test_crate import check_crate
from zollstock.errors import ZollstockError
from zollstock.jobs.archive import archive
from zollstock.jobs.redraw import redraw
from zollstock.jobs.write_record import write_record
from zollstock.provenance.record import read_record
from zollstock.provenance.verify import verify


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study's folder, recorded by the job with the code of this checkout."""
    monkeypatch.chdir(tmp_path)
    put(Path("weights.bin"), b"weights")
    results = Path("results/small")
    recorded(results, make_results(results))
    return results


def recorded(results, parts, **changes):
    how = {"scripts": ["gather_scores.py"], "modules": [], "without": [], "checkpoints": {}}
    settings = SETTINGS | {"archive": {"license": "CC-BY-4.0"}}
    how |= {"own_environments": False} | changes
    write_record(results=results, parts=parts, settings=settings, **how)


def test_record_and_crate_are_written(study):
    record = read_record(study)
    packages = record["software"]["packages"]
    assert {"snakemake", "pandas", "pyarrow"} <= set(packages)
    assert "diffusers" not in packages
    assert record["software"]["environments"] == "one for all rules"
    assert verify(study).ok
    entities = check_crate(study)
    assert entities["./"]["license"] == {"@id": "https://spdx.org/licenses/CC-BY-4.0"}


def test_environments_of_rules_give_their_versions(study):
    recorded(study, make_results(study), own_environments=True)
    software = read_record(study)["software"]
    assert software["environments"] == "one per rule, from envs/"
    assert "snakemake" in software["packages"]  # it is in no rule's environment


def test_archive_says_how_large_it_is_and_what_tells_of_this_machine(study, capsys):
    target = study / "small.zip"
    archive(results=study, target=target, parts=["predictions"], license_=None)
    said = capsys.readouterr().err
    with zipfile.ZipFile(target) as file:
        assert f"zollstock: {target}: {len(file.namelist())} files, " in said
    assert "note" not in said
    put(study / "images/images.csv", "id,source\na,/home/me/a.png\n")
    parts = make_results(study)
    put(study / "images/images.csv", "id,source\na,/home/me/a.png\n")
    recorded(study, parts)
    archive(results=study, target=target, parts=[], license_=None)
    assert "note: images/images.csv name folders of this machine" in capsys.readouterr().err


def test_redraw_says_what_differs_and_whose_code_drew(study, capsys):
    table = study / "redrawn.csv"
    figures = [study / "figures/summary.png"]
    redraw(unpacked=True, figures=figures, table=table, program=Path("/opt/zollstock"))
    said = capsys.readouterr().err
    assert "1 as recorded, 0 different, 1 not drawn" in said
    assert "that of this checkout (/opt/zollstock), none from the archive" in said
    assert table.read_text().splitlines() == [
        "figure,state",
        "figures/fur/paths/a.png,left out",
        "figures/summary.png,same",
    ]
    put(figures[0], b"other")
    redraw(unpacked=True, figures=figures, table=table, program=study / "record/code")
    said = capsys.readouterr().err
    assert "0 as recorded, 1 different" in said
    assert "came with the archive (results/small/record/code)" in said


def test_redraw_asks_for_its_profile(study):
    with pytest.raises(ZollstockError, match="was called without its profile"):
        redraw(unpacked=False, figures=[], table=study / "redrawn.csv", program=study)
