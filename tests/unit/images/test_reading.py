"""Every odd file has a defined outcome."""

import io
import struct
import sys
import zlib
from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageFile

from zollstock.images.formats import add_reader
from zollstock.images.reading import UnusableImage, pixel_sha256, read_picture, read_rgb

RGB = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3) * 3
WHITE = np.full(3, 255)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "picture.png"


def write_png(path, width, height, bits, colour_type, data):
    """Write a PNG that Pillow cannot write; `data` is big-endian bytes, row by row."""
    row = len(data) // height
    raw = b"".join(b"\0" + data[i * row : (i + 1) * row] for i in range(height))

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(raw))
        + chunk(b"IEND", b"")
    )


def test_plain_rgb_is_read_as_it_is(file):
    Image.fromarray(RGB).save(file)
    found = read_rgb(file)
    assert found.dtype == np.uint8
    assert found.flags.writeable
    np.testing.assert_array_equal(found, RGB)


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, RGB),
        (2, RGB[:, ::-1]),
        (3, RGB[::-1, ::-1]),
        (4, RGB[::-1]),
        (5, RGB.transpose(1, 0, 2)),
        (6, np.rot90(RGB, -1)),
        (7, RGB[::-1, ::-1].transpose(1, 0, 2)),
        (8, np.rot90(RGB)),
    ],
)
def test_exif_orientation_is_applied(file, orientation, upright):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(RGB).save(file, exif=exif)
    np.testing.assert_array_equal(read_rgb(file), upright)


def test_cmyk_jpeg_becomes_rgb(tmp_path):
    file = tmp_path / "cmyk.jpg"
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(file, quality=100)
    np.testing.assert_allclose(read_rgb(file).mean((0, 1)), [255, 0, 0], atol=3)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bit_grey_is_scaled_exactly(tmp_path, suffix):
    values = np.arange(256, dtype=np.uint16).reshape(16, 16) * 257
    assert (values[0, 0], values[-1, -1]) == (0, 65535)
    file = tmp_path / f"grey.{suffix}"
    Image.fromarray(values).save(file)
    found = read_rgb(file)
    assert found.shape == (16, 16, 3)
    np.testing.assert_array_equal(found, np.arange(256).reshape(16, 16, 1).repeat(3, 2))


def test_sixteen_bit_grey_is_rounded_to_the_nearest(file):
    Image.fromarray(np.array([[128, 129, 65406, 65407]], np.uint16)).save(file)
    np.testing.assert_array_equal(read_rgb(file)[0, :, 0], [0, 1, 254, 255])


def test_sixteen_bit_rgb_keeps_its_high_byte(file):
    values = np.array([[[0, 257 * 7, 65535], [257 * 100, 257 * 200, 257]]], ">u2")
    write_png(file, 2, 1, 16, 2, values.tobytes())
    np.testing.assert_array_equal(read_rgb(file), [[[0, 7, 255], [100, 200, 1]]])


def test_palette_with_transparency_lies_on_white(file):
    image = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    image.putpalette([10, 20, 30, 200, 100, 0])
    image.save(file, transparency=0)
    np.testing.assert_array_equal(read_rgb(file), [[WHITE, [200, 100, 0]]])


@pytest.mark.parametrize(
    ("mode", "pixel", "expected"),
    [
        ("RGBA", (10, 20, 30, 255), (10, 20, 30)),
        ("RGBA", (10, 20, 30, 0), (255, 255, 255)),
        ("RGBA", (0, 100, 200, 51), (204, 224, 244)),  # 0.2 of the colour, 0.8 of white
        ("LA", (100, 255), (100, 100, 100)),
        ("LA", (0, 51), (204, 204, 204)),
        ("L", 77, (77, 77, 77)),
        ("1", 1, (255, 255, 255)),
        ("1", 0, (0, 0, 0)),
    ],
)
def test_grey_and_transparent_modes(file, mode, pixel, expected):
    Image.new(mode, (3, 2), pixel).save(file)
    found = read_rgb(file)
    assert found.shape == (2, 3, 3)
    np.testing.assert_array_equal(found, np.broadcast_to(expected, found.shape))


