"""What the section `locate` says that the rest of the study cannot give is refused at the start."""

import pytest

from zollstock.errors import ZollstockError
from zollstock.settings import parse_study

OWN = {"samples": {"random": 0.5, "number": 10}, "fill": "mean", "attribute": "rise"}


def parsed(locate, images=None, output="dog"):
    config = {
        "study": "s",
        "images": images or {"source": "renderer"},
        "properties": {
            "fur": {"engine": "rendered", "latent": "fur_lightness"},
            "noise": {"engine": "rendered", "latent": "noise_angle", "placebo": True},
        },
        "models": {"m": {"trained_on": "unbiased"}},
        "scoring": {"output": output},
        "locate": locate,
    }
    return parse_study(config, "file")


def grid(**changes):
    given = {"segments": [{"grid": [2, 2]}], "samples": [{"single": "kept"}], "fill": ["mean"]}
    return {"grid": given | {"attribute": ["rise"]} | changes}


def own(**changes):
    return {"methods": {"mine": OWN | {"segments": {"grid": [2, 2]}} | changes}}


@pytest.mark.parametrize(
    ("locate", "message"),
    [
        ({"properties": ["fut"]}, r"locate\.properties: names 'fut'.*Did you mean 'fur'"),
        ({"properties": ["noise"]}, r"locate\.properties: names 'noise'"),
        ({"properties": []}, r"locate\.properties: leaves no property"),
        ({"images": 0}, r"locate\.images"),
        ({"images": -3}, r"locate\.images"),
        (own(fill={"picture": {"image": "a", "number": 2}}), r"methods\.mine.*no number beside"),
        (grid(segments=[{"mask": "fut"}]), r"locate\.grid\.segments\.mask: names 'fut'"),
        (own(fill={"path": "noise"}), r"methods\.mine\.fill\.path: names 'noise'"),
        (own(segments={"mask": "fut"}), r"methods\.mine\.segments\.mask: names 'fut'"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(locate, message):
    with pytest.raises(ZollstockError, match=message):
        parsed(locate)


def test_a_vector_has_no_gradients():
    with pytest.raises(ZollstockError, match=r"locate: is set beside scoring\.output: vector"):
        parsed({}, output="vector")
    assert parsed({}, output=["dog", "vector"]).locate


@pytest.mark.parametrize(
    "locate",
    [
        {},
        own(fill={"path": "fur"}),
        own(segments={"mask": "fur"}),
        own(segments={"parts": {}}),
        own(segments={"labels": "x/{image}.png"}),
        own(fill="picture"),
        own(fill={"picture": "dog-3"}),
        grid(fill=[{"picture": {"number": 4}}, "path"], segments=[{"labels": "x"}, {"parts": {}}]),
    ],
)
def test_what_can_be_is_taken(locate):
    assert parsed(locate).locate
