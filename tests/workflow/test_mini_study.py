"""The chain from selection to report."""

import json
import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import zarr

from tests.formats import Formats

pytestmark = pytest.mark.workflow


def placebos(workspace):
    """Set of placebos → the entries of its manifest; a set for each property."""
    files = (workspace.results() / "interventions").glob("placebos-rendered-*.json")
    return {file.stem: json.loads(file.read_text())["images"] for file in files}


def test_every_promised_file_is_there(finished):
    results = finished.results()
    for name in [
        *("images/images.csv", "images/skipped.csv", "models/accuracy.csv"),
        *("models/given.csv", "models/pictures.csv"),
        *("scores/scores.parquet", "scores/scores.csv", "scores/summary.csv"),
        *("scores/tests.parquet", "scores/tests.csv", "figures/volcano.png"),
        *("figures/fur/signature.png", "figures/fur/response.pdf"),
        *("scores/summary.html", "figures/images.pdf", "figures/images.png"),
        *("figures/accuracy.png", "figures/summary.pdf", "figures/heatmap.png", "report.html"),
        *("figures/fur/paths.pdf", "figures/fur/paths/cat_0000.png", "figures/noise/nulls.pdf"),
        *("figures/noise/frames.png", "interventions/fur.json"),
    ]:
        assert (results / name).stat().st_size > 0, name


def test_the_page_of_formats_says_what_the_files_hold(finished):
    """Every table and store of a study has its columns and arrays there, and no others."""
    results, page = finished.results(), Formats()
    tables = [*results.rglob("*.csv"), *results.glob("*/*.parquet")]
    assert len(tables) > 10
    for file in tables:
        table = pd.read_csv(file) if file.suffix == ".csv" else pd.read_parquet(file)
        name = file.relative_to(results).as_posix()
        # Only where a meter reads an exact path are there these.
        assert page.wrong(name, table.columns) <= {"exact_low", "exact_high"}, name
    stores = [*results.glob("interventions/*.zarr"), *results.glob("predictions/*/*.zarr")]
    assert len(stores) > 8
    for store in stores:
        arrays = set(zarr.open_group(store, mode="r").array_keys())
        name = store.relative_to(results).as_posix()
        # Only paths that come with recipes have these.
        assert page.wrong(name, arrays) <= {"recipe"}, name


def test_jobs_use_the_checkout_whatever_else_is_installed(workspace, mini, monkeypatch):
    """An older zollstock on Python's path, which stands where an installed one does, is not run."""
    older = workspace.folder / "older" / "zollstock"
    older.mkdir(parents=True)
    (older / "__init__.py").write_text('raise SystemExit("this is not the checkout")')
    monkeypatch.setenv("PYTHONPATH", str(older.parent))
    run = workspace.run(mini, "results/mini/images/images.csv")
    assert run.code == 0, run.text


def test_table_has_a_row_per_property_model_image_and_statistic(finished):
    table = pd.read_parquet(finished.results() / "scores" / "scores.parquet")
    keys = ["property", "model", "image", "statistic"]
    assert len(table) == 2 * 2 * 4 * 4
    assert not table.duplicated(keys).any()
    assert table["score"].notna().all()
    assert table["p_value"].between(1 / 100, 1).all()
    assert set(table["output"]) == {"dog"}


def test_scores_are_those_of_the_stored_predictions(finished):
    from zollstock import Zollstock

    results = finished.results()
    table = pd.read_parquet(results / "scores" / "scores.parquet")
    group = zarr.open_group(results / "predictions" / "fur" / "biased.zarr", mode="r")
    dog = list(group.attrs["classes"]).index("dog")
    series = np.asarray(group["probabilities"][:, :, dog], dtype=np.float64)
    rows = table[
        (table["property"] == "fur")
        & (table["model"] == "biased")
        & (table["statistic"] == "paper_grad")
    ].set_index("image")
    expected = Zollstock("grad").score(series)
    np.testing.assert_array_equal(rows.loc[list(group.attrs["images"]), "score"], expected)