def test_of_an_animation_the_first_frame_is_taken(tmp_path):
    file = tmp_path / "moving.gif"
    first, *others = [Image.new("RGB", (4, 4), colour) for colour in ("red", "lime", "blue")]
    first.save(file, save_all=True, append_images=others)
    np.testing.assert_array_equal(read_rgb(file)[0, 0], [255, 0, 0])


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.array([[1, np.nan]], np.float32), "floating-point pixels that are NaN"),
        (np.array([[-0.5, 1]], np.float32), "values from -0.5 to 1 are beyond"),
        (np.array([[0, 1e6]], np.float32), "values from 0 to 1e\\+06 are beyond"),
        (np.array([[0, 70000]], np.int32), "values from 0 to 70000 are beyond 16 bits"),
        (np.array([[-1, 5]], np.int32), "values from -1 to 5 are beyond 16 bits"),
    ],
)
def test_values_of_unknown_range_are_refused(tmp_path, values, reason):
    Image.fromarray(values).save(tmp_path / "odd.tif")
    with pytest.raises(UnusableImage, match=reason):
        read_rgb(tmp_path / "odd.tif")


ALL_8 = np.arange(256).reshape(16, 16)


@pytest.mark.parametrize(
    ("values", "white"),
    [
        (ALL_8.astype(np.float32), 255),
        (ALL_8.astype(np.int32), 255),
        (ALL_8.astype(np.uint16), 255),
        ((ALL_8 / 255).astype(np.float32), 1),
        (np.clip(ALL_8 / 255, 0, None).astype(np.float32) * np.float32(1.0000001), 1),
        ((ALL_8 * (1023 / 255)).round().astype(np.uint16), 1023),
        ((ALL_8 * (4095 / 255)).round().astype(np.uint16), 4095),
        ((ALL_8 * (4095 / 255)).astype(np.float32), 4095),
        ((ALL_8 * (16383 / 255)).round().astype(np.int32), 16383),
        ((ALL_8 * 257).astype(np.uint16), 65535),
        ((ALL_8 * 257).astype(np.float32), 65535),
    ],
)
def test_white_is_what_the_values_reach_for(tmp_path, values, white):
    file = tmp_path / "deep.tif"
    Image.fromarray(values).save(file)
    found = read_picture(file)
    np.testing.assert_array_equal(found.pixels, np.stack([ALL_8] * 3, axis=2))
    assert found.white == white
    assert found.scaled == ("" if white == 65535 else f"{white} is taken for white")
    # Where it is known, as in a series, it is taken.
    dark = read_rgb(file, white=65535).astype(float)
    np.testing.assert_allclose(dark, np.round(values / 257.0)[..., None].repeat(3, 2))


