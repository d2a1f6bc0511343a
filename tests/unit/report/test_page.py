"""The page: it needs nothing else, shows what is there, and names nothing that is not."""

import base64
import json
import re
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.loaded import Page
from tests.unit.report.test_training import SERIES
from zollstock.images.table import save_png
from zollstock.jobs.write_report import write_report
from zollstock.report.pictures import Album
from zollstock.scoring.outputs import parse_output

TITLE = "fur <b>$x_1$</b> & a title of forty letters"
SETTINGS = {
    "study": "mine",
    "seed": 7,
    "properties": {"fur": {"engine": "rendered"}, "sky": {"engine": "instruct_pix2pix"}},
    "models": {"plain": {"trained_on": "unbiased"}, "other": {"weights": "a/b.pt"}},
    "scoring": {"alpha": 0.1, "interest": 3.0, "output": "dog", "permutations": 77},
    "placebos": {"number": 23, "steps": 3, "tolerance": 0.25, "statistic": "net"}
    | {"stop_after": None},
}


def table(tested=True):
    pairs = [(name, model) for name in SETTINGS["properties"] for model in SETTINGS["models"]]
    nan = float("nan")
    base = {"statistic": "epgm", "images": 2, "failed": 0, "flagged": 0, "score": 0.5, "low": 0.4}
    base |= {"high": 0.6, "paper_grad": 0.1, "direction": 0.2, "flipped": 0.5, "interesting": 1.0}
    base |= {"p": 0.01 if tested else nan, "q_bh": 0.02 if tested else nan, "used": 19.0}
    base |= {"match": 1.0 if tested else nan, "tested": 2 if tested else 0, "placebo": False}
    return pd.DataFrame([base | {"property": p, "title": p, "model": m} for p, m in pairs])


def paper(tested=True):
    measures = {"paper_grad": 0.0123, "paper_grad_low": 0.01, "paper_grad_high": 0.02}
    measures |= {"epgm": 0.5, "epgm_low": 0.4, "epgm_high": 0.6, "sure": 2, "flipped": 1}
    return table(tested)[["property", "title", "model", "images", "p", "q_bh"]].assign(**measures)


@pytest.fixture
def study(tmp_path):
    """The files of a small study; the page is written by `write`."""
    results = tmp_path / "mine"
    for folder in ("scores", "images", "models", "ledger", "figures/fur/paths"):
        (results / folder).mkdir(parents=True)
    pairs = table()[["property", "model"]]
    tests = pd.concat([pairs.assign(image=name) for name in ("NA", "007")])
    tests.assign(size=0.1, untested="").to_parquet(results / "scores/tests.parquet")
    images = pd.DataFrame({"id": ["NA", "007"], "label": ["cat", "dog"]})
    images["file"] = images["id"] + ".png"
    images.to_csv(results / "images/images.csv", index=False)
    for name in SETTINGS["properties"]:
        ledger = pd.DataFrame({"image": ["NA", "007"], "flags": ["", "entangled;flat"]})
        ledger.to_csv(results / f"ledger/{name}.csv", index=False)
    for name in SETTINGS["models"]:
        card = {"family": "convmixer", "parameters": 1234, "classes": ["cat", "dog"]}
        (results / f"models/{name}.json").write_text(json.dumps(card))
    accuracy = pd.DataFrame({"model": ["plain"], "split": ["unbiased"], "accuracy": [0.913]})
    accuracy.to_csv(results / "models/accuracy.csv", index=False)
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    write_given(results, list(SETTINGS["models"]), images)
    for name in ("summary", "fur/response", "fur/paths/a #1", "volcano"):
        save_png(noise, results / f"figures/{name}.png")
    return results


