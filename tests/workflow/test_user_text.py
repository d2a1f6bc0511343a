"""Whatever signs a title has: all figures and the report are drawn with it."""

import pytest

pytestmark = pytest.mark.workflow

TITLES = {
    "fur": "10% of $a and 20% of $b, a_b ^2 {x} \\frac{1}{2} %s 猫の毛 < > & * `c`\nnext",
    "noise": "קטשלום" + "averylongwordwithoutablank" * 3,
}


def test_all_figures_and_the_report_are_drawn_whatever_a_title_holds(finished_copy, mini):
    for name, title in TITLES.items():
        mini["properties"][name]["title"] = title
    run = finished_copy.run(mini)
    assert run.code == 0, run.text
    assert "Glyph" not in run.text
    jobs = {log.parent.name for log in (finished_copy.folder / "logs/mini").glob("draw_*/*.log")}
    assert {"draw_property", "draw_study"} <= jobs
    run = finished_copy.run(mini, "--report", "report.html")
    assert run.code == 0, run.text
    page = (finished_copy.folder / "report.html").read_text()
    assert "10% of $a and 20% of $b" in page
    assert "(System Message" not in page


def test_a_blank_title_is_refused_before_anything_runs(workspace, mini):
    mini["properties"]["fur"]["title"] = " \n "
    run = workspace.run(mini, "--dry-run")
    assert run.code == 1
    assert "properties.fur.title" in run.text and "words, not blanks alone" in run.text