def test_a_tiff_of_twelve_bits_says_so(tmp_path):
    """Two pixels a row in three bytes, none of them bright."""
    file = tmp_path / "twelve.tif"
    data = bytes([0x01, 0x00, 0x20, 0x03, 0x00, 0x40])  # 16, 32; 48, 64
    tags = {256: 2, 257: 2, 258: 12, 259: 1, 262: 1, 273: 8, 277: 1, 278: 2, 279: len(data)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    head = struct.pack("<2sHI", b"II", 42, 8 + len(data))
    file.write_bytes(head + data + struct.pack("<H", len(tags)) + entries + bytes(4))
    assert read_picture(file).white == 4095
    np.testing.assert_array_equal(
        read_rgb(file)[..., 0], np.round(np.array([[16, 32], [48, 64]]) / 4095 * 255)
    )


@pytest.mark.parametrize("ending", ["png", "jp2", "pgm"])
def test_formats_that_say_their_range_are_taken_at_their_word(tmp_path, ending):
    """A dark picture stays dark."""
    file = tmp_path / f"dark.{ending}"
    values = (ALL_8 * 16).astype(np.uint16)
    if ending == "pgm":
        file.write_bytes(b"P5 16 16 65535\n" + values.astype(">u2").tobytes())
    else:
        Image.fromarray(values).save(file)
    found = read_picture(file)
    assert (found.white, found.scaled) == (None, "")
    np.testing.assert_array_equal(found.pixels[..., 0], np.round(values / 257))


@pytest.mark.parametrize(("factor", "usable"), [(257, True), (4095 / 255, False), (64, False)])
def test_16_bit_colour_of_a_few_bits_is_refused_with_the_way_out(tmp_path, factor, usable):
    file = tmp_path / "colour.tif"
    values = (ALL_8[..., None].repeat(3, 2) * factor).astype(np.uint16)
    tifffile.imwrite(file, values, photometric="rgb")
    if usable:
        np.testing.assert_array_equal(read_rgb(file), ALL_8[..., None].repeat(3, 2))
    else:
        with pytest.raises(UnusableImage, match=r"16-bit colour.*scale it to the full range"):
            read_rgb(file)


def odd_exif(file):
    """Orientation 6, and a resolution of -1/0, which Pillow cannot write again."""
    entries = struct.pack("<HHII", 0x0112, 3, 1, 6) + struct.pack("<HHII", 0x011A, 10, 1, 38)
    block = b"II*\0" + struct.pack("<IH", 8, 2) + entries + bytes(4) + struct.pack("<ii", -1, 0)
    Image.fromarray(RGB).save(file, "jpeg", exif=b"Exif\0\0" + block)


def cut_profile(file):
    Image.fromarray(RGB).save(file, "png", icc_profile=b"\0\0\x02\x00short")


def odd_tags(file):
    Image.fromarray(RGB).save(file, "tiff", tiffinfo={270: "words"})
    content = bytearray(file.read_bytes())
    place = content.index(struct.pack("<HH", 258, 3))
    content[place : place + 4] = struct.pack("<HH", 258, 12)
    file.write_bytes(content)


def no_size(file):
    Image.fromarray(RGB).save(file, "gif")
    content = bytearray(file.read_bytes())
    content[6:10] = bytes(4)
    file.write_bytes(content)


@pytest.mark.parametrize("make", [odd_exif, cut_profile, odd_tags, no_size])
def test_whatever_is_odd_about_a_file_is_that_files_affair(tmp_path, make):
    """It is read, or refused with a reason of one line; nothing else is raised."""
    file = tmp_path / "odd"
    make(file)
    try:
        assert read_rgb(file).shape in {(4, 6, 3), (6, 4, 3)}
    except UnusableImage as reason:
        assert str(reason)
        assert "\n" not in str(reason)


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("1/0"), TypeError(), RecursionError("deep"), MemoryError()]
)
def test_whatever_a_decoder_raises_is_the_files_fault(file, monkeypatch, error):
    Image.fromarray(RGB).save(file)

    def fail(*given):
        raise error

    monkeypatch.setattr("zollstock.images.reading.ImageOps.exif_transpose", fail)
    with pytest.raises(UnusableImage):
        read_rgb(file)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "tif", "bmp", "webp", "jp2", "pgm"])
def test_flipped_bytes_raise_nothing_but_a_reason(tmp_path, suffix):
    rng = np.random.default_rng(0)
    file = tmp_path / f"flipped.{suffix}"
    exif = Image.Exif()
    exif[0x0112], exif[0x011A] = 6, 72.0
    picture = Image.fromarray(RGB).convert("L") if suffix == "pgm" else Image.fromarray(RGB)
    picture.save(file, exif=exif)
    whole = file.read_bytes()
    for _ in range(150):
        content = bytearray(whole)
        for place in rng.integers(0, min(len(whole), 400), 3):
            content[place] = rng.integers(256)
        file.write_bytes(content)
        with suppress(UnusableImage):
            read_rgb(file)


@pytest.mark.parametrize(
    ("name", "start", "told"),
    [
        ("phone.HEIC", b"\0\0\0\x18ftypheic", "HEIC, which the package pillow-heif reads"),
        ("renamed.jpg", b"\0\0\0\x18ftypmif1", "pillow-heif"),
        ("a.jxl", b"\xff\x0a123456", "pillow-jxl-plugin"),
        ("camera.nef", b"MM\0*", "rawpy"),
        ("b.svg", b"<svg xmlns=''>", "cairosvg"),
        ("c.pdf", b"%PDF-1.7", "pypdfium2"),
        ("d.dcm", bytes(128) + b"DICM", "pydicom"),
        ("e.exr", b"\x76\x2f\x31\x01", "OpenEXR"),
        ("f.npy", b"\x93NUMPY\x01\0", "numpy"),
    ],
)
def test_a_file_that_pillow_cannot_read_says_what_reads_it(tmp_path, name, start, told):
    (tmp_path / name).write_bytes(start + bytes(100))
    with pytest.raises(UnusableImage, match=f"not an image that Pillow can read: .*{told}"):
        read_rgb(tmp_path / name)