def write_given(results, models, images, called="cat", warning="", second="cow"):
    """Write pictures, and what models say of them: always the same."""
    noise = np.random.default_rng(1).integers(0, 255, (30, 40, 3), np.uint8)
    for file in images["file"]:
        save_png(noise, results / "images/pixels" / file)
    base = {"family": "convmixer", "source": "a/b/c.pt", "size": "24×32", "crop": "crop from 40"}
    base |= {"mean": "0.485 0.456 0.406", "std": "0.5", "channels": 3, "outputs": "probabilities"}
    base |= {"classes": 1000, "parameters": 9, "pictures": len(images), "labelled": len(images)}
    base |= {"accuracy": 0.25, "top_classes": 1, "notes": "<i>one</i>\nand two"}
    given = [{"model": name} | base | {"warnings": warning} for name in models]
    pd.DataFrame(given).to_csv(results / "models/given.csv", index=False)
    said = {"class": called, "probability": 0.8125, "second": second}
    rows = [
        {"image": row["id"], "label": row["label"], "model": name} | said | {"correct": right}
        for row in images.to_dict("records")
        for name in models
        for right in [row["label"] == called]
    ]
    pd.DataFrame(rows).to_csv(results / "models/pictures.csv", index=False)


def write(
    results, tested=True, settings=SETTINGS, titles=None, outputs=(), arrange=None, more=None
):
    table(tested).to_csv(results / "scores/summary.csv", index=False)
    paper(tested).to_csv(results / "scores/paper.csv", index=False)
    if not tested:
        tests = pd.read_parquet(results / "scores/tests.parquet").assign(untested="unmatched")
        tests.to_parquet(results / "scores/tests.parquet")
    write_report(
        page=results / "report.html",
        files={
            "summary": [results / "scores/summary.csv"],
            "paper": [results / "scores/paper.csv"],
            "tests": [results / "scores/tests.parquet"],
            "images": [results / "images/images.csv"],
            "ledgers": [results / f"ledger/{name}.csv" for name in settings["properties"]],
            "cards": [results / f"models/{name}.json" for name in settings["models"]],
            "given": [results / "models/given.csv"],
            "pictures": [results / "models/pictures.csv"],
            "accuracy": [results / "models/accuracy.csv"],
            "tables": [results / "scores/summary.csv"],
            "further": [results / "scores/summary.csv" for _ in outputs],
            **(more or {}),
        },
        settings=settings,
        properties=titles or {"fur": TITLE, "sky": "sky"},
        grids={},
        editors=[],
        outputs=outputs,
        arrange=arrange,
    )
    return (results / "report.html").read_text()


def test_the_page_needs_no_other_file_and_links_what_is_there(study):
    page = Page(write(study))
    assert page.loaded
    assert all(address.startswith("data:image/png;base64,") for address in page.loaded)
    assert page.tags.count("script") == 1
    places = [link for link in page.links if not link.startswith("#")]
    assert "figures/fur/paths/a%20%231.png" in places
    missing = {link for link in places if not (study / link.replace("%20%23", " #")).exists()}
    assert missing == {"record/config.json", "record/record.json"}  # are written behind it


def test_trainings_have_a_part_where_the_study_has_their_table(study):
    pd.DataFrame(SERIES).to_csv(study / "scores/series.csv", index=False)
    page = write(study, more={"series": [study / "scores/series.csv"]})
    assert page.count("alone</td>") == 1 and '<a href="#training">' in page
    assert "#training" not in write(study)


def test_further_outputs_have_a_table_each_behind_the_first(study):
    page = write(study, outputs=["margin:<i>", "similarity:dog"])
    assert page.count('<table class="headline">') == 3
    first, second = (
        page.index(f"<h2>Followed as well: {name}</h2>")
        for name in ("margin:&lt;i&gt;", "similarity:dog")
    )
    assert page.index('<table class="headline">') < first < second < page.index('id="scores"')
    assert "the logit of “&lt;i&gt;” less the largest other one" in page[first:second]
    assert "up and down of the followed margin" in page[first:second]
    empty = "is empty: it is judged by odds, and a similarity has none"
    assert empty in page[second:] and empty not in page[:second]
    assert "Followed as well" not in write(study)


def test_of_similarities_nothing_is_of_interest_and_the_page_says_so(study):
    scoring = SETTINGS["scoring"] | {"output": ["similarity:dog", "dog"]}
    page = write(study, settings=SETTINGS | {"scoring": scoring})
    assert "and the similarity to “dog” was followed" in page
    assert "a similarity has none" in page and "change the odds" not in page


