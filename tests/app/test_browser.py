"""The page in a real browser: browse, compare, explain, paint."""

import statistics
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

LATENCY = """async () => {
  const slider = document.querySelector("#walk .zs-slider"), taken = [];
  for (let k = 0; k < 30; k += 1) {
    slider.value = k % (Number(slider.max) + 1);
    const from = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(done));
    taken.push(performance.now() - from);
  }
  return taken;
}"""

INK = """one => {
  const ink = getComputedStyle(one).color, clear = "rgba(0, 0, 0, 0)";
  let ground = clear;
  for (let at = one; at && ground === clear; at = at.parentElement)
    ground = getComputedStyle(at).backgroundColor;
  return [ink, ground];
}"""


def tab(page, name):
    page.get_by_role("tab", name=name, exact=True).click()


def shown(page, where="#walk"):
    """Return what a walk shows: value of the axis, outputs, and the place of the first dot."""
    return (
        page.inner_text(f"{where} .zs-at"),
        page.locator(f"{where} .zs-value").all_inner_texts(),
        page.locator(f"{where} .zs-dot").first.evaluate("dot => dot.style.left + dot.style.top"),
        page.locator(f"{where} .zs-frame").evaluate("one => one.style.backgroundPosition"),
    )


def test_a_walk_goes_by_keys_alone_and_answers_at_once(page):
    page.focus("#walk .zs-slider")
    page.keyboard.press("Home")
    first = shown(page)
    page.keyboard.press("ArrowRight")
    second = shown(page)
    assert first[0] == "0"
    assert second[0] == "0.125"
    assert all(one != two for one, two in zip(first, second, strict=True))
    assert statistics.median(page.evaluate(LATENCY)) < 100


def test_what_is_shown_is_what_the_study_says(page, shelf):
    study = shelf.open("mine").study
    image = page.input_value("#image input")
    page.focus("#walk .zs-slider")
    page.keyboard.press("End")
    _, values, *_ = shown(page)
    curves = study.curves("fur", image)
    assert values == [f"{value:.3f}" for value in curves.iloc[-1]]


def test_the_next_image_and_another_property_are_shown_from_their_reference(page):
    before = page.inner_text("#walk .zs-title")
    page.get_by_role("button", name="next").click()
    page.wait_for_function(f"document.querySelector('#walk .zs-title').innerText != {before!r}")
    page.wait_for_timeout(300)  # the script looks at what changed
    at = page.locator("#walk .zs-slider").evaluate(
        "one => [one.value, one.getAttribute('value'), "
        "one.closest('.zs').querySelector('.zs-here').style.left]"
    )
    assert at[0] == at[1]
    assert float(at[2].rstrip("%")) == pytest.approx(100 * int(at[0]) / 8, abs=0.01)


def test_a_filter_leaves_its_rows(page):
    assert page.locator("#headline tbody tr").count() == 4
    page.get_by_label("Model", exact=True).click()
    page.get_by_test_id("dropdown-option").get_by_text("two").click()
    page.wait_for_function("document.querySelectorAll('#headline tbody tr').length == 2")
    assert set(page.locator("#headline tbody td:nth-child(2)").all_inner_texts()) == {"two"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_wider_than_the_window_or_hard_to_read(page, address, theme):
    other = page.context.new_page()
    other.goto(f"{address}?__theme={theme}")
    other.wait_for_selector("#walk .zs-line", timeout=60_000)
    for width in (1280, 390):
        other.set_viewport_size({"width": width, "height": 900})
        assert other.evaluate("document.documentElement.scrollWidth") <= width
        inside = "one => one.scrollWidth <= one.clientWidth"
        assert other.locator("#walk .zs-scroll").evaluate(inside)
    parts = ["#headline td", "#headline tr.placebo td", "#answer p", "label span"]
    for where in [*parts, "#walk .zs-now td", "#walk .zs-title"]:
        ink, ground = other.locator(where).first.evaluate(INK)
        assert _contrast(ink, ground) > 4.5, where
    # Beside what gradio colours, too.
    wide = other.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (wide == "rgb(255, 255, 255)") == (theme == "light")
    other.close()


def _contrast(one, other):
    def light(text):
        red, green, blue = (
            int(part) / 255 for part in text[text.index("(") + 1 : -1].split(",")[:3]
        )
        lines = [
            c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)
        ]
        return 0.2126 * lines[0] + 0.7152 * lines[1] + 0.0722 * lines[2] + 0.05

    brighter, darker = sorted([light(one), light(other)], reverse=True)
    return brighter / darker