def test_a_tiff_of_colour_in_floating_point_says_what_reads_it(tmp_path):
    tifffile.imwrite(tmp_path / "f.tif", RGB.astype(np.float32), photometric="rgb")
    with pytest.raises(UnusableImage, match="the package tifffile reads"):
        read_rgb(tmp_path / "f.tif")


def test_integers_within_16_bits_are_scaled_whatever_their_container(tmp_path):
    Image.fromarray(np.array([[0, 65535]], np.int32)).save(tmp_path / "wide.tif")
    np.testing.assert_array_equal(read_rgb(tmp_path / "wide.tif")[0, :, 0], [0, 255])


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "tif", "bmp", "webp"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_truncated_files_are_refused(tmp_path, suffix, kept):
    file = tmp_path / f"half.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(noise).save(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(UnusableImage, match=r"truncated|not an image"):
        read_rgb(file)


@pytest.mark.parametrize("content", [b"", b"hello, I am text\n", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_image_is_refused(file, content):
    file.write_bytes(content)
    with pytest.raises(UnusableImage, match="not an image"):
        read_rgb(file)


def test_missing_file_folder_and_forbidden_file_have_their_own_reasons(tmp_path, monkeypatch):
    with pytest.raises(UnusableImage, match="missing"):
        read_rgb(tmp_path / "none.png")
    with pytest.raises(UnusableImage, match="directory"):
        read_rgb(tmp_path)

    def forbid(path):
        raise PermissionError

    monkeypatch.setattr(Image, "open", forbid)
    with pytest.raises(UnusableImage, match="permissions"):
        read_rgb(tmp_path / "secret.png")


def test_a_picture_too_large_to_decode_safely_is_refused(file, monkeypatch):
    Image.fromarray(RGB).save(file)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5)
    with pytest.raises(UnusableImage, match="more pixels"):
        read_rgb(file)


def test_one_pixel_is_an_image_unless_more_are_needed(file):
    Image.new("RGB", (1, 1), (9, 8, 7)).save(file)
    np.testing.assert_array_equal(read_rgb(file), [[[9, 8, 7]]])
    with pytest.raises(UnusableImage, match=r"only 1×1 pixels; at least 2"):
        read_rgb(file, min_side=2)


def test_min_side_counts_the_shorter_side_and_is_inclusive(file):
    Image.fromarray(RGB).save(file)
    assert read_rgb(file, min_side=4).shape == (4, 6, 3)
    with pytest.raises(UnusableImage, match="only 4×6"):
        read_rgb(file, min_side=5)


def test_checksum_depends_on_pixels_and_shape_not_on_memory_layout():
    assert pixel_sha256(RGB) == pixel_sha256(np.asfortranarray(RGB))
    assert pixel_sha256(RGB) != pixel_sha256(RGB.reshape(6, 4, 3))
    assert pixel_sha256(RGB) != pixel_sha256(RGB + 1)


def test_a_package_that_reads_a_format_is_used_where_it_is_installed(tmp_path, monkeypatch):
    """A stand-in for pillow-heif, whose pictures are PNGs behind the first bytes of a HEIC."""
    pixels = np.arange(8 * 9 * 3, dtype=np.uint8).reshape(8, 9, 3)
    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "PNG")
    start = b"\0\0\0\x18ftypheic"
    file = tmp_path / "phone.heic"
    file.write_bytes(start + held.getvalue())

    class Reader(ImageFile.ImageFile):
        format = "HEIF"

        def _open(self):
            inner = Image.open(io.BytesIO(self.fp.read()[len(start) :]))
            inner.load()
            self._mode, self._size, self.im = inner.mode, inner.size, inner.im

        def load(self):
            return self.im.pixel_access(False)

    def register():
        Image.register_open("HEIF", Reader, lambda prefix: prefix.startswith(start))

    with pytest.raises(UnusableImage, match="HEIC, which the package pillow-heif reads"):
        read_rgb(file)
    monkeypatch.setitem(sys.modules, "pillow_heif", SimpleNamespace(register_heif_opener=register))
    add_reader.cache_clear()
    try:
        np.testing.assert_array_equal(read_rgb(file), pixels)
    finally:
        add_reader.cache_clear()
        Image.OPEN.pop("HEIF", None)
        Image.ID.remove("HEIF")
