"""What a run that went well says last."""

import logging
from types import SimpleNamespace

import pandas as pd
import pytest

from zollstock.plan.ending import MOST, ending, say_results

ROW = {"title": "fur", "placebo": False, "model": "plain", "statistic": "epgm", "score": 0.5}


def write(folder, *rows, name="scores"):
    file = folder / name / "summary.csv"
    file.parent.mkdir(parents=True)
    pd.DataFrame([ROW | row for row in rows]).to_csv(file, index=False)
    return file


def test_rows_are_told_in_words_with_the_places_of_all(tmp_path):
    table = write(
        tmp_path,
        {"p": 0.0004, "q_bh": 0.0008},
        {"model": "other", "p": 0.3, "q_bh": 0.4, "score": 0.1234},
        {"title": "ground", "p": None, "q_bh": None, "score": None},
        {"title": "noise", "placebo": True, "p": 0.01, "q_bh": 0.0496},
    )
    also = write(tmp_path, {"p": 1, "q_bh": 1}, name="outputs/dog")
    page = tmp_path / "report.html"
    outputs = [("the probability", str(table)), ("the logit", str(also))]
    lines = ending(tmp_path, outputs, 0.05, [table, also, page])
    assert lines[0] == "How far edits moved the probability, beside placebo edits of their size:"
    words = [line.split() for line in lines]
    assert words[1] == ["property", "model", "epgm", "p", "q", "q", "≤", "0.05?"]
    assert words[2] == [
        "fur",
        "plain",
        "0.50",
        "0.0004",
        "0.0008",
        "more",
        "than",
        "placebo",
        "edits",
    ]
    assert words[3] == ["fur", "other", "0.12", "0.30", "0.40", "not", "shown"]
    assert words[4] == ["ground", "plain", "–", "–", "–", "not", "tested"]
    assert lines[5].split("  ")[1] == "noise (placebo)" and lines[5].endswith("distrust")
    assert lines[6:] == [
        f"Tables: {tmp_path}/scores/",
        f"Tables of the logit: {tmp_path}/outputs/dog/",
        f"Report: {page}",
    ]
    assert all(len(line) < 110 for line in lines[:6])


def test_many_rows_are_cut_to_those_that_say_most(tmp_path):
    rows = [{"model": f"m{n}", "p": 1, "q_bh": (40 - n) / 40, "score": 0.1} for n in range(40)]
    table = write(tmp_path, *rows)
    lines = ending(tmp_path, [("it", str(table))], 0.05, [table])
    shown = [line.split()[1] for line in lines[2 : 2 + MOST]]
    assert shown == [f"m{n}" for n in range(39, 39 - MOST, -1)]
    assert lines[2 + MOST] == f"  and {40 - MOST} more rows with larger q"
    assert len(lines) == MOST + 4


def test_what_the_run_was_not_asked_for_is_not_said(tmp_path):
    table = write(tmp_path, {"p": 1, "q_bh": 1})
    outputs = [("it", str(table))]
    assert ending(tmp_path, outputs, 0.05, [tmp_path / "images.csv"]) == []
    assert ending(tmp_path, outputs, 0.05, [tmp_path / "report.html"]) == [
        f"Report: {tmp_path}/report.html"
    ]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "title,p\nfur,many\n", None])
def test_a_table_that_cannot_be_read_ends_no_run(tmp_path, text):
    table = tmp_path / "scores" / "summary.csv"
    table.parent.mkdir()
    if text is not None:
        table.write_text(text)
    lines = ending(tmp_path, [("it", str(table))], 0.05, [table])
    assert lines == [f"Tables: {tmp_path}/scores/"]


def test_long_names_stay_in_the_line(tmp_path):
    row = {"title": "t" * 90, "model": "m" * 90, "p": 0.5, "q_bh": 0.5}
    table = write(tmp_path, row)
    lines = ending(tmp_path, [("it", str(table))], 0.05, [table])
    assert max(map(len, lines[1:3])) < 110 and "…" in lines[2]


def test_jobs_of_other_processes_say_nothing(tmp_path, monkeypatch):
    table = write(tmp_path, {"p": 1, "q_bh": 1})
    said = []
    monkeypatch.setattr(logging.getLogger("snakemake.logging"), "info", said.append)
    job = SimpleNamespace(output=[str(table)])
    for main in (False, True):
        workflow = SimpleNamespace(is_main_process=main, dag=SimpleNamespace(jobs=[job]))
        say_results(workflow, tmp_path, [("it", str(table))], 0.05)
        assert len(said) == main
    assert said[0].startswith("How far edits moved it")
