"""The page, served as a user starts it, and a browser that looks at it."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.unit.studies.finished import inside, make_study
from zollstock.images.table import save_png
from zollstock.repair.wanted import write_map

ROOT = Path(__file__).parents[2]
PATIENCE = 120
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with the finished study ``results/mine`` and maps to paint on."""
    place = tmp_path_factory.mktemp("page")
    made = place / make_study(place)
    maps = made / "repair/to_paint/one.difference.1"
    for kind in ("maps", "pictures"):
        (maps / kind).mkdir(parents=True)
    values = np.linspace(0, 1, 32 * 32).reshape(32, 32)
    for name in ("a", "b"):
        write_map(values, maps / "maps" / f"{name}.png")
        save_png(np.full((32, 32, 3), 90, np.uint8), maps / "pictures" / f"{name}.png")
    return place


@pytest.fixture(scope="session")
def shelf(folder):
    from zollstock.app.shelf import Shelf

    with inside(folder):
        return Shelf([(folder / "results/mine").resolve()])


@pytest.fixture(scope="session")
def made(shelf):
    """A finished explanation, and what was shown while it was made."""
    from zollstock.app.material import models_of
    from zollstock.app.shown import Shown
    from zollstock.explaining.explanation import Explanation

    pixels = np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8)
    models = models_of(["study mine/one", "study mine/two"], shelf)
    found = Explanation(pixels, models, "brightness", placebos=19, seed=1, device="cpu")
    shown, seen = Shown(found), []
    for step in found.steps():
        seen.append((shown.take(step), shown.walk() if step.stage == "curves" else ""))
    return found, seen


@pytest.fixture(scope="session")
def address(folder):
    """The address of the page, started by its command."""
    pytest.importorskip("gradio", reason="the page needs gradio")
    command = [sys.executable, "-m", "zollstock.app", "results/mine", "--port", "0", "--seed", "7"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment["PYTHONUNBUFFERED"] = "1"
    with (folder / "page.log").open("w+") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield _address(server, folder / "page.log")
        finally:
            server.terminate()
            server.wait(20)


def _address(server, log):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        words = log.read_text().split()
        found = [word for word in words if word.startswith("http://127.0.0.1:")]
        if found:
            return found[0]
        assert server.poll() is None, log.read_text()
        time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def chromium():
    """A headless browser."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("there is no chromium on the PATH to look at the page with")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(chromium, address):
    """The page, opened once; what it asks of other machines is refused, and fails the tests."""
    foreign, errors = [], []

    def route(asked):
        url = asked.request.url
        if url.startswith((address, "data:", "blob:")):
            return asked.continue_()
        foreign.append(url)
        return asked.abort()

    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.route("**/*", route)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(60_000)
    page.goto(f"{address}?__theme=light")
    page.wait_for_selector("#walk .zs-line")
    yield page
    context.close()
    assert not foreign
    assert not errors
