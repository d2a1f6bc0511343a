"""Maps from graphs: which methods may be named, and what the job is told of them."""

import pytest

from zollstock.entries import known_entries
from zollstock.errors import ZollstockError
from zollstock.locate import gradients
from zollstock.plan.study import Plan
from zollstock.settings import parse_study
from zollstock.settings.trace.attribution import KNOWN, AttributionSettings


def parsed(trace):
    config = {
        "study": "s",
        "images": {"source": "renderer"},
        "properties": {"fur": {"engine": "rendered", "latent": "fur_lightness"}},
        "models": {"m": {"trained_on": "unbiased"}},
        "trace": trace,
    }
    return parse_study(config, "file")


@pytest.mark.parametrize(
    ("trace", "message"),
    [
        ({"attribution": {}}, r"trace.*attribution needs graph"),
        ({"graph": {}, "attribution": {"methods": ["salency"]}}, r"methods.*mean 'saliency'"),
        # It is of paths, of which there are none here; `perturbation` needs further words.
        ({"graph": {}, "attribution": {"methods": ["property"]}}, r"'property' is no method"),
        ({"graph": {}, "attribution": {"methods": ["perturbation"]}}, r"is no method"),
        ({"graph": {}, "attribution": {"methods": ["ig", "ig"]}}, r"methods must differ"),
        ({"graph": {}, "attribution": {"images": 0}}, r"trace\.attribution\.images"),
        ({"graph": {}, "attribution": {"layer": ""}}, r"trace\.attribution\.layer"),
        ({"graph": {}, "attribution": {"layers": None}}, r"Did you mean 'layer'"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(trace, message):
    with pytest.raises(ZollstockError, match=message) as caught:
        parsed(trace)
    assert "\n" not in str(caught.value)


def test_the_job_is_told_the_methods_defaults_and_finds_their_modules():
    section = {"methods": ["ig", "lime"], "layer": "conv2"}
    tracing = Plan(parsed({"graph": {}, "attribution": section})).tracing
    told = tracing.job("m")["trace"]["attribution"]
    assert [one["name"] for one in told["methods"]] == ["ig", "lime"]
    gradient, perturbation = told["methods"]
    assert gradient["kind"] == "gradient"
    assert gradient["settings"]["name"] == "integrated_gradients"
    assert gradient["settings"]["points"] == 32
    assert perturbation["kind"] == "perturbation" and perturbation["settings"]["samples"]
    assert told["layer"] == "conv2" and told["images"] == 2
    modules = set(tracing.modules("m"))
    wanted = ("gradients.integrated_gradients", "segments.slic", "segments.quickshift")
    assert {f"zollstock.locate.{name}" for name in wanted} <= modules
    assert not {"attributions", "attribution_ranking"} & tracing.absent
    without = Plan(parsed({"graph": {}})).tracing
    assert without.job("m")["trace"]["attribution"] is None
    assert {"attributions", "attribution_ranking"} <= without.absent
    assert "zollstock.locate.segments.slic" not in without.modules("m")


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_method_has_what_the_job_needs(name):
    (told,) = AttributionSettings(methods=[name]).job_settings()["methods"]
    if told["kind"] == "gradient":
        assert told["settings"]["name"] in known_entries(gradients)
    else:
        assert set(told["settings"]) == {"segments", "masks", "samples", "fill", "attribute"}
        # There is neither another frame nor a mask to be handed in.
        assert not told["needs_frame"]
