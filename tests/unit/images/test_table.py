"""The table of images."""

import numpy as np
import pytest

from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256
from zollstock.images.selection import select_rendered
from zollstock.images.table import (
    ImageRecord,
    check_drawn,
    latents_of,
    read_table,
    save_png,
    write_table,
)
from zollstock.worlds import get_world


def record(folder, name="a", **changes):
    fields = dict(id=name, label="cat", sha256="00", source="x", file=folder / f"{name}.png")
    return ImageRecord(**fields | changes)


def test_latents_come_back_to_the_bit_and_render_the_same_bytes(tmp_path):
    world = get_world("pets")
    images = select_rendered(
        world,
        n_per_class=3,
        seed=1,
        folder=tmp_path,
        distribution="unbiased",
        size=24,
        bias=0.9,
        shape_noise=0.1,
    ).images
    write_table(images, tmp_path / "images.csv")
    back = read_table(tmp_path / "images.csv", tmp_path)
    assert back == images
    for image in back:
        latents = {name: np.array([value]) for name, value in image.latents.items()}
        again = world.render(latents, size=24).frames[0]
        assert again.tobytes() == image.pixels().tobytes()


def test_latents_of_several_images_are_columns_in_their_order(tmp_path):
    images = [record(tmp_path, latents={"x": x, "y": -x}) for x in (0.5, 0.25)]
    found = latents_of(images)
    assert {name: column.tolist() for name, column in found.items()} == {
        "x": [0.5, 0.25],
        "y": [-0.5, -0.25],
    }


def test_a_photograph_among_drawn_images_is_named(tmp_path):
    drawn, photo = record(tmp_path, "a", latents={"x": 0.0}), record(tmp_path, "b")
    check_drawn([drawn], "hint")
    with pytest.raises(ZollstockError, match=r"image b: has no latents.*hint"):
        check_drawn([drawn, photo], "hint")


@pytest.mark.parametrize("value", [1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 0.1 + 0.2])
def test_any_float_comes_back_to_the_bit(tmp_path, value):
    write_table([record(tmp_path, latents={"v": value})], tmp_path / "t.csv")
    (back,) = read_table(tmp_path / "t.csv", tmp_path)
    assert np.float64(back.latents["v"]).tobytes() == np.float64(value).tobytes()


def test_texts_come_back_as_texts(tmp_path):
    records = [
        record(tmp_path, "007", label="NA", sha256="1e5", source='a "b", c'),
        record(tmp_path, "1.50", label="Katze 猫", sha256="inf", source=""),
    ]
    write_table(records, tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv", tmp_path) == records


def test_files_are_found_where_the_pixels_lie_now(tmp_path):
    write_table([record(tmp_path / "before")], tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv", tmp_path / "now")[0].file == tmp_path / "now" / "a.png"


def test_a_table_without_its_columns_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("id,label,file\na,cat,a.png\n")
    with pytest.raises(ZollstockError, match="has no column sha256, source"):
        read_table(tmp_path / "t.csv", tmp_path)


def test_png_is_lossless_and_makes_its_folder(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    image = record(tmp_path / "new", sha256=pixel_sha256(pixels))
    save_png(pixels, image.file)
    np.testing.assert_array_equal(image.pixels(), pixels)


@pytest.mark.parametrize("harm", ["lost", "cut off", "another's", "one pixel", "no picture"])
def test_pixels_that_were_not_chosen_are_named(tmp_path, harm):
    rng = np.random.default_rng(0)
    pixels, others = rng.integers(0, 256, (2, 9, 7, 3), dtype=np.uint8)
    image = record(tmp_path, sha256=pixel_sha256(pixels))
    save_png(pixels, image.file)
    np.testing.assert_array_equal(image.pixels(), pixels)
    if harm == "lost":
        image.file.unlink()
    elif harm == "cut off":
        image.file.write_bytes(image.file.read_bytes()[:80])
    elif harm == "no picture":
        image.file.write_text("text")
    else:
        if harm == "one pixel":
            others = pixels.copy()
            others[0, 0, 0] ^= 1
        save_png(others, image.file)
    found = "is missing" if harm == "lost" else "differs from the picture that was chosen"
    with pytest.raises(ZollstockError, match=rf"a\.png: {found}.*--forcerun select_images"):
        image.pixels()


def test_a_table_that_was_cut_off_is_noticed(tmp_path):
    records = [record(tmp_path, name) for name in "abc"]
    for number, one in enumerate(records):
        save_png(np.full((4, 4, 3), number, np.uint8), one.file)
    table = tmp_path / "images.csv"
    write_table(records, table)
    assert read_table(table, tmp_path) == records
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(ZollstockError, match=r"images\.csv: does not speak of c\.png.*select_im"):
        read_table(table, tmp_path)
