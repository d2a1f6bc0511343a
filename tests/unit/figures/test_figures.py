"""Figures: the words and the pictures that must be in them."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from zollstock.figures.nulls import WIDE, draw_nulls, show_p
from zollstock.figures.sheets import Strip, draw_images, draw_path_sheet, strip_steps, thumbnail
from zollstock.figures.style import model_looks, save, save_pages
from zollstock.figures.tables import draw_accuracy, draw_heatmap, draw_summary
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png
from zollstock.scoring.inspection import NullCell, NullRow

from .conftest import words

MODELS = ["plain", "biased"]
LOOKS = model_looks(MODELS, "petroff10")


@pytest.fixture
def scores():
    rows = [
        {"image": image, "model": model, "property": "fur", "output": "dog"}
        | {"statistic": "paper_grad", "score": score, "p_value": p, "null_mean": 0.1}
        | {"null_std": 0.01, "permutations": 99}
        for image in ("a", "b")
        for model, score, p in (("plain", 0.0012, 0.2), ("biased", 0.0345, 0.001))
    ]
    return pd.DataFrame(rows)


def placebo_p(scores):
    """A table of tests in which the placebo test finds the shuffle test's p."""
    return scores[["image", "model"]].assign(p=scores["p_value"])


def heatmap(scores):
    return draw_heatmap(scores, placebo_p(scores), MODELS, alpha=0.05, title="fur", highest=0.04)


def test_the_strip_shows_used_steps_at_equal_distances():
    axis = np.array([0.0, 0.1, 0.5, 2.0, np.nan, np.nan])
    np.testing.assert_array_equal(strip_steps(axis, 3), [0, 2, 3])
    assert len(strip_steps(np.full(4, np.nan), 3)) == 0


def test_nulls_show_observed_and_null_per_image_and_model():
    axis = np.array([0.0, 0.1, 0.5, 0.6, 2.0])
    null = np.linspace(0, 1, 50)
    cell = NullCell(axis, np.arange(5.0), np.ones((2, 5)), null, 0.7, 0.5, 0.1, 0.04)
    rows = [NullRow(name, dict.fromkeys(MODELS, cell)) for name in ("a", "b")]
    figure = draw_nulls(rows, LOOKS, title="fur", statistic="paper_grad")
    assert words(figure).count("0.7 vs 0.5 ± 0.1, p = 0.040") == 4
    (axes,) = figure.axes
    series, scores = (
        [line for line in axes.lines if line.get_gid() == kind] for kind in ("series", "score")
    )
    assert len(series) == len(scores) == 4
    # Every cell begins at a whole number; steps stand where the axis has them.
    for line, cell in zip(series, (0, 2, 0, 2), strict=True):
        share = (line.get_xdata() - cell) / (line.get_xdata()[-1] - cell)
        np.testing.assert_allclose(share, axis / 2)
        assert (np.diff(line.get_ydata()) < 0).all()  # it rises on the page
    # 0.7 among nulls from 0 to 1, with a little room at both ends.
    share = [
        (line.get_xdata()[0] - cell) / WIDE for line, cell in zip(scores, (1, 3, 1, 3), strict=True)
    ]
    np.testing.assert_allclose(share, (0.7 + 0.04) / 1.08)


def test_nulls_of_failed_paths_say_so_and_missing_scores_are_named(tmp_path):
    nan = np.nan
    failed = NullCell(np.empty(0), np.empty(0), np.empty((0, 0)), np.empty(0), nan, nan, nan, nan)
    p = np.array([0.1, nan, 0.3])
    gap = NullCell(np.arange(3.0), p, np.empty((0, 3)), np.empty(0), nan, nan, nan, nan)
    rows = [NullRow("a", dict.fromkeys(MODELS, failed)), NullRow("b", dict.fromkeys(MODELS, gap))]
    figure = draw_nulls(rows, LOOKS, title="fur", statistic="epgm")
    save(figure, tmp_path / "nulls", ["png"], 40)
    assert words(figure).split(" | ").count("failed") == 2
    assert words(figure).count("no score") == 4
    assert "nan" not in words(figure)


def test_nulls_of_a_falling_path_run_in_the_order_of_its_frames():
    axis, null = np.array([2.0, 1.0, 0.0]), np.linspace(0, 1, 50)
    cell = NullCell(axis, np.arange(3.0), np.ones((2, 3)), null, 0.7, 0.5, 0.1, 0.04)
    rows = [NullRow("a", dict.fromkeys(MODELS, cell))]
    figure = draw_nulls(rows, LOOKS, title="fur", statistic="epgm")
    (series,) = [line for line in figure.axes[0].lines if line.get_gid() == "series"][:1]
    assert (np.diff(series.get_xdata()) > 0).all()


