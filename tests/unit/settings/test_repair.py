"""The section `repair`: what it says of methods, and what is refused at the start."""

import json

import pytest

from zollstock.errors import ZollstockError
from zollstock.repair import explainers, methods
from zollstock.settings import parse_study
from zollstock.settings.repair.methods import EXPLAINERS, METHODS, modules_of_methods

DRAWN = {"trained_on": "unbiased"}
DIGITS = {"family": "lenet", "training": {"data": {"source": "dataset", "layout": "digits"}}}
ONNX = {"family": "onnx", "weights": "m.onnx", "classes": ["cat", "dog"]}


def parsed(repair, output="dog", models=None, placebos=None):
    config = {
        "study": "s",
        "images": {"source": "renderer"},
        "properties": {
            "fur": {"engine": "rendered", "latent": "fur_lightness"},
            "noise": {"engine": "rendered", "latent": "noise_angle", "placebo": True},
            "blur": {"engine": "photometric", "operation": "blur"},
            "part": {"engine": "photometric", "operation": "blur", "mask": "masks/{image}.png"},
            "both": {"engine": "grid", "first": "fur", "second": "noise"},
            "edited": {
                "engine": "instruct_pix2pix",
                "checkpoint": "pets",
                "instruction": "make the fur lighter",
            },
        },
        "models": models or {"m": DRAWN},
        "scoring": {"output": output},
        "placebos": placebos or {},
        "repair": repair,
    }
    return parse_study(config, "file").repair


@pytest.mark.parametrize("name", METHODS)
def test_defaults_are_those_of_the_method(name):
    (candidate,) = METHODS[name]().candidates()
    assert candidate == {"name": name} | methods.settings_of({"name": name})


def test_every_method_and_explainer_of_the_library_has_settings():
    assert sorted(METHODS) == methods.known_methods()
    assert sorted(EXPLAINERS) == explainers.known_explainers()
    for name, keys in EXPLAINERS.items():
        assert {"name", "smooth", *keys} == {*explainers.settings_of({"name": name})}
    assert "zollstock.repair.explainers.lime" in modules_of_methods([METHODS["rrr"]()])
    assert modules_of_methods([METHODS["dfr"]()]) == ["zollstock.repair.methods.dfr"]


def test_a_list_is_a_candidate_each():
    found = parsed({"against": ["fur"], "methods": {"difference": {"weight": [1, 10]}}})
    assert [one["weight"] for one in found.methods["difference"].candidates()] == [1.0, 10.0]


def test_a_method_may_be_there_twice_under_names_of_its_own():
    section = {"fast": {"method": "rrr", "explainer": "saliency"}, "rrr": None}
    found = parsed({"against": ["fur"], "methods": section}).methods
    assert [one.method for one in found.values()] == ["rrr", "rrr"]
    assert found["fast"].explainer == {"name": "saliency"}


def test_what_is_computed_on_pixels_is_for_pictures_too():
    found = parsed({"against": ["blur"]}, output="1", models={"m": DIGITS})
    assert found.against == ["blur"]


@pytest.mark.parametrize(
    ("repair", "message"),
    [
        ({}, r"repair\.against"),
        ({"against": []}, r"repair\.against"),
        ({"against": ["fru"]}, r"repair\.against: names 'fru'.*Did you mean 'fur'"),
        ({"against": ["both"]}, r"repair\.against: names 'both'.*no grid"),
        ({"against": ["edited"]}, r"repair\.against: names 'edited'.*from an editor"),
        ({"against": ["part"]}, r"repair\.against: names 'part'.*files that belong"),
        ({"against": ["fur", "fur"]}, r"repair.*against must differ"),
        ({"against": ["fur"], "keep": ["bakground"]}, r"repair\.keep: names 'bakground'"),
        ({"against": ["fur"], "methods": {"dfr": {"against": []}}}, r"methods\.dfr\.against"),
        (
            {"against": ["fur"], "methods": {"dfr": {"against": ["blur"]}}},
            r"methods\.dfr\.against names 'blur', which is not in against: fur",
        ),
        ({"against": ["fur"], "methods": {"dfr": {"against": ["fur"] * 2}}}, r"must differ"),
        ({"against": ["fur"], "models": ["n"]}, r"repair\.models: names 'n'"),
        ({"against": ["fur"], "methods": {}}, r"repair\.methods"),
        ({"against": ["fur"], "methods": {"dffr": {}}}, r"'dffr' is no method.*mean 'dfr'"),
        ({"against": ["fur"], "methods": {"dfr": {"onn": "x"}}}, r"methods\.dfr\.onn.*mean 'on'"),
        ({"against": ["fur"], "methods": {"dfr": {}, "DFR": {"method": "dfr"}}}, r"must differ"),
        ({"against": ["fur"], "methods": {"difference": {"weight": 0}}}, r"weight"),
        ({"against": ["fur"], "methods": {"difference": {"weight": [1, 1]}}}, r"weight must diff"),
        ({"against": ["fur"], "methods": {"rrr": {"explainer": "salience"}}}, r"mean 'saliency'"),
        (
            {"against": ["fur"], "methods": {"rrr": {"explainer": {"name": "lime", "n": 1}}}},
            r"explainer lime has no 'n'",
        ),
        ({"against": ["fur"], "images": 32, "paths": 64}, r"64 is more than 32"),
        ({"against": ["fur"], "tolerance": 1}, r"repair\.tolerance"),
        ({"against": ["blur"], "methods": {"group_dro": {}}}, r"group_dro: asks what.*'blur'"),
        ({"against": ["blur"], "methods": {"dfr": {"on": "groups"}}}, r"methods\.dfr: asks"),
    ],
)
def test_what_is_refused(repair, message):
    with pytest.raises(ZollstockError, match=f"(?s){message}"):
        parsed(repair)


