"""Settings of the ledger: the one source of defaults, and what fits together."""

import pytest
from pydantic import ValidationError

from zollstock.errors import ZollstockError
from zollstock.ledger import METERS, Thresholds, make_meter
from zollstock.settings import parse_study
from zollstock.settings.ledger import METERS as PLANNED
from zollstock.settings.ledger import LedgerSettings, MeterSettings, check_meter
from zollstock.worlds import facts_of, known_worlds

CLIP = {"model": "folder", "source_text": "dark fur", "target_text": "light fur"}


def test_the_settings_are_the_librarys_thresholds_and_the_one_source_of_their_defaults():
    assert Thresholds(**LedgerSettings().model_dump())
    with pytest.raises(TypeError):
        Thresholds()


def test_meters_are_those_of_the_library_and_of_the_world():
    assert set(PLANNED) == set(METERS)
    for world in known_worlds():
        for name in facts_of(world).meters:
            check_meter(MeterSettings(meter=name), "properties.p", True, world)
            assert make_meter(name, world).region in facts_of(world).regions
    with pytest.raises(ZollstockError, match="Did you mean 'fur_lightness'"):
        check_meter(MeterSettings(meter="fur_lightnes"), "properties.p", True, "pets")
    with pytest.raises(ZollstockError, match="one of luminance, clip_direction"):
        check_meter(MeterSettings(meter="colour"), "properties.p", False, "pets")


def test_a_property_may_take_it_as_a_base():
    class Property(MeterSettings):
        latent: str

    made = Property(latent="fur_lightness", meter="fur_lightness", direction=1)
    assert (made.direction, made.mask, made.keeps_edges) == (1, None, True)
    with pytest.raises(ValidationError):
        Property(latent="fur_lightness", direction=0)


@pytest.mark.parametrize(
    ("settings", "drawn"),
    [
        ({}, False),
        ({"mask": "m/{image}.png"}, False),
        ({"meter": "fur_lightness"}, True),
        ({"meter": "background_brightness"}, True),
        ({"meter": "luminance", "mask": "m/{image}.png"}, False),
        ({"meter": "luminance", "mask": "m/{image}.png"}, True),
        ({"meter": "clip_direction", "clip": CLIP}, False),
        ({"meter": "clip_direction", "clip": CLIP, "mask": "m/{image}.png"}, False),
    ],
)
def test_what_fits_is_accepted(settings, drawn):
    check_meter(MeterSettings(**settings), "study.yaml: properties.fur", drawn, "pets")


@pytest.mark.parametrize(
    ("settings", "drawn", "where", "message"),
    [
        ({"meter": "fur_lightness"}, False, "meter", "a meter that works on photographs"),
        ({"meter": "fur_lightness", "mask": "m"}, True, "mask", "takes the renderer's masks"),
        ({"meter": "luminance"}, True, "mask", "is missing beside the meter 'luminance'"),
        ({"meter": "clip_direction"}, False, "clip", "is missing beside the meter"),
        ({"clip": CLIP}, False, "clip", "is set beside the meter 'null'"),
    ],
)
def test_what_does_not_fit_is_named(settings, drawn, where, message):
    with pytest.raises(ZollstockError, match=message) as raised:
        check_meter(MeterSettings(**settings), "study.yaml: properties.fur", drawn, "pets")
    assert raised.value.where == f"study.yaml: properties.fur.{where}"


def test_known_keys_of_a_shared_section_are_listed_once():
    study = {
        "study": "some",
        "images": {"source": "renderer"},
        "properties": {
            "fur": {
                "engine": "rendered",
                "latent": "fur_lightness",
                "meter": "clip_direction",
                "clip": CLIP | {"zzz": 1},
            }
        },
        "models": {"plain": {"trained_on": "unbiased"}},
    }
    with pytest.raises(ZollstockError) as raised:
        parse_study(study, "study.yaml")
    assert raised.value.where == "study.yaml: properties.fur.clip.zzz"
    assert str(raised.value).endswith("Known: model, source_text, target_text.")