def test_heatmap_puts_weak_evidence_in_parentheses(scores):
    figure = draw_heatmap(scores, placebo_p(scores), MODELS, alpha=0.05, title="fur", highest=0.04)
    text = words(figure)
    assert "(0.0012)" in text
    assert "0.035" in text
    assert "(0.035)" not in text


def test_heatmap_without_placebos_has_no_parentheses(scores):
    tests = placebo_p(scores).assign(p=np.nan)
    figure = draw_heatmap(scores, tests, MODELS, alpha=0.05, title="fur", highest=0.04)
    assert "(" not in words(figure)


def test_heatmap_averages_replicates(scores):
    more = pd.concat([scores, scores.assign(replicate=1, score=scores["score"] + 0.2)])
    figure = draw_heatmap(more, placebo_p(scores), MODELS, alpha=0.05, title="fur", highest=0.04)
    assert "(0.1)" in words(figure)


def test_heatmap_marks_missing_scores(scores, tmp_path):
    scores.loc[scores["image"] == "b", ["score", "p_value"]] = np.nan
    figure = draw_heatmap(scores, placebo_p(scores), MODELS, alpha=0.05, title="fur", highest=0.04)
    assert words(figure).split(" | ").count("–") == 2
    assert "0.035" in words(figure)
    assert "nan" not in words(figure)
    scores["score"] = np.nan
    figure = draw_heatmap(scores, placebo_p(scores), MODELS, alpha=0.05, title="fur", highest=1e-9)
    assert words(figure).split(" | ").count("–") == 4
    save(figure, tmp_path / "heatmap", ["png"], 40)


def test_summary_figure_leaves_a_gap_where_all_failed(scores, tmp_path):
    scores.loc[scores["model"] == "plain", "score"] = np.nan
    summary = pd.DataFrame(
        {
            "property": ["fur", "fur"],
            "title": ["fur"] * 2,
            "placebo": [False] * 2,
            "model": MODELS,
            "statistic": ["paper_grad"] * 2,
            "score": [np.nan, 0.0345],
            "low": np.nan,
            "high": np.nan,
        }
    )
    figure = draw_summary(scores, summary, LOOKS)
    axes = figure.axes[0]
    # No bar of height zero, which would say that nothing depends on it, and no points.
    np.testing.assert_array_equal([bar.get_height() for bar in axes.patches], [np.nan, 0.0345])
    points = [line.get_ydata() for line in axes.lines if line.get_marker() == "."]
    np.testing.assert_array_equal(points, [[np.nan, np.nan], [0.0345, 0.0345]])
    save(figure, tmp_path / "summary", ["png"], 40)


def test_summary_draws_a_bar_per_property_and_model_and_marks_the_placebo(scores):
    summary = pd.DataFrame(
        {
            "property": ["fur", "fur"],
            "title": ["fur lightness"] * 2,
            "placebo": [True] * 2,
            "model": MODELS,
            "statistic": ["paper_grad"] * 2,
            "score": [0.0012, 0.0345],
            "low": [0.001, np.nan],
            "high": [0.002, np.nan],
        }
    )
    figure = draw_summary(scores, summary, LOOKS)
    bars = figure.axes[0].patches
    assert [bar.get_height() for bar in bars] == [0.0012, 0.0345]
    assert "fur lightness\n(placebo)" in words(figure)


def test_accuracy_shows_percent_of_every_model_and_split():
    table = pd.DataFrame(
        [
            {"model": model, "split": split, "accuracy": value, "n": 10}
            for model, split, value in [
                ("plain", "s", 0.961),
                ("plain", "t", 0.962),
                ("biased", "s", 0.993),
                ("biased", "t", 0.204),
            ]
        ]
    )
    text = words(draw_accuracy(table, MODELS))
    assert all(number in text for number in ("96.1", "96.2", "99.3", "20.4"))


@pytest.mark.parametrize(
    ("p", "text"),
    [(1 / 1001, "p ≤ 0.001"), (0.012, "p = 0.012"), (1.0, "p = 1.000"), (np.nan, "p = –")],
)
def test_p_values_as_text(p, text):
    assert show_p(p, 1000) == text