def test_what_the_rest_of_the_study_does_not_allow():
    fur = {"against": ["fur"]}
    with pytest.raises(ZollstockError, match=r"repair: is set beside scoring\.output: vector"):
        parsed(fur, output="vector")
    with pytest.raises(ZollstockError, match=r"repair: is set beside placebos\.stop_after"):
        parsed(fur, placebos={"stop_after": 2})
    with pytest.raises(ZollstockError, match=r"repair\.models: 'm' is trained on digits"):
        parsed(fur, output="1", models={"m": DIGITS})
    with pytest.raises(ZollstockError, match=r"names 'o', which is not trained here"):
        parsed(fur | {"models": ["o"]}, models={"m": DRAWN, "o": ONNX})
    with pytest.raises(ZollstockError, match=r"repair\.models: finds no model"):
        parsed(fur, models={"o": ONNX})


def rrr(wanted):
    return {"against": ["fur"], "methods": {"rrr": {"wanted": wanted}}}


def test_where_a_model_may_look_is_spelled_in_a_word_or_two(tmp_path):
    (tmp_path / "a.png").touch()

    def looks(wanted):
        return parsed(rrr(wanted)).methods["rrr"].wanted.model_dump()

    assert looks("frames") == {"source": "frames"} == looks({"source": "frames"})
    painted = {"source": "painted", "folder": str(tmp_path), "least": 8}
    assert looks({"painted": str(tmp_path)}) == painted
    assert looks({"painted": {"folder": str(tmp_path), "least": 2}}) == painted | {"least": 2}
    assert looks({"masks": str(tmp_path)})["white"] == "may"
    drawn = looks({"drawn": {"all_but": ["background", "tail"]}})
    assert drawn["all_but"] == ["background", "tail"] and drawn["only"] is None


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("frame", r"one source is meant.*mean 'frames'"),
        ({"masks": "a", "painted": "b"}, r"one source is meant"),
        ({}, r"one source is meant"),
        ("painted", r"rrr\.wanted: is missing"),
        ({"painted": "nowhere"}, r"wanted\.folder: is 'nowhere', which is no folder"),
        ({"masks": "EMPTY"}, r"which holds no file"),
        ({"masks": {"folder": "EMPTY", "white": "yes"}}, r"white"),
        ({"drawn": {"only": ["furr"]}}, r"wanted: pets: .*Did you mean 'fur'"),
        ({"drawn": {}}, r"one of only and all_but"),
        ({"drawn": {"only": ["fur"], "all_but": ["tail"]}}, r"one of only and all_but"),
        ({"clickme": "EMPTY"}, r"10images\.pt.*is missing"),
    ],
)
def test_where_a_model_may_look_is_checked_at_the_start(wanted, message, tmp_path):
    text = json.loads(json.dumps(wanted).replace("EMPTY", str(tmp_path)))
    with pytest.raises(ZollstockError, match=f"(?s){message}"):
        parsed(rrr(text))


def test_maps_fit_what_a_model_is_trained_on(tmp_path):
    section = {"against": ["blur"], "methods": {"rrr": {"wanted": {"drawn": {"only": ["fur"]}}}}}
    with pytest.raises(ZollstockError, match=r"is 'drawn', and a model is trained on digits"):
        parsed(section, output="1", models={"m": DIGITS})
    for kind in ("images", "labels", "exps"):
        for part in ("", "val"):
            (tmp_path / f"10{kind}{part}.pt").touch()
    with pytest.raises(ZollstockError, match=r"is 'clickme' of .* trained on unbiased"):
        parsed(rrr({"clickme": str(tmp_path)}))
