"""Folders that cannot be written into, found before a job starts."""

import os

import pytest

from zollstock.errors import ZollstockError
from zollstock.settings import check_writable


def closed(monkeypatch, *folders):
    """Let folders be closed; to root, who may run the tests, no permissions close any."""
    names = {str(folder) for folder in folders}
    monkeypatch.setattr(os, "access", lambda place, mode: str(place) not in names)


def test_open_folders_pass(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_writable(["results/mini/a.csv", tmp_path / "logs" / "b.log", "here"])


@pytest.mark.parametrize("name", ["results/mini/scores/a.csv", "results/b.csv"])
def test_the_nearest_folder_that_is_there_counts(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    closed(monkeypatch, "results")
    with pytest.raises(ZollstockError, match=r"\(Permission denied: 'results'\)") as raised:
        check_writable(["logs/a.log", name])
    assert raised.value.where == "results"


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").touch(mode=0o777)
    with pytest.raises(ZollstockError, match="Not a directory: 'logs'"):
        check_writable(["logs/mini/a.log"])


def test_a_closed_folder_that_nothing_is_written_into_does_not_matter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "mini").mkdir(parents=True)
    closed(monkeypatch, "results", ".")
    check_writable(["results/mini/a.csv"])
