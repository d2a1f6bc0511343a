"""Maps against what is wanted: scores as ixai has them, and pictures to paint on."""

import numpy as np
import pytest
from PIL import Image
from scipy.stats import pearsonr, spearmanr

from zollstock.errors import ZollstockError
from zollstock.repair.agreement import CEILING, spearman_over_ceiling, z_scored_error
from zollstock.repair.wanted import from_masks, read_map, write_map


@pytest.fixture
def maps():
    rng = np.random.default_rng(0)
    return rng.normal(size=(3, 5, 6)), rng.normal(size=(3, 5, 6))


def test_scores_of_maps(maps):
    found, wanted = maps
    ranks = [spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(*maps, strict=True)]
    np.testing.assert_allclose(spearman_over_ceiling(*maps), np.array(ranks) / CEILING)
    np.testing.assert_allclose(spearman_over_ceiling(*maps, 1.0), ranks)
    errors = [2 - 2 * pearsonr(a.ravel(), b.ravel()).statistic for a, b in zip(*maps, strict=True)]
    np.testing.assert_allclose(z_scored_error(*maps), errors)
    np.testing.assert_allclose(z_scored_error(found, 3 * found + 1), 0, atol=1e-12)
    assert np.isnan(z_scored_error(found, 0 * wanted)).all()
    assert np.isnan(spearman_over_ceiling(found, 0 * wanted)).all()


def test_maps_that_do_not_fit(maps):
    found, wanted = maps
    for other in (wanted[:2], wanted[:, :4]):
        with pytest.raises(ZollstockError, match="as many, of equal shapes"):
            z_scored_error(found, other)
    with pytest.raises(ZollstockError, match="above 0, at most 1"):
        spearman_over_ceiling(found, wanted, 0.0)


def test_a_map_is_written_painted_and_read(tmp_path):
    values = np.array([[-1.0, 0.0, 3.0], [1.0, 1.0, -1.0]])
    file = tmp_path / "maps" / "one.png"
    write_map(values, file)
    np.testing.assert_allclose(read_map(file, 2, 3), (values + 1) / 4, atol=0.5 / 255 + 1e-7)
    painted = np.asarray(Image.open(file)).copy()
    painted[0, 0] = 255
    Image.fromarray(painted).save(file)
    assert read_map(file, 2, 3)[0, 0] == 1
    with pytest.raises(ZollstockError, match="has 2×3 pixels"):
        read_map(file, 3, 2)
    file.write_bytes(b"no picture")
    with pytest.raises(ZollstockError, match="cannot be read"):
        read_map(file, 2, 3)
    write_map(np.ones((2, 2)), file)
    assert not read_map(file, 2, 2).any()
    with pytest.raises(ZollstockError, match="finite numbers"):
        write_map([[np.nan]], file)


def test_masks_say_where_not_to_look_or_where_to():
    found = from_masks("middle 0.5", [None, None], 8, 8)
    assert found.shape == (2, 8, 8)
    assert found[0, 0, 0] == 1
    assert found[0, 4, 4] == 0
    np.testing.assert_allclose(
        from_masks("middle 0.5", [None], 8, 8, of_property=False), 1 - found[:1]
    )
