"""Titles and names are text, whatever signs they have."""

import warnings
from pathlib import Path
from types import SimpleNamespace

import jinja2
import matplotlib
import numpy as np
import pytest
from docutils.core import publish_parts
from matplotlib.text import Text
from PIL import Image

from zollstock.figures import glyphs
from zollstock.figures.glyphs import directed, spelled
from zollstock.figures.heatmap import draw_heatmap
from zollstock.figures.sheets import Strip, draw_path_sheet
from zollstock.figures.style import (
    as_power,
    cut_name,
    fit_name,
    fold,
    new_figure,
    save,
    set_style,
    width_of,
)

from .test_figures import MODELS, placebo_p, scores  # noqa: F401 - a fixture

ROOT = Path(__file__).parents[3]
# Each would be a formula that cannot be read, or markup.
TITLES = [
    *("$x_1$ $\\frac$", "a_ *b* `c` |d| [e]_", "<b>f</b> & g", "**h**\\i"),
    *("10% of $a and 20% of $b", "price in $ vs. weight_in $", "%s {} {0} ^2 #1"),
]


@pytest.mark.parametrize("title", TITLES)
def test_a_figure_shows_a_title_as_it_is(title, tmp_path, scores):  # noqa: F811
    strip = Strip("i", np.zeros((1, 4, 4, 3), np.uint8), np.zeros(1), np.zeros(1, int))
    figures = [
        draw_path_sheet([strip], title=title, total=1),
        draw_heatmap(
            scores,
            placebo_p(scores),
            MODELS,
            alpha=0.05,
            titles={"fur": title},
            statistic="paper_grad",
        ),
    ]
    for figure in figures:
        save(figure, tmp_path / "figure", ["png", "pdf", "svg"], 50)
        shown = [text for text in figure.findobj(Text) if text.get_text()]
        assert not any(text.get_parse_math() for text in shown)
        assert title in {text.get_text().replace("\n", " ") for text in shown}


def test_letters_that_no_font_has_are_spelled_out(tmp_path, scores, capsys):  # noqa: F811
    scores["image"] = scores["image"].astype(str) + "\U000f0000猫"  # the first is in no font
    figure = draw_heatmap(
        scores,
        placebo_p(scores),
        MODELS,
        alpha=0.05,
        titles={"fur": "\U000f0000"},
        statistic="paper_grad",
    )
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        save(figure, tmp_path / "figure", ["pdf", "png"], 50)
    assert not said
    shown = {text.get_text() for text in figure.findobj(Text)}
    assert "[F0000]" in shown
    assert any(text.startswith("a") and "[F0000]" in text for text in shown)
    assert spelled("plain é") == "plain é"


LONG = "w" * 70


@pytest.mark.parametrize(
    "words", [LONG, f"a {LONG}", "é" * 60, " ", "", "one two " * 20, "a\nb\tc"]
)
@pytest.mark.parametrize("lines", [1, 2, 3])
@pytest.mark.parametrize("width", [0.6, 2.0, 5.0])
def test_what_does_not_fit_is_cut_but_never_gone(words, lines, width):
    found = fold(words, width, 9, lines)
    assert 1 <= len(found) <= lines
    whole = "".join(words.split())
    kept = "".join(found).replace("…", "").replace(" ", "")
    assert whole.startswith(kept)
    assert len(kept) >= min(3, len(whole))
    assert (kept == whole) != found[-1].endswith("…")
    assert not any(set("\n\t") & set(line) for line in found)


def test_a_failure_that_is_one_long_path_can_be_read():
    words = fold("/very/long/folder" * 8, 1.6, 6, lines=3)
    assert words[0].startswith("/very/long") and len(words) == 3


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_a_letter_that_only_the_regular_face_has_is_never_a_box(weight, tmp_path):
    """Fonts that come with matplotlib: STIX has kana, its bold face none."""
    set_style()
    figure = new_figure(2, 1)
    figure.text(0.1, 0.5, "猫の毛", fontweight=weight)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        save(figure, tmp_path / "figure", ["pdf", "png"], 50)
    assert not said