def test_strip_keeps_both_ends_and_never_repeats():
    np.testing.assert_array_equal(strip_steps(np.arange(32.0), 7), [0, 5, 10, 16, 21, 26, 31])
    np.testing.assert_array_equal(strip_steps(np.arange(3.0), 7), [0, 1, 2])


def test_strip_passes_over_unused_steps():
    axis = np.arange(20.0)
    axis[9:] = np.nan
    np.testing.assert_array_equal(strip_steps(axis, 3), [0, 4, 8])
    assert strip_steps(np.full(20, np.nan), 3).size == 0


def test_thumbnail_keeps_the_shape_of_the_picture():
    picture = np.zeros((10, 40, 3), np.uint8)
    small = thumbnail(picture, 20)
    assert small.shape == (20, 20, 3)
    assert (small[:6] == 255).all()
    assert (small[9] == 0).all()


def strip(name, values=(0, 0.5)):
    axis = np.array(values, dtype=float)
    return Strip(name, np.zeros((len(axis), 4, 4, 3), np.uint8), axis, np.arange(len(axis)))


def records(tmp_path, names, label="cat"):
    black = np.zeros((4, 4, 3), np.uint8)
    save_png(black, tmp_path / "black.png")
    sha256 = pixel_sha256(black)
    return [ImageRecord(name, label, sha256, "", tmp_path / "black.png") for name in names]


def test_sheets_say_how_many_images_they_leave_out(tmp_path):
    images = records(tmp_path, [f"i{number}" for number in range(201)])
    sheet = draw_images(images)
    assert "201 images of the study (the first 200 are drawn)" in words(sheet)
    assert "i199 (cat)" in words(sheet)
    assert "i200" not in words(sheet)
    assert "3 images of the study |" in words(draw_images(images[:3])) + " |"
    sheet = draw_path_sheet([strip("a")], title="fur", total=5)
    assert "0.50" in words(sheet)
    assert "fur (the first 1 of 5 images)" in words(sheet)


def test_sheet_writes_equal_axes_once_and_different_ones_on_every_row():
    rows = [strip("a"), strip("b"), strip("c", ())]
    text = words(draw_path_sheet(rows, title="fur", total=3))
    assert text.count("0.50") == 1
    assert text.count("failed") == 1
    rows[1] = strip("b", (0, 0.7))
    text = words(draw_path_sheet(rows, title="fur", total=3))
    assert text.count("0.00") == 2
    assert text.count("0.50") == text.count("0.70") == 1


def test_sheet_of_failed_paths_only(tmp_path):
    sheet = draw_path_sheet([strip("a", ())], title="fur", total=1)
    assert "failed" in words(sheet)
    save(sheet, tmp_path / "sheet", ["png"], 40)


def test_pictures_stand_in_their_rows(tmp_path):
    frames = np.stack([np.full((4, 4, 3), value, np.uint8) for value in (10, 20)])
    rows = [Strip(name, frames, np.arange(2.0), np.arange(2)) for name in ("a", "b")]
    (axes,) = draw_path_sheet(rows, title="fur", total=2).axes
    canvas = np.asarray(axes.images[0].get_array())
    for place, name in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True):
        row = canvas[round(place)]
        assert [int(row[48, 0]), int(row[-48, 0])] == [10, 20], name


def test_equal_figures_are_equal_files(tmp_path, scores):
    for name in ("one", "two"):
        save(heatmap(scores), tmp_path / name, ["pdf", "png", "svg"], 50)
    for kind in ("pdf", "png", "svg"):
        one, two = ((tmp_path / f"{name}.{kind}").read_bytes() for name in ("one", "two"))
        assert one == two


def test_pages_become_a_png_each_and_one_book(tmp_path, scores):
    pages = [(name, heatmap(scores)) for name in ("a", "b")]
    save_pages(pages, tmp_path / "pages", ["png", "pdf", "svg"], 50)
    assert Image.open(tmp_path / "pages" / "b.png").width > 100
    assert b"/Count 2" in (tmp_path / "pages.pdf").read_bytes()
    assert (tmp_path / "pages" / "a.svg").exists()
    save_pages([("c", heatmap(scores))], tmp_path / "pages", ["png"], 50)
    assert (tmp_path / "pages" / "c.png").exists()


def test_models_keep_their_looks_and_differ_in_grey_too():
    many = model_looks([str(number) for number in range(13)], "okabe_ito")
    assert many["0"]["linestyle"] != many["1"]["linestyle"]
    assert model_looks(["0"], "okabe_ito")["0"] == many["0"]