def test_every_table_has_heads_that_sort_and_rows_that_say_what_they_are_of(study):
    page = write(study)
    assert page.count("<table") == page.count("<thead>") == page.count("<tbody>") > 4
    assert page.count("<thead>") == page.count("</thead>") and "<p><tr" not in page
    # A row that is moved away from its neighbours still names its property.
    first = page.partition("</table>")[0]
    assert first.count(">sky</span>") == 2 and first.count("<span class=again>sky</span>") == 1


def test_pictures_out_of_sight_are_lazy_and_cards_have_names_to_look_for(study):
    page = write(study)
    assert page.count("<img") == page.count('<img loading="lazy" decoding="async"') > 3
    assert '<div class="album">' in page and 'data-name="a #1"' in page


def test_names_are_text(study):
    page = write(study)
    assert "<b>$x" not in page
    assert "fur &lt;b&gt;$x_1$&lt;/b&gt; &amp; a title" in page


def test_the_methods_have_the_configured_numbers(study):
    page = " ".join(write(study).split())
    for words in (
        *("Up to 23 placebo edits per image", "at 3 frames", "may be up to 25 % larger"),
        *("<b>net</b>, the change from the first step to the last", "0.042 at least with all 23"),
        *("by a factor of 3 or more", "(77 times)", "<b>Seed</b> 7", "arXiv 2503.05424"),
        *("the probability of “dog”", "(0 of 8 rows", "0.1 is the level"),
    ):
        assert words in page, words


def test_tables_tell_of_models_images_and_flags(study):
    page = " ".join(write(study).split())
    assert "91.3 %" in page
    assert "1,234" in page
    assert "1 × cat, 1 × dog." in page
    assert "1 entangled, 1 flat" in page
    assert "nan" not in re.sub(r"data:[^\"]*", "", page).lower()


def test_without_a_test_nothing_is_marked_and_no_evidence_shown(study):
    page = write(study, tested=False)
    assert "Nothing was tested, since no placebo edit has the size of the edit." in page
    assert "●" not in page.partition("Of interest")[0]
    assert "Effect and evidence" not in page
    none = SETTINGS | {"placebos": SETTINGS["placebos"] | {"number": 0}}
    assert "None were made, so nothing is tested." in write(study, False, none)


def test_the_same_study_gives_the_same_page(study):
    assert write(study) == write(study)


def test_white_stays_white(tmp_path):
    """With few colours the background of a figure becomes a pale grey, which paper shows."""
    picture = np.full((90, 90, 3), 255, np.uint8)
    picture[:30] = np.random.default_rng(0).integers(240, 255, (30, 90, 3), np.uint8)
    save_png(picture, tmp_path / "a.png")
    data = Album(tmp_path).take(tmp_path / "a.png", "a").data
    packed = base64.b64decode(data.partition(",")[2])
    with Image.open(BytesIO(packed)) as shown:
        assert (np.asarray(shown.convert("RGB"))[60:] == 255).all()


def test_pictures_without_room_are_linked(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (400, 600, 3), np.uint8)
    save_png(noise, tmp_path / "a.png")
    album = Album(tmp_path, room=600_000)
    first = album.take(tmp_path / "a.png", "a", 300)
    assert (first.width, first.height) == (300, 200)
    assert first.data
    again = [album.take(tmp_path / "a.png", "a") for _ in range(4)]
    assert not again[-1].data
    assert again[-1].link == "a.png"
    assert len(first.data) + sum(len(picture.data) for picture in again) <= 600_000
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (600, 400)


