"""What is laid over a photograph, where, and how."""

import numpy as np
import pytest
from PIL import Image

from zollstock.engines import engine_for
from zollstock.engines.pixels.layers import layer_of_file, layer_of_text
from zollstock.errors import ZollstockError
from zollstock.images.table import save_png

AXIS = {"start": 0, "stop": 1, "steps": 5}


@pytest.fixture
def patch(tmp_path):
    """A blue square, half of it transparent."""
    pixels = np.zeros((20, 40, 4), np.uint8)
    pixels[:, :20] = [10, 20, 200, 255]
    Image.fromarray(pixels).save(tmp_path / "patch.png")
    return str(tmp_path / "patch.png")


def overlay(**changes):
    return engine_for({"engine": "overlay"} | AXIS | changes)


def covered(engine, image, seed=7):
    """Return path and where it covers the picture, (H, W)."""
    path = engine.path(image, seed, lambda done: None)
    return path, (path.frames[-1] != path.unedited).any(axis=2)


def centre(where):
    y, x = np.nonzero(where)
    return (x.min() + x.max() + 1) / 2, (y.min() + y.max() + 1) / 2


def test_a_patch_covers_by_degrees_what_it_is_opaque_on(photo, patch):
    path, where = covered(overlay(picture=patch, width=0.4), photo())
    assert where.sum() == pytest.approx(10 * 10, abs=25)
    solid = path.frames[-1][17:23, 17:22]
    np.testing.assert_array_equal(solid, np.broadcast_to([10, 20, 200], solid.shape))
    middle = (path.unedited.astype(float) + path.frames[-1]) / 2
    assert np.abs(path.frames[2] - middle).max() <= 0.5
    assert (path.frames[:, :, 28:] == path.unedited[:, 28:]).all()


def test_modes_darken_and_lighten(photo, patch):
    ends = {
        mode: covered(overlay(picture=patch, width=0.4, mode=mode), photo())[0]
        for mode in ("normal", "multiply", "screen")
    }
    at = (slice(17, 23), slice(17, 22))
    below = ends["normal"].unedited[at].astype(float)
    layer = np.array([10, 20, 200])
    np.testing.assert_array_equal(ends["multiply"].frames[-1][at], np.rint(below * layer / 255))
    screened = 255 - (255 - below) * (255 - layer) / 255
    assert np.abs(ends["screen"].frames[-1][at] - screened).max() <= 0.51
    with_text = covered(overlay(text="A", mode="multiply"), photo())
    assert not with_text[1].any()  # white ink


def test_place_size_and_turn_are_as_asked(photo, tmp_path):
    square = str(tmp_path / "square.png")
    save_png(np.full((10, 10, 3), 255, np.uint8), tmp_path / "square.png")
    image = photo("big", 100, 200)
    _, where = covered(overlay(picture=square, width=0.1, position=[0.25, 0.7]), image)
    assert where.sum() == 20 * 20 and centre(where) == (50, 70)
    _, turned = covered(overlay(picture=square, width=0.1, rotation=45.0), image)
    assert centre(turned) == pytest.approx((100, 50), abs=1)
    assert turned.any(axis=0).sum() == pytest.approx(28, abs=2)
    assert turned.sum() == pytest.approx(400, abs=70)


def test_random_places_lie_inside_and_hang_on_the_seed_alone(photo, patch):
    settings = {"picture": patch, "position": "random", "width": [0.1, 0.5], "rotation": [-90, 90]}
    image, other = photo("big", 120, 90), photo("other", 120, 90, 2)
    places = []
    for seed in range(40):
        engine = overlay(**settings)
        layer = engine.layer(image, seed)
        assert not np.concatenate([layer[0, :, 3], layer[-1, :, 3]]).any()
        assert not np.concatenate([layer[:, 0, 3], layer[:, -1, 3]]).any()
        np.testing.assert_array_equal(layer, overlay(**settings).layer(other, seed))
        places.append(engine.place(image, seed, (20, 40)))
    widths = [place.width for place in places]
    assert min(widths) >= 0.1 and max(widths) <= 0.5 and len(set(widths)) == 40
    assert np.ptp([place.x for place in places]) > 0.4


def test_places_come_from_a_table(photo, patch, tmp_path):
    table = tmp_path / "places.csv"
    table.write_text("image;x;y;width\ndog;0,25;0.75;0.2\ncat;0.5;0.5;\n")
    engine = overlay(picture=patch, places=str(table), width=0.3, rotation=10)
    assert engine.place(photo("dog"), 1) == (0.25, 0.75, 0.2, 10)
    assert engine.place(photo("cat"), 1) == (0.5, 0.5, 0.3, 10)
    before = engine.inputs(photo("dog"))
    table.write_text("image;x;y\ndog;0.3;0.75\ncat;up;0.5\n")
    assert engine.inputs(photo("dog")) != before
    with pytest.raises(ZollstockError, match=r"csv, line 3: x is 'up'; expected a share"):
        engine.shape([photo("dog"), photo("cat")])
    with pytest.raises(ZollstockError, match="names the image 'mug' 0 times"):
        engine.shape([photo("mug")])


def test_a_mask_keeps_the_overlay_to_its_side(photo, patch, half):
    _, where = covered(overlay(picture=patch, width=2.0, mask=half("dog")), photo())
    assert where[:, :25].any() and not where[:, 25:].any()


def test_an_overlay_that_cannot_be_seen_is_an_error(photo, patch):
    with pytest.raises(ZollstockError, match="shows nothing of the overlay"):
        covered(overlay(picture=patch, width=0.1, position=[3.0, 0.5]), photo())


def test_a_text_is_as_wide_as_asked_in_its_colour():
    layer = layer_of_text("Sample\ntext", 120, [9, 8, 7])
    assert abs(layer.shape[1] - 120) <= 3
    assert (layer[..., :3] == [9, 8, 7]).all()
    ink = layer[..., 3] > 128
    # It is whole: ink on all four sides, and in both lines.
    assert ink[:3].any() and ink[-3:].any() and ink[:, :4].any() and ink[:, -4:].any()
    assert layer.shape[0] > layer_of_text("Sample", 120, [9, 8, 7]).shape[0]
    assert layer_of_text("i", 1, [0, 0, 0]).shape[0] >= 1


def test_letters_that_the_font_lacks_are_named(tmp_path):
    with pytest.raises(ZollstockError, match="has the letters '捷径', which the font does not"):
        layer_of_text("a捷径", 50, [0, 0, 0])
    (tmp_path / "no.ttf").write_text("none")
    with pytest.raises(ZollstockError, match="cannot be read as a font"):
        layer_of_text("a", 50, [0, 0, 0], str(tmp_path / "no.ttf"))


def test_a_missing_or_broken_picture_is_named(photo, tmp_path):
    with pytest.raises(ZollstockError, match="cannot be read as the picture"):
        overlay(picture=str(tmp_path / "none.png")).shape([photo()])
    (tmp_path / "broken.png").write_text("no picture")
    with pytest.raises(ZollstockError, match="cannot be read as the picture"):
        layer_of_file(tmp_path / "broken.png", 10)


def test_a_changed_layer_is_another_input(photo, patch):
    before = overlay(picture=patch).inputs(photo())
    save_png(np.zeros((5, 5, 3), np.uint8), photo().file.parent.parent / "patch.png")
    assert overlay(picture=patch).inputs(photo()) != before
