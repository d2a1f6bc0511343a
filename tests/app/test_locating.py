"""Methods that are put together on the page are those of a study."""

from itertools import product

import pytest

from zollstock.app.locating import (
    ATTRIBUTERS,
    BY_NAME,
    FILLS,
    SAMPLERS,
    SEGMENTERS,
    maps_of,
    own_method,
)
from zollstock.errors import ZollstockError
from zollstock.settings.locate.section import LocateSettings


@pytest.mark.parametrize(("segmenter", "sampler"), list(product(SEGMENTERS, SAMPLERS)))
def test_every_combination_is_one_of_the_settings(segmenter, sampler):
    for fill, attribute in product(FILLS, ATTRIBUTERS):
        given = own_method(segmenter, 30, sampler, 200, fill, attribute)
        assert LocateSettings(methods={"own": given}).methods["own"].plain()


def test_every_name_is_a_method():
    assert set(LocateSettings(methods={name: {} for name in BY_NAME}).methods) == set(BY_NAME)


def test_without_an_explanation_or_a_method_it_says_so():
    with pytest.raises(ZollstockError, match="Explain first"):
        maps_of(None, {"gradcam": {}})
    with pytest.raises(ZollstockError, match="Choose some"):
        maps_of(object(), {})