def test_two_models_are_compared(page):
    tab(page, "Compare two models")
    page.wait_for_selector("#compared tbody tr")
    assert page.locator("#compared tbody tr").count() == 2


def test_an_image_of_a_study_is_handed_on_to_be_explained(page):
    tab(page, "Browse studies")
    image = page.input_value("#image input")
    page.click("#more")
    page.wait_for_function(f"document.querySelector('#explained-image input')?.value === {image!r}")
    assert page.get_by_label("one of a study").is_checked()
    models = page.inner_text("#models")
    assert "one (mine)" in models and "two (mine)" in models


def test_one_picture_is_explained_and_taken_away(page, folder):
    tab(page, "Explain one picture")
    page.get_by_label("a picture of mine").check()
    picture = BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8)
    Image.fromarray(pixels).save(picture, "PNG")
    upload = {"name": "mine.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    page.set_input_files("#upload input[type=file]", upload)
    page.wait_for_selector("#upload img")
    page.wait_for_selector("#kind input")
    assert page.get_by_label("Seed").input_value() == "7"
    page.fill("#placebos input[type=number]", "19")
    page.keyboard.press("Tab")
    page.click("#go")
    page.wait_for_selector("#live-walk .zs-line")
    page.wait_for_selector("#found tbody tr")
    assert "brightness" in page.inner_text("#found .answer")
    # The placebos came when the curves were there already.
    page.wait_for_selector("#live-walk .zs-band.zs-on", state="attached")
    _ask_where_and_through_what(page)
    page.get_by_text("Files to take away").click()
    page.click("#write")
    page.wait_for_selector("#files a")
    names = [
        link.get_attribute("href").rpartition("/")[2]
        for link in page.query_selector_all("#files a")
    ]
    assert names == ["frames.zip", "study.yaml", "figure.pdf", "path.webp"]


def _ask_where_and_through_what(page):
    """Take maps and units of the explained picture, and walk along under the located gradient."""
    page.get_by_text("Where in the picture", exact=True).click()
    page.click("#take-maps")
    page.wait_for_selector("#maps .zs-card")
    models = page.locator("#found tbody tr").count()
    assert page.locator("#maps td.score").count() == 5 * models
    places = "ones => ones.map((one) => one.style.backgroundPosition)"
    page.focus("#live-walk .zs-slider")
    page.keyboard.press("End")
    both = page.locator("#live-walk .zs-frame, #live-walk .zs-moving:not([hidden])")
    found = both.evaluate_all(places)
    assert len(found) == 2 and found[0] == found[1] != "0% 0%"
    page.get_by_text("Through which units", exact=True).click()
    page.click("#trace-units")
    page.wait_for_selector("#units td.score")


def test_a_mistake_is_told_in_a_sentence(page):
    tab(page, "Explain one picture")
    page.fill("#placebos input[type=number]", "3")
    page.keyboard.press("Tab")
    page.click("#go")
    words = page.locator(".toast-body").first.inner_text()
    assert "placebos.number" in words
    assert "Traceback" not in words


def test_a_correction_is_painted_and_saved(page, folder):
    tab(page, "Paint a correction")
    page.wait_for_selector("#paint-editor canvas")
    page.wait_for_timeout(1500)  # the canvas is laid out
    box = page.locator("#paint-editor canvas").first.bounding_box()
    at = [
        (box["x"] + box["width"] * share, box["y"] + box["height"] * share) for share in (0.4, 0.45)
    ]
    file = folder / "painted/mine/one.difference.1/a.png"
    maps = folder / "results/mine/repair/to_paint/one.difference.1/maps"
    before = np.asarray(Image.open(maps / "a.png"))[..., 0]
    for _ in range(10):  # a busy machine lays the canvas out late
        page.mouse.move(*at[0])
        page.mouse.down()
        page.mouse.move(*at[1], steps=5)
        page.mouse.up()
        page.wait_for_timeout(500)
        page.click("#paint-save")
        page.wait_for_function("document.querySelector('#paint-words').innerText.includes('Saved')")
        page.wait_for_timeout(300)
        saved = np.asarray(Image.open(file))[..., 0]
        changed = saved != before
        if changed.any():
            break
    assert 4 < changed.sum() < 200
    assert (saved[changed] > before[changed]).all()
