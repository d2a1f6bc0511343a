"""Figures: the words and the pictures that must be in them."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from zollstock.figures.forest import draw_forest
from zollstock.figures.heatmap import draw_heatmap
from zollstock.figures.nulls import draw_nulls, show_p
from zollstock.figures.sheets import (
    DARK,
    OUTLINE,
    Strip,
    draw_images,
    draw_path_sheet,
    outlined,
    strip_steps,
    thumbnail,
)
from zollstock.figures.style import model_looks, save, save_pages
from zollstock.figures.tables import draw_accuracy
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png
from zollstock.scoring.inspection import NullCell, NullRow

from .conftest import inside, words

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
    return scores[["image", "model", "property"]].assign(p=scores["p_value"])


def heatmap(scores, tests=None):
    tests = placebo_p(scores) if tests is None else tests
    how = {"titles": {"fur": "fur"}, "statistic": "paper_grad"}
    return draw_heatmap(scores, tests, MODELS, alpha=0.05, **how)


def test_the_strip_shows_used_steps_at_equal_distances():
    axis = np.array([0.0, 0.1, 0.5, 2.0, np.nan, np.nan])
    np.testing.assert_array_equal(strip_steps(axis, 3), [0, 2, 3])
    assert len(strip_steps(np.full(4, np.nan), 3)) == 0


def null_cell(axis=(0.0, 0.1, 0.5, 0.6, 2.0), score=0.7, p=0.04):
    null = np.linspace(0, 1, 50)
    axis = np.array(axis)
    return NullCell(axis, axis / 2, np.ones((2, len(axis))), null, score, 0.5, 0.1, p)


def nulls_of(rows, looks=LOOKS):
    return draw_nulls(rows, looks, title="fur", statistic="epgm", axis_title="guidance scale")


def test_nulls_show_one_image_and_the_numbers_of_all():
    rows = [NullRow(name, dict.fromkeys(MODELS, null_cell())) for name in ("a", "b")]
    figure = nulls_of(rows)
    assert words(figure).count("0.70, 0.50 ± 0.10, p = 0.040") == 4
    assert len(figure.axes) == 4  # of each model the series and the null
    series = [line for axes in figure.axes for line in axes.lines if line.get_gid() == "series"]
    assert len(series) == 2
    np.testing.assert_array_equal(series[0].get_xdata(), [0, 0.1, 0.5, 0.6, 2])
    scores = [line for axes in figure.axes for line in axes.lines if line.get_gid() == "score"]
    assert [line.get_xdata()[0] for line in scores] == [0.7, 0.7]
    assert "guidance scale" in words(figure)


def test_nulls_take_the_first_image_with_a_score_as_example(tmp_path):
    nan = np.nan
    failed = NullCell(np.empty(0), np.empty(0), np.empty((0, 0)), np.empty(0), nan, nan, nan, nan)
    p = np.array([0.1, nan, 0.3])
    gap = NullCell(np.arange(3.0), p, np.empty((0, 3)), np.empty(0), nan, nan, nan, nan)
    rows = [NullRow("a", dict.fromkeys(MODELS, failed)), NullRow("b", dict.fromkeys(MODELS, gap))]
    figure = nulls_of(rows)
    save(figure, tmp_path / "nulls", ["png"], 40)
    assert words(figure).split(" | ").count("failed") == 2
    assert words(figure).split(" | ").count("no score") == 2
    assert "nan" not in words(figure)
    assert not figure.axes
    figure = nulls_of([*rows, NullRow("c", dict.fromkeys(MODELS, null_cell()))])
    assert "plain, c" in words(figure)


def test_nulls_of_a_falling_path_run_in_the_order_of_its_frames():
    rows = [NullRow("a", dict.fromkeys(MODELS, null_cell((2.0, 1.0, 0.0))))]
    assert nulls_of(rows).axes[0].get_xlim() == (2, 0)


@pytest.mark.parametrize(("images", "models"), [(1, 1), (24, 8)])
def test_the_table_of_nulls_stays_inside(images, models, tmp_path):
    looks = model_looks([f"a_rather_long_name_of_a_model_{n}" for n in range(models)], "petroff10")
    rows = [
        NullRow(f"an_image_with_a_name_of_forty_letters_{n:03d}", dict.fromkeys(looks, null_cell()))
        for n in range(images)
    ]
    figure = nulls_of(rows, looks)
    save(figure, tmp_path / "nulls", ["png"], figure.dpi)
    inside(figure)


def test_heatmap_puts_weak_evidence_in_parentheses(scores):
    text = words(heatmap(scores))
    assert "(0.0012)" in text
    assert "0.035" in text
    assert "(0.035)" not in text


def test_heatmap_tells_what_was_not_tested(scores):
    tests = placebo_p(scores).assign(p=np.nan)
    text = words(heatmap(scores, tests))
    assert "(" not in text
    assert text.count("0.035*") == 2


def test_heatmap_averages_replicates(scores):
    more = pd.concat([scores, scores.assign(replicate=1, score=scores["score"] + 0.2)])
    assert "(0.10)" in words(heatmap(more, placebo_p(scores)))


def test_heatmap_marks_missing_scores(scores, tmp_path):
    scores.loc[scores["image"] == "b", ["score", "p_value"]] = np.nan
    figure = heatmap(scores)
    assert words(figure).split(" | ").count("–") == 2
    assert "0.035" in words(figure)
    assert "nan" not in words(figure)
    scores["score"] = np.nan
    figure = heatmap(scores)
    assert words(figure).split(" | ").count("–") == 4
    save(figure, tmp_path / "heatmap", ["png"], 40)


LONG = "a title of forty letters of <some> $kind"


@pytest.mark.parametrize(
    ("properties", "models", "images"), [(1, 1, 1), (5, 3, 8), (3, 8, 40), (7, 2, 200), (2, 20, 3)]
)
def test_heatmap_has_a_panel_a_property_and_nothing_is_cut(properties, models, images, tmp_path):
    names = [f"model_$_{number}_with_a_name_of_forty_letters" for number in range(models)]
    rows = [
        {"image": f"an_image_with_a_name_of_forty_letters_{n}", "model": model}
        | {"property": f"p{p}", "statistic": "epgm", "score": 0.001 * n + 0.1, "p_value": 0.5}
        for p in range(properties)
        for model in names
        for n in range(images)
    ]
    titles = {f"p{p}": LONG for p in range(properties)}
    table = pd.DataFrame(rows)
    figure = draw_heatmap(
        table, placebo_p(table), names, alpha=0.05, titles=titles, statistic="epgm"
    )
    save(figure, tmp_path / "heatmap", ["png"], figure.dpi)
    assert len(figure.axes) == properties + 1  # and the bar of colours
    inside(figure)


def summary_rows(**changes):
    values = {"property": "fur", "title": "fur lightness", "placebo": False, "model": MODELS}
    values |= {"statistic": "paper_grad", "score": [0.0012, 0.0345], "low": [0.001, np.nan]}
    values |= {"high": [0.002, np.nan], "p": [0.5, 0.01], "q_bh": [0.5, 0.02], "match": 1.0}
    values |= {"tested": 2, "images": 2}
    return pd.DataFrame(values | changes)


def marks(figure, kind):
    return [line for line in figure.axes[0].lines if line.get_gid() == kind]


def test_forest_has_a_row_per_property_and_model_and_marks_the_placebo(scores, tmp_path):
    figure = draw_forest(scores, summary_rows(placebo=True), LOOKS, alpha=0.05)
    save(figure, tmp_path / "forest", ["png"], figure.dpi)
    assert [line.get_xdata()[0] for line in marks(figure, "mean")] == [0.0012, 0.0345]
    assert len(marks(figure, "interval")) == 1
    assert "fur lightness (placebo)" in words(figure)
    assert "2 of 2" in words(figure)
    inside(figure)


def test_forest_fills_what_was_found_and_nothing_else(scores):
    figure = draw_forest(scores, summary_rows(), LOOKS, alpha=0.05)
    faces = [line.get_markerfacecolor() for line in marks(figure, "mean")]
    assert faces == ["white", LOOKS["biased"]["color"]]
    untested = summary_rows(p=np.nan, q_bh=np.nan, match=np.nan, tested=0)
    figure = draw_forest(scores, untested, LOOKS, alpha=0.05)
    assert {line.get_markerfacecolor() for line in marks(figure, "mean")} == {"white"}
    assert words(figure).split(" | ").count("not tested") == 2
    assert not [text for text in figure.axes[0].texts if text.get_text() == "0.50"]


def test_forest_leaves_a_gap_where_all_failed(scores):
    scores.loc[scores["model"] == "plain", "score"] = np.nan
    table = summary_rows(score=[np.nan, 0.0345], low=np.nan, high=np.nan)
    figure = draw_forest(scores, table, LOOKS, alpha=0.05)
    # No mark at zero, which would say that nothing depends on it.
    assert [line.get_xdata()[0] for line in marks(figure, "mean")] == [0.0345]
    assert "nan" not in words(figure)


@pytest.mark.parametrize(("properties", "models", "images"), [(1, 1, 1), (6, 8, 3), (2, 3, 200)])
def test_forest_with_long_names(properties, models, images, tmp_path):
    names = [f"model_$_{number}_with_a_name_of_forty_letters" for number in range(models)]
    pairs = [(f"p{p}", model) for p in range(properties) for model in names]
    table = pd.DataFrame(
        {"property": [p for p, _ in pairs], "title": LONG, "placebo": True}
        | {"model": [m for _, m in pairs], "statistic": "epgm", "score": 0.00012345}
        | {"low": 0.000112, "high": 0.000132, "p": 1e-9, "q_bh": 1.234e-8, "match": 1.23}
        | {"tested": images, "images": images}
    )
    scores = pd.DataFrame(
        [
            {"property": p, "model": m, "statistic": "epgm", "score": 0.1 * n}
            for p, m in pairs
            for n in range(images)
        ]
    )
    figure = draw_forest(scores, table, model_looks(names, "petroff10"), alpha=0.05)
    save(figure, tmp_path / "forest", ["png"], figure.dpi)
    inside(figure)


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


def test_a_mask_is_outlined_on_its_own_side_and_covers_nothing_else():
    picture = np.full((48, 96, 3), 90, np.uint8)
    mask = np.zeros((48, 96), np.float32)
    mask[:, 48:] = 1
    small = thumbnail(picture)
    found = outlined(small, mask)
    yellow, dark = ((found == colour).all(axis=-1) for colour in (OUTLINE, DARK))
    # The picture lies in rows 24 to 71 of the square; its right half is the mask.
    assert yellow[24:72, 48].all() and dark[24:72, 47].all()
    assert not yellow[:, :48].any() and not dark[:, 48:].any()
    assert not (yellow | dark)[:24].any() and not (yellow | dark)[72:].any()
    np.testing.assert_array_equal(found[30:66, 50:94], small[30:66, 50:94])
    assert (small == thumbnail(picture)).all()  # what it is given stays


def test_a_sheet_outlines_masks_on_the_first_frame_alone_and_says_so():
    frames = np.full((3, 40, 40, 3), 90, np.uint8)
    strips = [Strip(name, frames, np.arange(3.0), np.arange(3)) for name in ("a", "b")]
    mask = np.zeros((40, 40), np.float32)
    mask[10:30, 10:30] = 1
    sheet = draw_path_sheet(strips, title="light", total=2, outlines={"a": mask})
    assert "masks outlined on the first frame" in words(sheet)
    (shown,) = [image.get_array() for axes in sheet.axes for image in axes.images]
    yellow = (np.asarray(shown) == OUTLINE).all(axis=-1)
    assert yellow[:96, :96].any() and not yellow[96:].any() and not yellow[:, 96:].any()
    plain = draw_path_sheet(strips, title="light", total=2, outlines={})
    assert "outlined" not in words(plain)
