"""Maps, units and repairs of explained pictures, by the functions of the stages."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from zollstock import accuracy, drawn_images, explain, repair_model, trace_units
from zollstock.errors import ZollstockError
from zollstock.locate.differentiable import Differentiable, GradientModel
from zollstock.locate.evaluation.curves import Pieces, occlusion_curves
from zollstock.locate.property_gradient import property_gradient
from zollstock.scoring.outputs import parse_output

HOW = {"output": "dog", "placebos": 0, "device": "cpu", "scoring": {"permutations": 19}}
FUR = {"engine": "rendered", "latent": "fur_lightness", "steps": 9, "title": "fur"}


@pytest.fixture(scope="session")
def explained(study):
    models = {name: study.model(name) for name in study.models}
    return [explain(study.image(name), models, FUR, **HOW) for name in study.images["image"]]


def test_maps_are_those_of_the_stage(study, explained):
    maps = explained[1].locate({"property": {}, "ig": {"points": 4}})
    assert set(maps.maps) == {"one", "two"}
    path = study.frames("fur", "dog_0000")
    follow = GradientModel(Differentiable(study.model("two")), parse_output("dog"), 1)
    expected = property_gradient(follow, path.frames, path.axis)
    mine = maps.maps["two"]["property"]["path"]
    assert np.allclose(mine, expected.map, atol=1e-6)
    curve = explained[1].curve("two")
    assert abs(mine.sum() - (curve.iloc[-1] - curve.iloc[0])) < 0.01 * np.abs(np.diff(curve)).sum()
    assert set(maps.maps["one"]["ig"]) == {"picture", "first", "last", "path"}
    assert maps._repr_png_().startswith(b"\x89PNG") and "property, ig" in repr(maps)


def test_maps_are_judged_as_the_stage_judges_them(study, explained):
    made = explained[1]
    maps = made.locate({"property": {}, "ig": {"points": 4}}, {"steps": 5, "fills": ["path"]})
    judged = maps.judged.set_index(["model", "method", "measure"])["value"]
    assert set(maps.judged["method"]) == {"property", "ig", "random"}
    predict = made.runners["two"].probabilities
    path = made.finished_path
    for method, frame, sign in (("ig", "picture", 1), ("property", "path", -1)):
        pieces = Pieces.pixels(sign * maps.maps["two"][method][frame])
        curves = occlusion_curves(
            lambda frames: predict(frames)[:, 1], path.unedited, {"end": path.frames[-1]},
            {"map": pieces}, 0, made.picture.id, steps=5, ties=2,
        )["map", "end"]  # fmt: skip
        for measure in ("lif", "mif", "srg"):
            expected = curves.srg if measure == "srg" else curves.mean(measure)
            assert judged["two", method, measure] == pytest.approx(expected, abs=1e-5)
    assert made.locate({"ig": {"points": 2}}).judged.empty


def test_the_located_gradient_is_told_frame_by_frame(explained):
    made = explained[1]
    maps = made.locate(["property"])
    curve, steps, so_far = made.curve("two"), maps.steps("two"), maps.so_far("two")
    assert len(steps) == len(curve) and not steps[0].any()
    off = 0.01 * np.abs(np.diff(curve)).sum()
    assert np.abs(steps[1:].sum((1, 2)) - np.diff(curve)).sum() <= off
    assert np.abs(so_far.sum((1, 2)) - (curve - curve.iloc[0])).max() <= off
    assert np.allclose(so_far[-1], maps.maps["two"]["property"]["path"], atol=1e-6)
    # Frames that stand in another order than along the path have the maps of their own steps.
    turned = replace(maps, order=np.roll(maps.order, 1))
    assert np.array_equal(turned.steps("two")[maps.order], steps[np.roll(maps.order, -1)])
    assert np.allclose(turned.so_far("two")[0], so_far[1])


def test_units_carry_the_whole_change_through_each_cut(explained):
    carriers = trace_units(explained, "one", frames=5, confirm=2)
    last = carriers.layers[-2].name
    shares = carriers.units[carriers.units["layer"] == last]["share"]
    assert abs(shares.sum() - 1) < 0.05
    assert (carriers.units["n"] == 2).all() and carriers.units["exact"].notna().sum() == 2
    assert carriers._repr_png_().startswith(b"\x89PNG")
    assert repr(carriers) == "<Carriers of fur in one, over 2 images>"


def test_a_repair_makes_a_copy_that_heeds_the_property_less(study, explained):
    model = study.model("two")
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    train = drawn_images("pets", 8, seed=5, size=32)
    how = {"weight": 100.0, "training": {"epochs": 8, "learning_rate": 0.02}}
    new = repair_model(model, train, FUR, "difference", **how)
    for name, value in model.module.state_dict().items():
        assert torch.equal(before[name], value)
    again = repair_model(model, train, FUR, "difference", **how)
    for name, value in new.module.state_dict().items():
        assert torch.equal(value, again.module.state_dict()[name])
    found = explain(study.image("dog_0000"), {"before": model, "after": new}, FUR, **HOW)
    epgm = found.to_pandas().set_index("model")["epgm"]
    assert epgm["after"] < 0.7 * epgm["before"]
    assert 0 <= accuracy(new, train) <= 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda made: made[0].locate(["rizze"]), ["rizze"]),
        (lambda made: made[0].locate({"ig": {"dots": 3}}), ["explain()", "dots"]),
        (lambda made: made[0].locate(["ig"], {"fills": ["grey"]}), ["locate.evaluate.fills"]),
        (lambda made: trace_units([], "one"), ["no property"]),
        (lambda made: trace_units(made, "three"), ["no curve of 'three'"]),
        (lambda made: trace_units(made, "one", tolerance=7), ["trace_units()", "tolerance"]),
        (lambda made: repair_model("pets_unbiased", [], FUR), ["are none"]),
        (lambda made: repair_model("pets_unbiased", [made[0].picture], FUR, "mend"), ["'mend'"]),
        (
            lambda made: repair_model("pets_unbiased", [made[0].picture], FUR, "dfr", size=3),
            ["repair_model(): dfr.size"],
        ),
    ],
)
def test_mistakes_are_told_in_one_line(explained, call, words):
    with pytest.raises(ZollstockError) as told:
        call(explained)
    text = str(told.value)
    assert all(word in text for word in words) and "\n" not in text, text