def test_of_many_cards_every_property_has_its_first_and_others_are_beside(study, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 255, (80, 120, 3), np.uint8)
    for name in ("fur", "sky"):
        for card in range(3):
            save_png(noise, study / f"figures/{name}/paths/{card}.png")
    (study / "figures/fur/paths/a #1.png").unlink()
    whole = Page(write(study)).loaded
    assert all(one.startswith("data:") for one in whole)
    room = sum(map(len, whole)) - 3 * len(whole[-1])
    monkeypatch.setattr("zollstock.report.page.Album", lambda folder: Album(folder, room))
    beside = [one for one in Page(write(study)).loaded if not one.startswith("data:")]
    assert beside == [
        "figures/fur/paths/2.png",
        "figures/sky/paths/1.png",
        "figures/sky/paths/2.png",
    ]
    assert all((study / one).is_file() for one in beside)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("predicted", "the class predicted for the unedited picture"),
        ("margin", "the logit of the predicted class"),
        ("vector", "all classes at once"),
        (3, "class number 3"),
        ("a dog", "“a dog”"),
    ],
)
def test_what_is_followed_in_words(output, words):
    assert words in parse_output(output).words


def part_of(page):
    return page.partition('<h2 id="given">')[2].partition('<h2 id="scores">')[0]


def test_the_page_opens_behind_the_answer_with_what_models_were_given(study):
    images = pd.read_csv(study / "images/images.csv", dtype=str, keep_default_na=False)
    write_given(study, ["plain", "other"], images, warning="all 2 <are> alike", second="nan")
    page = write(study)
    assert page.index('class="headline"') < page.index('id="given"') < page.index('id="scores"')
    part = part_of(page)
    assert part.count("⚠ <b>plain and other</b>: all 2 &lt;are&gt; alike") == 1
    assert part.count("<b>plain and other</b>: &lt;i&gt;one&lt;/i&gt;") == 1
    for words in ("24×32 RGB crop from 40", "0.485 0.456 0.406", "25 % of 2", "1,000", "b/c.pt"):
        assert words in part, words
    # The dog is called a cat by both models, in its thumbnail and in the table.
    assert part.count("✗ cat</span> 0.81") == 4 and part.count(">cat</span> 0.81") == 4
    assert "0.81 (nan)" in " ".join(part.split())
    assert part.count("<img") == 2


@pytest.mark.parametrize(("pictures", "models", "shown"), [(1, 1, 1), (200, 2, 24), (200, 8, 12)])
def test_many_pictures_and_models_have_few_thumbnails_and_one_table(study, pictures, models, shown):
    names = [f"model{n}" for n in range(models)]
    settings = SETTINGS | {"models": {name: {"trained_on": "x"} for name in names}}
    for name in names:
        card = {"family": "convmixer", "parameters": 1, "classes": ["cat", "dog"]}
        (study / f"models/{name}.json").write_text(json.dumps(card))
    images = pd.DataFrame({"id": [f"{'long' * 9}{n:04d}" for n in range(pictures)]})
    images = images.assign(label=["unlabelled"] * pictures, file=images["id"] + ".png")
    images.to_csv(study / "images/images.csv", index=False)
    write_given(study, names, images)
    part = part_of(write(study, settings=settings))
    assert part.count("<img") == shown
    assert part.count("<td") > pictures * models
    assert f"All {pictures} picture" in part and "unlabelled" not in part


def test_a_page_without_the_pictures_names_what_was_said_of_them(study):
    for file in (study / "images/pixels").iterdir():
        file.unlink()
    part = part_of(write(study))
    assert "<img" not in part and "✗ cat" in part


def test_the_papers_table_has_models_in_their_places(study):
    page = write(study)
    part = page[page.index('id="paper"') : page.index("</details>")]
    assert part.count("<b>0.012</b>") == 4
    assert "S 2/2, F 1/2" in part
    assert "[0.010, 0.020]" in part
    assert part.count("<table>") == 1
    arrange = {"rows": {"pla": "<i>first</i>"}, "columns": {"in": "one", "x": "other"}}
    page = write(study, arrange=arrange | {"names": "{row}{column}"})
    part = page[page.index('id="paper"') : page.index("</details>")]
    assert part.count("<table>") == 2  # a table a property
    assert part.count("<b>0.012</b>") == 2
    assert part.count("<td>–</td>") == 2  # no model is called plax
    assert "&lt;i&gt;first&lt;/i&gt;" in part
