"""Where a property is, from its meter or from its latent."""

import numpy as np
import pytest

from zollstock.images.geometry import Geometry
from zollstock.images.table import ImageRecord
from zollstock.locate.places import property_mask
from zollstock.settings.ledger import MeterSettings
from zollstock.worlds import get_world

WHERE = {"world": "lesions", "size": (48, 48), "geometry": Geometry()}


@pytest.fixture(scope="module")
def bare():
    """A lesion without a patch, and its latents."""
    world = get_world("lesions")
    latents = world.sample(np.array([1]), np.array([5], np.uint64), "clean")
    values = {name: float(column[0]) for name, column in latents.items()}
    return ImageRecord("mole", "melanoma", "sha", "lesions", None, values), latents


def metered(meter=None, **more):
    return {
        "meter": MeterSettings(meter=meter).model_dump(),
        "fit": "crop",
        "outside": False,
    } | more


def test_a_patch_that_is_not_there_yet_is_where_it_will_be(bare):
    record, latents = bare
    world = get_world("lesions")
    shown = world.render(world.do(latents, "patch", [1.0]), 48).regions["patch"][0]
    assert shown.max() > 0.5
    assert world.render(latents, 48).regions["patch"].max() == 0
    for ends in ([0.0, 1.0], [1.0, 0.0]):
        told = metered(latent={"name": "patch", "ends": ends})
        np.testing.assert_array_equal(property_mask(record, told, **WHERE), shown)


def test_what_grows_is_where_it_is_at_either_end(bare):
    record, latents = bare
    world = get_world("lesions")
    told = metered(latent={"name": "malignancy", "ends": [0.0, 1.0]})
    ends = [
        world.render(world.do(latents, "malignancy", [end]), 48).regions["lesion"][0]
        for end in (0.0, 1.0)
    ]
    np.testing.assert_array_equal(property_mask(record, told, **WHERE), np.maximum(*ends))


def test_a_meter_has_its_own_region_and_other_latents_have_none(bare):
    record, latents = bare
    found = property_mask(record, metered("pigment"), **WHERE)
    np.testing.assert_array_equal(
        found, get_world("lesions").render(latents, 48).regions["lesion"][0]
    )
    for told in (metered(), metered(latent={"name": "noise_angle", "ends": [0.0, 1.0]})):
        assert property_mask(record, told, **WHERE) is None
    told = metered(latent={"name": "patch", "ends": [0.0, 1.0]})
    photograph = ImageRecord("photo", "nevus", "sha", "folder", None, {})
    assert property_mask(photograph, told, **WHERE) is None
    assert property_mask(record, told, **WHERE | {"size": (48, 40)}) is None