def test_tests_compare_every_edit_with_its_placebos(finished):
    table = pd.read_parquet(finished.results() / "scores" / "tests.parquet")
    assert len(table) == 2 * 2 * 4
    assert not table.duplicated(["property", "model", "image"]).any()
    assert (table["placebos"] == 19).all()
    assert ((table["p"] * 20 - (table["p"] * 20).round()).abs() < 1e-9).all()
    assert table["p"].between(1 / 20, 1).all()
    assert (table["q_by"] >= table["q_bh"]).all()
    # Each edit has placebos of its own size, and the larger ones are counted.
    assert table["match"].between(0.9, 1.2).all() and (table["unmatched"] == 0).all()
    np.testing.assert_allclose(table["p"], (table["larger"] + 1) / 20)
    assert (table["untested"] == "").all()
    sets = placebos(finished)
    assert len(sets) == 2
    for entries in sets.values():
        made = [(entry["image"], entry["draw"]) for entry in entries]
        assert len(set(made)) == 4 * 19 and {draw for _, draw in made} == set(range(1, 20))
    # The size of each was noted when it was made, so that no ledger need read the frames.
    assert not list((finished.results() / "ledger").glob("placebos*"))


def test_early_stopping_makes_the_same_placebos_but_fewer(finished, finished_copy, mini):
    workspace = finished_copy
    for made in list(workspace.results().glob("*/placebos-rendered-*")):
        shutil.rmtree(made) if made.is_dir() else made.unlink()
    mini["placebos"] = {"stop_after": 2}
    mini["models"].pop("biased")  # whose fur no placebo reaches
    run = workspace.run(mini, "results/mini/scores/tests.parquet")
    assert run.code == 0, run.text
    ours, whole = (
        {
            (name, entry["image"], entry["draw"]): entry["checksum"]
            for name, entries in placebos(place).items()
            for entry in entries
        }
        for place in (workspace, finished)
    )
    assert ours.items() <= whole.items()
    assert len(ours) < len(whole)
    logs = sorted((workspace.folder / "logs/mini/make_placebos").glob("*.log"))
    texts = [text for text in (log.read_text() for log in logs) if " saved" in text]
    saved = sum(int(text.split(" saved")[0].split()[-1]) for text in texts)
    assert saved == len(whole) - len(ours)
    table = pd.read_parquet(workspace.results() / "scores" / "tests.parquet")
    stopped = table["larger"] == 2
    assert stopped.any() and (table["larger"] <= 2).all()
    np.testing.assert_allclose(table.loc[stopped, "p"], 2 / table.loc[stopped, "used"])


def test_frames_are_the_renderers_with_one_latent_set(finished):
    from zollstock.images.table import read_table
    from zollstock.worlds import get_world

    results = finished.results()
    manifest = json.loads((results / "interventions" / "fur.json").read_text())
    store = zarr.open_group(results / "interventions" / manifest["store"], mode="r")
    assert store["frames"].metadata.dimension_names == ("image", "draw", "step", "y", "x", "c")
    records = {r.id: r for r in read_table(results / "images/images.csv", results / "images")}
    world = get_world("pets")
    for entry in manifest["images"]:
        latents = {k: np.array([v]) for k, v in records[entry["image"]].latents.items()}
        swept = world.do(latents, "fur_lightness", np.linspace(0, 1, 8))
        expected = world.render(swept, size=32).frames
        np.testing.assert_array_equal(store["frames"][entry["row"], 0], expected)


def test_results_do_not_depend_on_cores_or_jobs(finished, workspace, mini):
    """One core and three generating jobs give the tables of two cores and one job."""
    mini["jobs"] = {"intervention_jobs": 3}
    run = workspace.run(mini, "summarise_scores", "--cores", "1")
    assert run.code == 0, run.text
    for name in ("scores.csv", "summary.csv"):
        expected = (finished.results() / "scores" / name).read_text()
        assert (workspace.results() / "scores" / name).read_text() == expected


def test_report_is_one_offline_page_with_the_headline(finished_copy, mini):
    target = finished_copy.folder / "report.html"
    run = finished_copy.run(mini, "--report", str(target))
    assert run.code == 0, run.text
    page = target.read_text()
    assert "summary.html" in page
    assert "by intervening" in page
    loaded = Loaded()
    loaded.feed(page)
    assert {"script", "style"} <= loaded.tags  # both are in the page itself
    assert [at for at in loaded.addresses if not at.startswith(("data:", "#"))] == []
    assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", page)


class Loaded(HTMLParser):
    """The addresses that a browser loads by itself; links wait for a click."""

    def __init__(self):
        super().__init__()
        self.addresses, self.tags = [], set()

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.add(tag)
        self.addresses += [found[name] for name in ("src", "srcset", "data") if found.get(name)]
        if tag == "link":
            self.addresses.append(found["href"])