def test_any_font_of_the_machine_steps_in_and_a_pdf_holds_its_outlines(monkeypatch):
    letter = "\U000f0001"
    monkeypatch.setattr(glyphs, "_another", lambda sign: "Other" if sign == letter else None)
    glyphs._spelled.cache_clear()
    figure = new_figure(2, 1)
    text = figure.text(0.1, 0.5, f"a{letter}")
    glyphs._spell_out(figure)
    assert text.get_text() == f"a{letter}"
    assert text.get_fontfamily()[-1] == "Other"
    glyphs._spelled.cache_clear()
    with glyphs.keeping_fonts(figure):
        assert matplotlib.rcParams["pdf.fonttype"] == 3
    text.set_text("plain é")
    set_style()
    with glyphs.keeping_fonts(figure):
        assert matplotlib.rcParams["pdf.fonttype"] == 42


def test_powers_of_ten_are_text():
    assert [as_power(value) for value in (1e-6, 1, 100.0)] == ["10⁻⁶", "10⁰", "10²"]


def test_a_logarithmic_axis_can_be_read():
    import pandas as pd

    from zollstock.figures.truth import _decay

    table = pd.DataFrame(
        {"classifier": "a", "statistic": "epgm", "steps": [9, 1025], "rmse": [0.1, 0.001]}
    )
    figure = new_figure(4, 4)
    axes = figure.add_subplot()
    _decay(axes, table, {"a": {"color": "k", "marker": "o"}})
    figure.draw_without_rendering()
    words = [text.get_text() for text in figure.findobj(Text)]
    assert not any("$" in word for word in words)
    assert "10⁻²" in words
    # Numbers of steps are no powers of ten, and are not rounded to any.
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["9", "1,025"]


@pytest.mark.parametrize("title", TITLES)
def test_the_report_shows_a_title_as_it_is(title):
    config = {
        "study": "s",
        "seed": 1,
        "properties": {"fur": {"title": title, "placebo": False, "engine": "rendered"}},
        "models": {"a_": {}},
        "followed": [title],
        "scoring": {"statistics": ["epgm"], "permutations": 9},
        "placebos": {"number": 19},
    }

    source = (ROOT / "workflow/report/study.rst").read_text()
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)  # as Snakemake's
    text = environment.from_string(source).render(snakemake=SimpleNamespace(config=config))
    settings = {"halt_level": 2, "report_level": 2}
    page = publish_parts(text, writer="html", settings_overrides=settings)["html_body"]
    plain = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"{plain} by the engine" in page
    assert f"</strong> {plain}" in page
    assert page.count("<li>") == 7  # no newline between two points is eaten


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("fur: 3 images", "fur: 3 images"),
        ("פרווה: 3 images", "\u200eפרווה\u200e: 3 images"),
        ("a פרווה 3 חתול, °", "\u200ea פרווה 3 חתול\u200e, °"),
        ("פרווה fur חתול", "\u200eפרווה\u200e fur חתול\u200e"),
        ("é …", "é …"),
    ],
)
def test_words_from_right_to_left_keep_to_themselves(words, shown):
    assert directed(words) == shown
    assert directed(shown) == shown
    assert fold(words, 5, 9) == [shown]
    assert cut_name(words) == shown


def test_a_name_that_is_too_long_keeps_both_ends():
    name = fit_name("first_" + "x" * 60 + "_last", 1.5, 8)
    assert name.startswith("first") and name.endswith("last") and "…" in name
    assert width_of(name, 8) <= 1.5
    assert fit_name("short", 1.5, 8) == "short"
    assert len(fit_name("x" * 30, 0.01, 8)) <= 4


def test_a_picture_too_long_for_a_file_has_fewer_dots(tmp_path):
    figure = new_figure(0.1, 700)
    save(figure, tmp_path / "long", ["png"], 200)
    assert 60_000 < Image.open(tmp_path / "long.png").height <= 65_535
