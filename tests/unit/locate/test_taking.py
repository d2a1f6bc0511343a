"""The maps of one image, of a model whose truth is told by hand: logits linear in the pixels."""

from dataclasses import replace

import numpy as np
import pytest

from zollstock.images.table import ImageRecord
from zollstock.locate.asked import Asked
from zollstock.locate.bands import share_inside
from zollstock.locate.classifier import Asking
from zollstock.locate.context import Context
from zollstock.locate.judging import Judge
from zollstock.locate.subjects import Subject, Walk
from zollstock.locate.taking import Method, take_maps
from zollstock.settings.locate.samples import SampleSettings

RISE = {"name": "rise", "baseline": "mean"}
SHARED = {
    "segments": {"name": "grid", "rows": 2, "columns": 3},
    "masks": {"kind": "hard", "sigma": None, "shift": False},
    "samples": SampleSettings(random=0.5, number=24).plain(),
    "fill": {"name": "mean"},
}
EVALUATE = {"steps": 4, "fills": ["path"], "curves": ["lif", "mif"], "ties": 2}


@pytest.fixture
def asked(linear, differentiable):
    follow = differentiable(linear)
    asking = Asking(follow.network.model, follow.network.device)
    left = np.zeros((4, 6), np.float32)
    left[:, :3] = 1
    masks = {"fur": left, "wall": 1 - left, "all": left * 0 + 1, "none": left * 0}
    return Asked(asking.followed(follow), follow, masks, Context(), 1)


@pytest.fixture
def subject():
    rng = np.random.default_rng(3)
    frames = np.repeat(rng.integers(0, 256, (1, 4, 6, 3)), 3, axis=0).astype(np.uint8)
    frames[1:, :, :3] = rng.integers(0, 256, (2, 4, 3, 3))
    walk = Walk(frames, np.arange(3.0), "sum")
    record = ImageRecord("cat", "cat", "sha", "", None)
    return Subject(record, frames[0], dict.fromkeys(["fur", "wall", "all", "none"], walk))


def test_each_method_has_the_mask_of_its_own_property(asked):
    inside = asked.context_of({"segments": {"name": "mask", "property": "wall"}}).mask
    np.testing.assert_array_equal(inside, asked.masks["wall"])
    assert asked.context_of({"segments": {"name": "grid"}}).mask is None


def test_the_property_gradient_of_a_linear_model_is_its_change(asked, subject):
    method = Method("property", "property", {"tolerance": 0.01, "most": 64})
    taken = take_maps(subject, [method], asked)["property"]
    ends = asked.follow.values(asked.follow.pixels(subject.walks["fur"].frames[[0, -1]]))
    found = taken.maps["path fur"]
    assert found.sum() == pytest.approx(ends[1] - ends[0], rel=1e-4)
    assert (found[:, 3:] == 0).all()
    rows = Judge(subject, asked, EVALUATE).rows(method, taken.maps)
    value = {(row["measure"], row["property"]): row["value"] for row in rows}
    # On exact paths, and of masks that are all of the picture or none of it.
    assert value["seen", "fur"] == value["seen", "all"] == 1
    assert value["seen", "wall"] == 0
    assert np.isnan(value["seen", "none"]) or value["seen", "none"] == 0
    # Its sign is turned: what the path's end lowers held the output up.
    assert value["srg", "fur"] > 0
    turned = Judge(subject, asked, EVALUATE).rows(
        method, {name: -one for name, one in taken.maps.items()}
    )
    assert {(r["measure"], r["property"]): r["value"] for r in turned}["srg", "fur"] < 0


def test_maps_hang_on_no_order_no_batch_and_no_neighbour(asked, subject):
    methods = [
        Method("rise", "perturbation", SHARED | {"attribute": RISE}),
        Method("rank", "perturbation", SHARED | {"attribute": {"name": "rank"}}),
        Method("saliency", "gradient", {"name": "saliency"}),
    ]
    first = take_maps(subject, methods, asked)
    again = take_maps(subject, methods[::-1], replace(asked, batch_size=5))
    alone = take_maps(subject, methods[:1], asked)
    for name, taken in first.items():
        assert list(taken.maps) == list(again[name].maps)
        for at, values in taken.maps.items():
            np.testing.assert_allclose(values, again[name].maps[at], atol=1e-5)
    np.testing.assert_array_equal(first["rise"].maps["picture"], alone["rise"].maps["picture"])


def test_what_a_map_without_all_values_puts_where_is_not_known(asked, subject):
    method = Method("own", "perturbation", SHARED | {"attribute": {"name": "rank"}})
    rng = np.random.default_rng(0)
    parts = np.eye(3, dtype=np.float32)[np.arange(24).reshape(4, 6) % 3].transpose(2, 0, 1)
    asked = replace(asked, parts=(["a", "b", "c"], parts))
    at = ["picture", "first fur", "last fur", "path fur"]
    whole = {name: rng.normal(size=(4, 6)).astype(np.float32) for name in at}
    holed = {name: one.copy() for name, one in whole.items()}
    for one in holed.values():
        one[0, 0] = one[3, 5] = one[2, 2] = np.nan
    judge = Judge(subject, asked, EVALUATE)
    full, rest = (
        {(r["measure"], r.get("fill", ""), r.get("property", "")): r["value"] for r in rows}
        for rows in (judge.rows(method, whole), judge.rows(method, holed))
    )
    known = {key: value for key, value in full.items() if key[0] not in {"lif", "mif", "srg"}}
    assert {key[0] for key in known} >= {"truth", "mass", "share_before", "map_change", "iou"}
    assert np.isfinite(list(known.values())).all()
    assert np.isnan([rest[key] for key in known]).all()
    # An order of pixels there is all the same, and how much is missing is told.
    assert np.isfinite([rest[key] for key in full if key[0] == "srg"]).all()
    assert rest["undefined", "", ""] == 3 / 24 and ("undefined", "", "") not in full
    assert np.isnan(share_inside(holed["picture"], asked.masks["fur"]))


def test_equal_frames_are_asked_about_once(asked, subject, monkeypatch):
    from zollstock.locate import taking

    calls = []
    for name in ("_perturbed", "gradient_maps"):
        true = getattr(taking, name)

        def counted(*given, name=name, true=true):
            calls.append(name)
            return true(*given)

        monkeypatch.setattr(taking, name, counted)
    methods = [
        Method("rise", "perturbation", SHARED | {"attribute": RISE}),
        Method("saliency", "gradient", {"name": "saliency"}),
    ]
    found = take_maps(subject, methods, replace(asked, frames=2))
    # Four properties with one path: the picture, which is its first frame, and its last one.
    assert calls == ["gradient_maps"] * 2 + ["_perturbed"] * 2
    for name in ("rise", "saliency"):
        maps = found[name].maps
        if name == "rise":  # the gradient is the same everywhere
            assert not np.array_equal(maps["first fur"], maps["last fur"])
        both = (maps["first fur"].astype(float) + maps["last fur"]) / 2
        np.testing.assert_allclose(maps["path wall"], both, atol=1e-6)


def test_exact_parts_need_not_be_asked_for(asked, subject):
    shares = np.stack([asked.masks["fur"], asked.masks["wall"]])
    known = replace(asked, parts=(("fur", "wall"), shares))
    told = {key: Judge(subject, known, EVALUATE | {"parts": key}).truths for key in (True, False)}
    assert set(told[True]) == set(subject.walks)
    assert not told[False]
