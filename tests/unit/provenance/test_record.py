import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zollstock.errors import ZollstockError
from zollstock.files import sha256_of
from zollstock.provenance import checksums, software
from zollstock.provenance.record import CODE, CONFIG, RECORD, read_record, without_places

from .conftest import SETTINGS, make_code, make_results, put, record_of


def test_checksum_of_a_folder_is_that_of_sha256sum(tmp_path):
    """`find . -type f -printf '%P\\n' | LC_ALL=C sort | xargs sha256sum | sha256sum`."""
    folder = tmp_path / "group.zarr"
    for name in ("b/1", "a", "b.c", "b/.snakemake_timestamp"):
        put(folder / name, name)
    names = sorted(["b/1", "a", "b.c"])
    lines = "".join(f"{sha256_of(folder / name)}  {name}\n" for name in names)
    assert checksums.tree_sha256(folder) == sha256_of(put(tmp_path / "l", lines))


def test_record_says_what_made_the_results(study):
    record = json.loads((study / RECORD).read_text())
    assert record["seeds"] == {"study": 3, "properties": {"fur": 3}}
    assert record["devices"]["predictions/fur/zebra.zarr"]["device"] == "cpu"
    assert record["models"]["ant"]["given"]["file"] == "weights.bin"
    assert len(record["models"]["ant"]["given"]["sha256"]) == 64
    assert "given" not in record["models"]["zebra"]
    assert record["inputs"]["images"]["number"] == 1
    assert record["software"]["packages"] == {"snakemake": "9.27.1"}
    assert record["git"] is None
    parts = {name: entry["part"] for name, entry in record["files"].items()}
    assert parts["figures/fur/paths/a.png"] == "figures"
    assert parts["predictions/fur/zebra.zarr/"] == "predictions"
    assert parts["images/pixels/a.png"] == "frames"
    assert parts[f"{CODE}/workflow/scripts/score.py"] == "record"
    assert f"{CODE}/zollstock/__pycache__/x.pyc" not in parts


def test_settings_keep_their_order(study):
    """Figures show models in it."""
    assert list(json.loads((study / CONFIG).read_text())["models"]) == ["zebra", "ant"]


def test_same_study_elsewhere_gives_the_same_record(study, tmp_path, monkeypatch):
    first = {file: file.read_bytes() for file in (study / "record").rglob("*.json")}
    other = tmp_path / "elsewhere"
    other.mkdir()
    monkeypatch.chdir(other)
    record_of(study, make_code(other / "checkout"), make_results(study))
    assert {file: file.read_bytes() for file in (study / "record").rglob("*.json")} == first


def test_no_place_of_this_machine_is_in_the_record(study, tmp_path):
    for file in (study / "record").glob("*.json"):
        assert str(tmp_path) not in file.read_text()
        assert "/data" not in file.read_text()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/here/data/x.csv", "data/x.csv"),
        ("/home/me/x.csv", ".../x.csv"),
        ("~/x.csv", ".../x.csv"),
        ("/home/me/{image}/{draw}", ".../{image}/{draw}"),
        ("python /home/me/edit.py --in {image}", "python .../edit.py --in {image}"),
        ("C:\\Users\\me\\x.csv", ".../x.csv"),
        ("data/x.csv", "data/x.csv"),
        ("black/white fur, and/or less", "black/white fur, and/or less"),
        ("https://example.org/a", "https://example.org/a"),
    ],
)
def test_absolute_paths_are_cut(given, kept):
    assert without_places({"a": [given]}, Path("/here")) == {"a": [kept]}


@given(st.text(alphabet="ab/ ~{}.:=\\C\n", max_size=30))
def test_what_is_cut_stays_cut(text):
    once = without_places(text, Path("/here"))
    assert without_places(once, Path("/here")) == once


def test_git_state_tells_commit_and_changes(tmp_path):
    def git(*words):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        command = ["git", *who, "-C", str(tmp_path), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    assert software.git_state(tmp_path) is None
    git("init")
    put(tmp_path / "other", "x")
    git("add", ".")
    git("commit", "-m", "x")
    make_code(tmp_path / "inside")
    assert software.git_state(tmp_path / "inside") is None
    make_code(tmp_path)
    git("add", "Snakefile", "zollstock", "workflow", "inside")
    git("commit", "-m", "y")
    clean = software.git_state(tmp_path)
    assert clean == {"commit": git("rev-parse", "HEAD"), "dirty": False}
    put(tmp_path / "zollstock/new.py", "")
    assert software.git_state(tmp_path)["dirty"]


def test_without_git_there_is_no_state(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert software.git_state(make_code(tmp_path / "code")) is None


def test_versions_are_those_of_the_environments_where_rules_have_their_own(tmp_path):
    text = "dependencies:\n  - python =3.11\n  - pip:\n      - pytest==0.1\n      - nothing-x==2\n"
    put(tmp_path / "envs/scoring.yaml", text)
    installed = software.versions(["pytest", "nothing-x"])
    assert installed == {"pytest": pytest.__version__}
    found = software.versions(["pytest", "nothing-x"], tmp_path / "envs")
    assert found == {"nothing-x": "2", "pytest": "0.1"}


def test_an_editor_is_known_by_its_checksum(study, tmp_path, monkeypatch):
    settings = {"engine": "flow", "checkpoint": "mine", "revision": None}
    monkeypatch.setitem(SETTINGS["properties"], "fur", settings)
    parts = make_results(study)
    folder = tmp_path / "mine"
    put(folder / "model.safetensors", "w")
    record = record_of(study, tmp_path / "code", parts, checkpoints={"fur": folder})
    assert record["editors"]["fur"] == settings | {"sha256": checksums.tree_sha256(folder)}
    put(folder / "fetched.json", '{"sha256": "cd", "commit": null}')
    record = record_of(study, tmp_path / "code", parts, checkpoints={"fur": folder})
    assert record["editors"]["fur"] == settings | {"sha256": "cd"}
    put(folder / "fetched.json", '{"sha256": "cd", "commit": "1a2b"}')
    record = record_of(study, tmp_path / "code", parts, checkpoints={"fur": folder})
    assert record["editors"]["fur"] == settings | {"sha256": "cd", "commit": "1a2b"}


def test_a_missing_result_is_named(study, tmp_path):
    parts = make_results(study)
    (study / "scores/summary.csv").unlink()
    with pytest.raises(ZollstockError, match=r"scores/summary\.csv: is missing"):
        record_of(study, tmp_path / "code", parts)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 99, "files": {}}'])
def test_a_record_that_cannot_be_read_is_named(study, text):
    put(study / RECORD, text)
    with pytest.raises(ZollstockError, match=r"record\.json: cannot be read"):
        read_record(study)


def test_no_record_is_named(study):
    shutil.rmtree(study / "record")
    with pytest.raises(ZollstockError, match=r"record\.json: is missing"):
        read_record(study)
