"""Edited frames read back to latents, and scores on them."""

from pathlib import Path as FilePath

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zollstock.calibration.classifiers import classifiers
from zollstock.calibration.edited import latent_paths, points, truth_table
from zollstock.calibration.reading import latent_of, measured
from zollstock.engines.rendered import RenderedEngine
from zollstock.images.table import ImageRecord
from zollstock.seeds import seed_for
from zollstock.worlds import get_world

FORMULAS = classifiers("fur_lightness")


def image(number):
    drawn = get_world("pets").sample(
        np.array([number % 2]), np.array([seed_for("test", number)], np.uint64)
    )
    values = {name: float(value[0]) for name, value in drawn.items()}
    return ImageRecord(f"im{number}", "cat", "0", "test", FilePath("none.png"), values)


@given(
    st.lists(st.floats(0.01, 1), min_size=3, max_size=9),
    st.lists(st.floats(0, 1), min_size=1, max_size=9),
)
def test_reading_back_inverts_the_exact_readings(rises, shares):
    exact = np.cumsum(rises)
    grid = np.linspace(-1, 2, len(exact))
    latent = -1 + 3 * np.array(shares)
    values = np.interp(latent, grid, exact)
    np.testing.assert_allclose(latent_of(values, exact, -1, 2), latent, atol=1e-9)


def test_readings_beyond_the_exact_ones_give_the_ends_and_flat_stretches_their_start():
    exact = np.array([0.2, 0.4, 0.4, 0.3, 0.8])
    found = latent_of(np.array([0.1, 0.4, 0.9]), exact, 0, 1)
    np.testing.assert_allclose(found, [0, 0.25, 1])
    dip = latent_of(np.array([0.6]), np.array([0.2, 0.4, 0.3, 0.35, 0.8]), 0, 1)
    np.testing.assert_allclose(dip, 0.25 + 0.75 / 2)


@pytest.mark.parametrize("latent", ["fur_lightness", "background_brightness"])
def test_exact_frames_are_read_back_as_the_latent_they_were_drawn_with(latent):
    record = image(1)
    engine = RenderedEngine(world="pets", size=64, latent=latent, start=0.0, stop=1.0, steps=7)
    rows = measured(record, engine.path(record, 0, lambda _: None), "pets", latent)
    np.testing.assert_allclose(rows["latent"], rows["axis"], atol=0.01)
    np.testing.assert_allclose(rows["share"], rows["latent"])  # both ranges are [0, 1]
    assert list(rows["image"]) == ["im1"] * 7


@pytest.fixture
def edits():
    """Two edited images: one goes through the whole range, one through its upper half."""
    walks = {"im0": np.linspace(0, 1, 9), "im1": np.linspace(0.5, 1, 9)}
    return pd.concat(
        pd.DataFrame({"image": name, "step": np.arange(9)[::-1], "share": walk[::-1]})
        for name, walk in walks.items()
    )


def test_latent_paths_are_in_the_order_of_steps(edits):
    found = latent_paths(edits)
    assert list(found) == ["im0", "im1"]
    np.testing.assert_allclose(found["im1"], np.linspace(0.5, 1, 9))


def test_what_an_edit_misses_is_told_apart_from_what_is_measured_wrong(edits):
    images = [image(0), image(1), image(2)]
    table = points(FORMULAS, images, edits, "pets", 9)
    assert set(table["engine"]) == {"exact", "edited"}
    fur = table[table["classifier"] == "logistic"].set_index(["engine", "image"])
    assert ("edited", "im2") not in fur.index  # it was not edited
    whole, half = fur.loc[("edited", "im0")], fur.loc[("edited", "im1")]
    assert whole["epgm"] == pytest.approx(whole["truth"])
    assert half["epgm"] == pytest.approx(half["covered"])
    assert half["covered"] < 0.8 * half["truth"]
    found = truth_table(table).set_index(["classifier", "engine", "statistic", "against"])
    assert found.loc[("logistic", "edited", "epgm", "covered"), "worst"] < 1e-12
    assert found.loc[("logistic", "edited", "epgm", "truth"), "bias"] < -0.05
    assert found.loc[("all", "edited", "epgm", "truth"), "n"] == 2 * 6
    assert found.loc[("logistic", "exact", "epgm", "truth"), "n"] == 3


def test_without_an_editor_there_are_exact_rows_alone():
    table = points(FORMULAS, [image(0)], None, "pets", 9)
    assert set(table["engine"]) == {"exact"}
    assert (truth_table(table)["engine"] == "exact").all()
