"""What docs/from-the-authors-code.md says runs, and gives what it says."""

import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import yaml
from matplotlib import pyplot

import zollstock
from tests.unit.settings.test_study import SMALL
from zollstock.settings import parse_study

PAGE = (Path(zollstock.__file__).parents[1] / "docs" / "from-the-authors-code.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Every name after all code of the page has run in turn, as in a notebook."""
    before = matplotlib.get_backend()
    pyplot.switch_backend("agg")
    names = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        for code in blocks("python"):
            exec(code, names)
        names["saved"] = Path("path.pdf").stat().st_size
    names["figures"] = len(pyplot.get_fignums())
    pyplot.close("all")
    pyplot.switch_backend(before)
    return names


def test_its_code_runs(ran):
    assert len(blocks("python")) == 7 and ran["saved"] > 1000
    assert ran["figures"] == 4  # each shows by itself in a notebook
    assert ran["probabilities"].shape == (8, 2)
    np.testing.assert_allclose(ran["probabilities"].sum(axis=1), 1, atol=1e-5)


def test_its_numbers_are_those_that_it_says(ran):
    p, score = ran["p"], lambda name: zollstock.Zollstock(name).score(ran["p"])
    assert str(score("grad")).startswith("0.114") and str(score("corr")).startswith("0.960")
    assert score("epgm") == pytest.approx(0.8)
    assert ran["placebo_test"](p, ran["placebos"]).p_value == 0.05
    assert (bool(ran["flipped"]), int(ran["changes"])) == (True, 1)


def test_ours_is_theirs(ran, rng):
    """The published definitions, as the authors' code computes them."""
    for p in (ran["p"], rng.random(40)):
        p = np.array(p)
        null = [np.abs(np.gradient(q)).mean() for q in zollstock_orders(p)]
        score, m = np.abs(np.gradient(p)).mean(), np.mean(null)
        test = zollstock.Zollstock("grad").shuffle_test(p, num=500, seed=3)
        assert test.score == pytest.approx(score)
        # A tie within rounding counts here, and in theirs by chance.
        extreme = np.abs(np.array(null) - m) >= np.abs(score - m) - 1e-12
        assert test.p_paper == extreme.mean()
        assert zollstock.mean_gradient(p) == pytest.approx(np.gradient(p).mean())
        r = np.corrcoef(p, np.linspace(0, 1, len(p)))[0, 1]
        assert zollstock.Zollstock("corr").score(p) == pytest.approx(r)


def zollstock_orders(p):
    from zollstock.scoring.shuffle import shuffled_series

    return shuffled_series(p, 500, 3)


def test_every_call_of_theirs_has_a_line():
    theirs = (
        *("mode=", "mean_abs_grad", "corr_coeff", "mut_inf", "measure_avg_gradient"),
        *("shuffle_test", "plot_null_dist", "plot_shuffle", "shuffle_plot", "nuldist_plot"),
        *("prediction_flips", "subsample_plot", "ImageList_DS", "perform_inference"),
        "pix2pix_edit",
    )
    table = PAGE.split("## Scores")[0]
    assert [name for name in theirs if name not in table] == []
    for name in re.findall(r"`(plot_\w+|mean_gradient|placebo_test)\(", PAGE):
        if name not in ("plot_null_dist", "plot_shuffle"):
            assert hasattr(zollstock, name)


def test_its_settings_are_settings():
    (text,) = blocks("yaml")
    study = parse_study(SMALL | yaml.safe_load(text) | {"placebos": {"number": 0}}, "page")
    fur = study.properties["fur"]
    assert (fur.axis, fur.stop, fur.steps, fur.image_guidance) == ("paper", 12.5, 100, 2.5)
