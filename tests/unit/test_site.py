"""The documentation: it builds without a warning, and no page fetches anything from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.loaded import Page, from_elsewhere, of_script, of_style

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, as `make site` builds it."""
    folder = tmp_path_factory.mktemp("documentation")
    recipe = re.search(r"^site:.*?\n\t\S+ (-m sphinx .*)$", (ROOT / "Makefile").read_text(), re.M)
    words = recipe.group(1).replace("build/", f"{folder}/").split()
    environ = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return folder / "site"


def test_no_page_fetches_anything_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        assert not Page(page.read_text()).elsewhere, page.name
    styles, scripts = list(site.rglob("*.css")), list(site.rglob("*.js"))
    assert styles and scripts
    for style in styles:
        assert not [url for url in of_style(style.read_text()) if from_elsewhere(url)], style.name
    for script in scripts:
        assert not of_script(script.read_text()), script.name


def test_what_pages_load_and_link_is_there(site):
    for page in site.rglob("*.html"):
        found = Page(page.read_text())
        for address in found.loaded + found.links:
            path = unquote(urlsplit(address).path)
            if urlsplit(address).scheme or from_elsewhere(address) or not path:
                continue
            assert (page.parent / path).exists(), (page.name, address)


def test_the_search_knows_pages_settings_and_functions(site):
    index = (site / "searchindex.js").read_text()
    for words in ("docs/tutorial", "config/README", "placebo_test", "property_gradient"):
        assert words in index, words


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://a.org/x.js"></script>',
        '<link rel="stylesheet" href="//a.org/x.css">',
        '<img src="x.png" srcset="y.png 1x, https://a.org/z.png 2x">',
        "<style>@import 'https://a.org/x.css';</style>",
        "<style>p { background: url(//a.org/x.png) }</style>",
        '<p style="background: url(https://a.org/x.png)">',
        "<script>fetch('https://a.org/x')</script>",
        '<meta http-equiv="refresh" content="0; url=https://a.org/">',
        '<body onload="fetch(`//a.org/x`)">',
        '<object data="http://a.org/x"></object>',
    ],
)
def test_what_would_be_fetched_is_seen(text):
    assert Page(text).elsewhere


def test_what_is_fetched_on_a_click_or_never_is_let_through():
    words = '<a href="https://a.org">a</a><img src="data:image/png;base64,//aa"><svg '
    words += 'xmlns="http://www.w3.org/2000/svg"></svg><style>/* url(//a.org) */</style>'
    assert not Page(words).elsewhere
