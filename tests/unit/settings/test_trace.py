"""What the section `trace` says that the rest of the study cannot give is refused at the start."""

import pytest

from zollstock.errors import ZollstockError
from zollstock.settings import parse_study

TORCH = {"trained_on": "unbiased"}


def parsed(trace, output="dog", models=None):
    config = {
        "study": "s",
        "images": {"source": "renderer"},
        "properties": {
            "fur": {"engine": "rendered", "latent": "fur_lightness"},
            "noise": {"engine": "rendered", "latent": "noise_angle", "placebo": True},
        },
        "models": models or {"m": TORCH},
        "scoring": {"output": output},
        "trace": trace,
    }
    return parse_study(config, "file")


@pytest.mark.parametrize(
    ("trace", "message"),
    [
        ({"properties": ["fut"]}, r"trace\.properties: names 'fut'.*Did you mean 'fur'"),
        ({"properties": ["noise"]}, r"trace\.properties: names 'noise'"),
        ({"properties": []}, r"trace\.properties: leaves no property"),
        ({"properties": ["fur", "fur"]}, r"trace.*properties must differ"),
        ({"graph": {"classes": ["dgo"]}}, r"trace\.graph\.classes: names 'dgo'.*mean 'dog'"),
        ({"graph": {"classes": ["cat", "cat"]}}, r"trace\.graph.*classes must differ"),
        ({"graph": {"intervention": "shrink"}}, r"trace\.graph.*shrink with strength 0"),
        ({"graph": {"intervention": "swapped"}}, r"trace\.graph\.intervention"),
        ({"graph": {"images": 1}}, r"trace\.graph\.images"),
        ({"stability": {}}, r"trace.*stability needs graph"),
        ({"graph": {}, "stability": {"strengths": [0.1, 0.1]}}, r"stability.*strengths must diff"),
        ({"graph": {}, "stability": {"strengths": []}}, r"trace\.stability\.strengths"),
        ({"graph": {}, "stability": {"repeats": 1}}, r"trace\.stability\.repeats"),
        ({"images": 0}, r"trace\.images"),
        ({"frames": 1}, r"trace\.frames"),
        ({"units": []}, r"trace\.units"),
        ({"units": ["channels", "channels"]}, r"trace.*units must differ"),
        ({"units": ["chanels"]}, r"trace\.units.*chanels"),
        ({"mediation": {"sizes": [0.1, 0.1]}}, r"trace\.mediation.*sizes must differ"),
        ({"mediation": {"sizes": [0]}}, r"trace\.mediation\.sizes"),
        ({"mediation": {"sizes": [1.5]}}, r"trace\.mediation\.sizes"),
        ({"mediation": {"method": "gradcam"}}, r"trace\.mediation\.method"),
        ({"conductance": {"tolerance": 0}}, r"trace\.conductance\.tolerance"),
        ({"conductence": {}}, r"trace\.conductence.*Did you mean 'conductance'"),
        ({"graph": {"rules": "paired"}}, r"trace\.graph\.rules.*Did you mean 'rule'"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(trace, message):
    with pytest.raises(ZollstockError, match=message) as caught:
        parsed(trace)
    assert "\n" not in str(caught.value)


def test_a_vector_has_no_gradients():
    with pytest.raises(ZollstockError, match=r"trace: is set beside scoring\.output: vector"):
        parsed({}, output="vector")
    assert parsed({}, output=["dog", "vector"]).trace


def test_a_study_of_models_outside_of_torch_has_nothing_to_look_into():
    onnx = {"family": "onnx", "weights": "m.onnx", "classes": ["cat", "dog"]}
    with pytest.raises(ZollstockError, match=r"trace: finds no model with layers to look into"):
        parsed({}, models={"o": onnx})
    # One that torch runs is enough; the other one is left out.
    assert parsed({}, models={"o": onnx, "m": TORCH}).trace


@pytest.mark.parametrize(
    "trace",
    [
        {},
        {"images": "all", "mediation": None},
        {"graph": {"classes": ["cat"]}, "stability": {}},
        {"graph": {"intervention": "shrink", "strength": 0.5}},
        {"units": ["heads", "tokens"], "mediation": {"of": "edges"}},
        {"properties": ["fur"], "conductance": {"confirm": 0}},
    ],
)
def test_what_can_be_is_taken(trace):
    assert parsed(trace).trace
