"""Whether maps hold: what is asked, what is kept of it, and what the tables say."""

import numpy as np
import pytest
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png
from zollstock.locate import holding
from zollstock.locate.kept import KeptMaps
from zollstock.locate.ranking import likeness_of_methods, rank_methods, table_of
from zollstock.locate.study import Located, locate_in
from zollstock.locate.taking import Method
from zollstock.settings import parse_study
from zollstock.settings.locate.evaluation import EvaluationSettings
from zollstock.settings.locate.perturbation import PerturbationSettings

STABLE = EvaluationSettings.model_validate({"stability": {"reference": [2, 2]}}).stability_plain()
EVALUATE = {"steps": 3, "fills": ["mean"], "curves": ["lif", "mif"], "ties": 1}
PARTS = {"segments": {"grid": [4, 4]}, "samples": {"random": 0.5, "number": 30}, "fill": "mean"}


def own(name, attribute):
    given = PARTS | {"attribute": attribute}
    return Method(name=name, **PerturbationSettings.model_validate(given).job_settings())


METHODS = [
    own("difference", "difference"),
    own("lime", "lime"),
    Method("saliency", "gradient", {"name": "saliency"}),
]


@pytest.fixture
def images(tmp_path):
    found = []
    for place in range(2):
        pixels = np.random.default_rng(place).integers(0, 256, (16, 12, 3), dtype=np.uint8)
        file = tmp_path / "pixels" / f"i{place}.png"
        save_png(pixels, file)
        found.append(ImageRecord(f"i{place}", "cat", pixel_sha256(pixels), "here", file))
    return found


@pytest.fixture
def two(differentiable):
    """P(cat) of a model of two classes whose logit is linear in the pixels."""
    torch.manual_seed(1)
    module = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 12, 2))
    return differentiable(module, "cat", dtype=torch.float32, classes=("cat", "dog"))


def told(model, images, root, stability=STABLE, evaluate=EVALUATE, methods=METHODS):
    study = Located(methods, {}, 0, 2, "pets", 5, evaluate, stability, images)
    rows = locate_in(study, images, lambda record: model, KeptMaps(root), "a", lambda n: None)
    return [row for row in rows if row["measure"].split()[0] in {"noise", "output", "reference"}]


def test_each_method_is_asked_whether_it_holds(two, images, tmp_path):
    rows = told(two, images, tmp_path / "maps")
    value = {(r["image"], r["method"], r["measure"]): r["value"] for r in rows}
    assert {key[1] for key in value} == {"difference", "lime", "saliency"}
    for image in ("i0", "i1"):
        # Gradients of a linear logit change in scale alone, and what is said of the other class
        # is the opposite.
        assert value[image, "saliency", "noise cosine"] == pytest.approx(1, abs=1e-4)
        for method in ("difference", "lime"):
            assert value[image, method, "output spearman"] == pytest.approx(-1, abs=0.02)
            assert 0.2 < value[image, method, "noise spearman"] < 1
            assert -1 <= value[image, method, "reference effects"] <= 1


def test_more_noise_moves_maps_more(two, images, tmp_path):
    found = []
    for noise in (0.001, 0.3):
        rows = told(two, images, tmp_path / str(noise), STABLE | {"noise": noise})
        found.append(
            np.mean(
                [r["value"] for r in rows if r["measure"] == "noise l1" and r["method"] == "lime"]
            )
        )
    assert found[0] < 0.05 < found[1]


def test_what_is_not_asked_for_is_not_told(two, images, tmp_path):
    assert told(two, images, tmp_path / "a", None) == []
    little = {"noise": 0.05, "draws": 0, "other_output": False, "reference": None}
    assert told(two, images, tmp_path / "b", little) == []
    only = told(two, images, tmp_path / "c", little | {"draws": 1})
    assert {row["measure"].split()[0] for row in only} == {"noise"}


def test_a_contrast_and_one_class_have_no_other_output(differentiable, images, tmp_path):
    module = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 12, 3))
    contrast = differentiable(module, {"classes": ["cat"], "against": ["dog"]}, dtype=torch.float32)
    rows = told(contrast, images, tmp_path / "a")
    assert {row["measure"].split()[0] for row in rows} == {"noise", "reference"}


def test_it_is_kept_and_other_fills_leave_it_alone(two, images, tmp_path, monkeypatch):
    asked = []
    real = holding.maps_of_picture
    monkeypatch.setattr(
        holding,
        "maps_of_picture",
        lambda subject, methods, *rest: (
            asked.append([method.name for method in methods]) or real(subject, methods, *rest)
        ),
    )
    first = told(two, images, tmp_path / "maps")
    # Two noisy copies and another class, of two images; a pass is shared.
    assert asked.count(["difference", "lime"]) == asked.count(["saliency"]) == 6
    asked.clear()
    assert told(two, images, tmp_path / "maps") == first
    assert told(two, images, tmp_path / "maps", evaluate=EVALUATE | {"steps": 4}) == first
    assert told(two, images, tmp_path / "maps", None) == []
    assert told(two, images, tmp_path / "maps") == first
    assert not asked
    told(two, images, tmp_path / "maps", STABLE | {"draws": 1})
    assert len(asked) == 8


def test_maps_of_two_methods_are_held_against_each_other():
    one = np.random.default_rng(0).normal(size=(12, 12)).astype(np.float32)
    rows = holding.alike({"a": one, "b": -2 * one, "c": one + 1})
    value = {(r["method"], r["other"], r["measure"]): r["value"] for r in rows}
    assert {key[:2] for key in value} == {("a", "b"), ("a", "c"), ("b", "c")}
    assert value["a", "b", "likeness spearman"] == pytest.approx(-1)
    assert value["a", "c", "likeness pearson"] == pytest.approx(1)
    told = [{"model": m, "image": i, **row} for m in "mn" for i in "xyz" for row in rows]
    table = likeness_of_methods(table_of(told), 1)
    best = table[(table["measure"] == "spearman") & (table["other"] == "b")].iloc[0]
    assert (best["method"], best["n"]) == ("a", 6)
    assert best[["mean", "low", "high"]].tolist() == pytest.approx([-1, -1, -1])
    assert likeness_of_methods(table_of([]), 1).empty


def test_the_ranking_has_what_holds_best_and_says_most_of_the_class_first():
    rows = [
        {"model": "m", "image": image, "method": method, "measure": measure, "value": value}
        for image in "xy"
        for measure in ("noise spearman", "output spearman")
        for method, value in (("a", 0.9), ("b", -0.5))
    ]
    table = rank_methods(table_of(rows), 1)
    first = table.groupby("measure", sort=False)["method"].first().to_dict()
    assert first == {"noise spearman": "a", "output spearman": "b"}
    assert np.isnan(table["apart"]).all()  # a random map is not asked


def test_a_reference_of_too_many_cells_is_refused():
    config = {
        "study": "s",
        "images": {"source": "renderer"},
        "properties": {"fur": {"engine": "rendered", "latent": "fur_lightness"}},
        "models": {"m": {"trained_on": "unbiased"}},
        "locate": {"evaluate": {"stability": {"reference": [5, 4]}}},
    }
    with pytest.raises(ZollstockError, match=r"evaluate\.stability.*at most 16 cells"):
        parse_study(config, "file")
    config["locate"]["evaluate"]["stability"] = {}
    study = parse_study(config, "file").locate
    assert study.evaluate.stability_plain()["draws"] == 2
    assert "stability" not in study.evaluate.curves_alone()
