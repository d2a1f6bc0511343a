"""A study that follows several outputs: the first as ever, the others by scoring alone."""

import numpy as np
import pandas as pd
import pytest

from tests.workflow.conftest import MINI

pytestmark = pytest.mark.workflow

OUTPUTS = ["dog", "margin:dog", {"classes": ["cat"], "against": ["dog"]}]
STUDY = MINI | {"scoring": MINI["scoring"] | {"output": OUTPUTS}}


@pytest.fixture(scope="module")
def several(finished, once):
    """The finished study with two more outputs, and what the run said."""

    def fill(workspace):
        finished.copy_to(workspace)
        dry = workspace.run(STUDY, "--dry-run")
        assert dry.code == 0, dry.text
        run = workspace.run(STUDY)
        assert run.code == 0, run.text
        (workspace.folder / "dry.txt").write_text(dry.text)
        (workspace.folder / "said.txt").write_text(run.text)

    return once("several_outputs", fill)


def test_an_added_output_runs_scoring_alone(several):
    from tests.workflow.conftest import Run

    jobs = Run(0, (several.folder / "dry.txt").read_text()).jobs()
    assert jobs == {"score_output": 2, "write_report": 1, "write_record": 1, "all": 1, "total": 5}


def test_the_first_output_is_the_study_as_it_was(finished, several):
    for name in ("scores.csv", "tests.csv", "summary.csv", "summary.html", "tests.parquet"):
        ours, before = (place.results() / "scores" / name for place in (several, finished))
        assert ours.read_bytes() == before.read_bytes(), name


def test_further_outputs_have_tables_by_the_same_rules(several):
    folders = several.results() / "outputs"
    assert {place.name for place in folders.iterdir()} == {"margin-dog", "cat-dog"}
    one = pd.read_parquet(several.results() / "scores/tests.parquet")
    for name, called, factor in (("cat-dog", "cat − dog", 2), ("margin-dog", "margin:dog", None)):
        tests = pd.read_parquet(folders / name / "tests.parquet")
        assert set(tests["output"]) == {called}
        assert tests["image"].tolist() == one["image"].tolist()
        np.testing.assert_array_equal(tests["used"], one["used"])
        assert len(pd.read_csv(folders / name / "summary.csv")) == 4
        assert len(pd.read_csv(folders / name / "scores.csv")) == 2 * 2 * 4 * 4
        if factor:  # of two classes what one gains the other loses
            np.testing.assert_allclose(tests["value"], factor * one["value"], rtol=1e-4, atol=1e-6)
            np.testing.assert_allclose(tests["p"], one["p"])


def test_the_page_has_a_table_of_each_and_the_record_its_files(several):
    page = (several.results() / "report.html").read_text()
    places = [page.index(words) for words in ("margin:dog</h2>", "cat − dog</h2>", 'id="scores"')]
    assert places == sorted(places)
    assert page.count('<table class="headline">') == 3
    assert "outputs/cat-dog/summary.csv" in page
    record = (several.results() / "record/record.json").read_text()
    assert "outputs/margin-dog/tests.csv" in record


def test_a_run_ends_with_its_main_rows_and_a_dry_run_with_none(several):
    said = (several.folder / "said.txt").read_text()
    lines = said[said.index("How far edits moved the probability of “dog”") :].splitlines()
    summary = pd.read_csv(several.results() / "scores/summary.csv")
    for line, row in zip(lines[2:], summary.to_dict("records"), strict=False):
        assert row["title"] in line and row["model"] in line
        assert line.endswith("more than placebo edits" if row["q_bh"] <= 0.05 else "not shown")
    assert "Tables: results/mini/scores/" in lines
    assert "Report: results/mini/report.html" in lines
    for tables in ("margin-dog", "cat-dog"):
        assert f"results/mini/outputs/{tables}/" in said
    assert "How far edits" not in (several.folder / "dry.txt").read_text()


def test_nothing_is_left_to_do_and_taking_one_away_writes_the_page(several):
    again = several.run(STUDY, "--dry-run")
    assert again.code == 0 and "Nothing to be done" in again.text
    assert "How far edits" not in again.text
    fewer = MINI | {"scoring": MINI["scoring"] | {"output": OUTPUTS[:2]}}
    jobs = several.run(fewer, "--dry-run").jobs()
    assert set(jobs) == {"write_report", "write_record", "all", "total"}


def test_a_label_that_is_missing_is_told_by_the_job(finished_copy, mini):
    mini["scoring"]["output"] = ["dog", "label"]
    images = finished_copy.results() / "images/images.csv"
    images.write_text(images.read_text().replace(",dog,", ",unlabelled,", 1))
    table = "results/mini/outputs/label/summary.csv"
    run = finished_copy.run(mini, table, "--allowed-rules", "score_output")
    assert run.code == 1
    [line] = [line for line in run.text.splitlines() if line.startswith("zollstock: scoring.")]
    assert "is 'label', but image 'dog_" in line and "has no label" in line
    assert "Traceback" not in run.text
