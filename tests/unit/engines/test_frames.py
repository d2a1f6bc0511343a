"""Series from disk."""

import os

import numpy as np
import pytest
from PIL import Image

from zollstock.engines.frames import FramesEngine
from zollstock.errors import ZollstockError
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png
from zollstock.paths import pixel_change
from zollstock.profiles import profile_of


def grey(value, height=6, width=8):
    return np.full((height, width, 3), value, np.uint8)


@pytest.fixture
def image(tmp_path):
    record = ImageRecord("a", "cat", pixel_sha256(grey(200)), "x", tmp_path / "images" / "a.png")
    save_png(grey(200), record.file)
    return record


@pytest.fixture
def other(tmp_path):
    return ImageRecord("b", "cat", pixel_sha256(grey(200)), "x", tmp_path / "images" / "a.png")


def folder(tmp_path, name, values, **size):
    """Write frames of one grey value each, named 0.png, 1.png, …"""
    for step, value in enumerate(values):
        save_png(grey(value, **size), tmp_path / "series" / name / f"{step}.png")
    return str(tmp_path / "series" / "{image}")


def csv(tmp_path, text):
    """Write a CSV of the frames 0.png to 9.png beside it, frame k of grey 10·k."""
    for step in range(10):
        save_png(grey(10 * step), tmp_path / "shots" / f"{step}.png")
    (tmp_path / "shots" / "a.csv").write_text(text)
    return str(tmp_path / "shots" / "{image}.csv")


def path_of(engine, image):
    return engine.path(image, 0, lambda done: None)


def values(path):
    return path.frames[:, 0, 0, 0].tolist()


def named(tmp_path, *names):
    """Write frames of these names, frame k of grey k."""
    for value, name in enumerate(names):
        file = tmp_path / "series/a" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as opened:
            # Lossless all of them, but a JPEG of one grey is as good.
            kind = {".gif": "gif", ".jfif": "jpeg", ".bmp": "bmp", ".ppm": "ppm"}
            Image.fromarray(grey(value)).save(opened, format=kind.get(file.suffix, "png"))
    return str(tmp_path / "series" / "{image}")


def test_a_counter_gives_the_order_and_an_even_axis(tmp_path, image, capsys):
    pattern = named(tmp_path, "f_1.png", "f_2.png", "f_10.png", "f_3.png")
    save_png(grey(9), tmp_path / "series/a/.hidden.png")
    engine = FramesEngine(path=pattern)
    assert engine.shape([image]) == (4, 6, 8)
    assert "behind 'f_', evenly spaced" in capsys.readouterr().err
    path = path_of(engine, image)
    assert values(path) == [0, 1, 3, 2]
    np.testing.assert_allclose(path.axis, [0, 1 / 3, 2 / 3, 1])
    np.testing.assert_array_equal(path.unedited, grey(3))  # the nearest to the image, of grey 200


def test_numbers_in_names_are_the_axis_and_the_run_says_so(tmp_path, image, capsys):
    pattern = named(tmp_path, "1.png", "0.25.png", "-3e1.png", "+2,5.png".replace(",", "."))
    engine = FramesEngine(path=pattern)
    engine.shape([image])
    said = capsys.readouterr().err
    assert "axis from the numbers in their names, -30 to 2.5 in unequal steps" in said
    path = path_of(engine, image)
    assert values(path) == [2, 1, 0, 3]
    assert path.axis.tolist() == [-30, 0.25, 1, 2.5]
    even = path_of(FramesEngine(path=pattern, axis="even"), image)
    assert values(even) == [2, 1, 0, 3]
    np.testing.assert_allclose(even.axis, [0, 1 / 3, 2 / 3, 1])


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["1.png", "2.png", "02.png"], "both 2"),
        (["f_1.png", "f_2.png", "f_1.jpg"], "both 1"),
        (["1m.png", "2m.png", "1.5km.png"], "several units"),
        (["0,5.png", "0.7.png", "1.png"], "point and with a comma"),
        (["1,000.png", "2,000.png", "3,500.png"], "one or a thousand"),
    ],
)
def test_an_order_that_is_not_clear_asks_for_a_table(tmp_path, image, names, words):
    with pytest.raises(ZollstockError, match=f"{words}.*CSV"):
        FramesEngine(path=named(tmp_path, *names)).shape([image])


def test_series_on_values_and_on_an_order_do_not_mix(tmp_path, image, other):
    pattern = named(tmp_path, "0.png", "5.png", "7.png")
    for step in "123":
        save_png(grey(1), tmp_path / f"series/b/shot{step}.png")
    with pytest.raises(ZollstockError, match="axis: even") as raised:
        FramesEngine(path=pattern).shape([image, other])
    assert "series/a" in str(raised.value) and "series/b" in str(raised.value)
    assert FramesEngine(path=pattern, axis="even").shape([image, other]).steps == 3


def test_frames_of_all_kinds_are_taken_and_what_is_none_is_named(tmp_path, image, capsys):
    names = ["0.png", "1.gif", "2.jfif", "3.bmp", "4.ppm", "5", ".5.png"]
    pattern = named(tmp_path, *names)
    (tmp_path / "series/a/notes{1}.txt").write_text("no picture")
    (tmp_path / "series/a/deeper").mkdir()
    for system in ("Thumbs.db", ".DS_Store", "desktop.ini"):
        (tmp_path / "series/a" / system).write_text("of the system")
    engine = FramesEngine(path=pattern)
    assert engine.shape([image]).steps == 7
    said = capsys.readouterr().err
    assert "no frames: deeper, notes{1}.txt\n" in said
    assert path_of(engine, image).axis.tolist() == [0, 0.5, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("ending", ["heic", "png", "cr2"])
def test_a_picture_that_cannot_be_read_is_never_left_out(tmp_path, image, ending):
    pattern = named(tmp_path, "0.png", "1.png", "2.png")
    (tmp_path / f"series/a/3.{ending}").write_text("x")
    with pytest.raises(ZollstockError, match="cannot be read as a picture") as raised:
        FramesEngine(path=pattern).shape([image])
    assert raised.value.where.endswith(f"3.{ending}")


@pytest.mark.parametrize("place", ["blue mug", "cup-blue mug", "cup-blue-mug"])
def test_a_series_is_named_after_the_id_or_the_file(tmp_path, place):
    record = ImageRecord("cup-blue-mug", "cup", "00", "x", tmp_path / "a.png", name="blue mug")
    for step in range(3):
        save_png(grey(step), tmp_path / "series" / place / f"{step}.png")
    assert FramesEngine(path=str(tmp_path / "series" / "{image}")).shape([record]).steps == 3


def test_one_series_for_two_images_is_refused(tmp_path, image, other):
    pattern = named(tmp_path, "0.png", "1.png", "2.png")
    (tmp_path / "series/b").symlink_to("a")
    with pytest.raises(ZollstockError, match="series of 'a' and of 'b'"):
        FramesEngine(path=pattern).shape([image, other])


def test_csv_rows_are_sorted_by_their_axis(tmp_path, image):
    pattern = csv(tmp_path, "axis,path\n0.5,2.png\n\n-3,7.png\n1e1,0.png\n")
    path = path_of(FramesEngine(path=pattern), image)
    assert values(path) == [70, 20, 0]
    assert path.axis.tolist() == [-3, 0.5, 10]


def test_a_decimal_comma_is_read(tmp_path, image):
    pattern = csv(tmp_path, "path;axis\r\n0.png;-0,5\r\n1.png;0,125\r\n2.png;1\r\n")
    assert path_of(FramesEngine(path=pattern), image).axis.tolist() == [-0.5, 0.125, 1]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("0.png,0\n1.png,nan\n2.png,1\n", r"a\.csv, line 3: axis is 'nan'"),
        ("0.png,0\n1.png,1\n2.png,-inf\n", r"a\.csv, line 4: axis is '-inf'"),
        ("0.png,low\n1.png,1\n2.png,2\n", r"a\.csv, line 2: axis is 'low'"),
        ("0.png,0\n\n1.png,\n2.png,2\n", r"a\.csv, line 4: axis is ''"),
        ('0.png,"1,000"\n1.png,"2,000"\n', "numbers like 1,000 in the column axis"),
        ("0.png,2\n1.png,2\n2.png,2\n", r"the axis has one value only \(2\)"),
        ("0.png,2\n1.png,3\n2.png,2.0\n", r"the axis names a value twice \(2\)"),
        ("0.png,2\n1.png,3\n", "gives 2 steps; expected at least 3"),
        ("", "has no rows"),
        ("0.png,0\n1.png,1\nnone.png,2\n", r"none\.png: cannot be read as a picture"),
    ],
)
def test_a_wrong_csv_is_named_with_its_fault(tmp_path, image, rows, message):
    engine = FramesEngine(path=csv(tmp_path, "path,axis\n" + rows))
    with pytest.raises(ZollstockError, match=message) as raised:
        engine.shape([image])
    assert str(tmp_path / "shots") in raised.value.where


@pytest.mark.parametrize(
    ("count", "prepend", "size"), [(0, False, None), (2, False, None), (0, True, [4, 4])]
)
def test_a_folder_of_too_few_frames_is_named(tmp_path, image, count, prepend, size):
    pattern = folder(tmp_path, "a", range(count))
    (tmp_path / "series/a").mkdir(parents=True, exist_ok=True)
    engine = FramesEngine(path=pattern, prepend_original=prepend, size=size)
    with pytest.raises(ZollstockError, match=f"gives {count + prepend} steps") as raised:
        engine.shape([image])
    assert raised.value.where == str(tmp_path / "series/a")


def test_a_missing_series_names_the_image(tmp_path, image):
    with pytest.raises(ZollstockError, match="no series for the image 'a'"):
        FramesEngine(path=str(tmp_path / "nowhere/{image}")).shape([image])


def test_unequal_sizes_within_a_series_name_both_files(tmp_path, image):
    pattern = folder(tmp_path, "a", [1, 2, 3])
    save_png(grey(4, 6, 9), tmp_path / "series/a/3.png")
    with pytest.raises(ZollstockError, match="expected frames of equal size") as raised:
        FramesEngine(path=pattern).shape([image])
    assert "0.png has 6×8" in raised.value.found
    assert "3.png has 6×9" in raised.value.found


@pytest.mark.parametrize(
    ("steps", "width", "fix"), [(4, 8, "one number of frames"), (3, 9, "Set the property's size")]
)
def test_series_that_differ_between_images_name_both(tmp_path, image, other, steps, width, fix):
    pattern = folder(tmp_path, "a", range(3))
    folder(tmp_path, "b", range(steps), width=width)
    with pytest.raises(ZollstockError, match=fix) as raised:
        FramesEngine(path=pattern).shape([image, other])
    assert f"{steps} steps of 6×{width} pixels" in str(raised.value)
    assert "3 steps of 6×8 pixels" in str(raised.value)
    assert str(tmp_path / "series/a") in str(raised.value)
    assert raised.value.where == str(tmp_path / "series/b")


def test_size_resizes_all_frames_as_pillow_does(tmp_path, image, other):
    pattern = folder(tmp_path, "a", range(3))
    folder(tmp_path, "b", range(3), height=3, width=4)
    ramp = np.arange(48, dtype=np.uint8).reshape(6, 8, 1).repeat(3, 2)
    save_png(ramp, tmp_path / "series/a/0.png")
    engine = FramesEngine(path=pattern, size=[4, 5])
    assert engine.shape([image, other]) == (3, 4, 5)
    path = path_of(engine, image)
    assert path.frames.shape == (3, 4, 5, 3)
    expected = Image.fromarray(ramp).resize((5, 4), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(path.frames[0], np.asarray(expected))
    np.testing.assert_array_equal(path.unedited, path.frames[0])


def test_original_goes_before_a_folder(tmp_path, image):
    pattern = folder(tmp_path, "a", [1, 2, 3], height=3, width=4)
    engine = FramesEngine(path=pattern, prepend_original=True)
    assert engine.shape([image]) == (4, 3, 4)
    path = path_of(engine, image)
    assert values(path) == [200, 1, 2, 3]
    np.testing.assert_allclose(path.axis, [-1, 0, 1, 2])
    np.testing.assert_array_equal(path.unedited, grey(200, 3, 4))


def test_original_goes_one_mean_spacing_before_a_csv_axis(tmp_path, image):
    pattern = csv(tmp_path, "path,axis\n1.png,2\n2.png,3\n3.png,8\n")
    path = path_of(FramesEngine(path=pattern, prepend_original=True), image)
    assert path.axis.tolist() == [-1, 2, 3, 8]
    assert values(path) == [200, 10, 20, 30]


def test_two_frames_and_the_original_are_enough(tmp_path, image):
    pattern = csv(tmp_path, "path,axis\n1.png,2\n2.png,3\n")
    assert FramesEngine(path=pattern, prepend_original=True).shape([image]).steps == 3


def test_rotated_frames_are_measured_upright(tmp_path, image):
    pattern = folder(tmp_path, "a", range(3))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(grey(9, 8, 6)).save(tmp_path / "series/a/1.png", exif=exif)
    engine = FramesEngine(path=pattern)
    assert engine.shape([image]) == (3, 6, 8)
    assert path_of(engine, image).frames.shape == (3, 6, 8, 3)


@pytest.mark.parametrize(("content", "where"), [("text", "shape"), ("half", "path")])
def test_a_broken_frame_is_named(tmp_path, image, content, where):
    pattern = folder(tmp_path, "a", range(3))
    file = tmp_path / "series/a/1.png"
    noise = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    save_png(noise, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if content == "half" else b"text")
    engine = FramesEngine(path=pattern)
    with pytest.raises(ZollstockError) as raised:
        engine.shape([image]) if where == "shape" else path_of(engine, image)
    assert raised.value.where == str(file)


@pytest.mark.parametrize("change", ["pixels", "axis", "swap", "namesake"])
def test_inputs_follow_everything_that_changes_a_path(tmp_path, image, change):
    text = "path,axis\n1.png,0\nsub/1.png,1\n3.png,2\n"
    engine = FramesEngine(path=csv(tmp_path, text))
    save_png(grey(77), tmp_path / "shots/sub/1.png")
    before = engine.inputs(image)
    assert engine.inputs(image) == before
    if change == "pixels":
        save_png(grey(99), tmp_path / "shots/3.png")
    elif change == "axis":
        csv(tmp_path, text.replace(",2", ",3"))
    elif change == "swap":  # the same files and the same values, paired otherwise
        csv(tmp_path, "path,axis\n3.png,0\nsub/1.png,1\n1.png,2\n")
    else:  # two files of one name in different folders
        save_png(grey(99), tmp_path / "shots/1.png")
    assert engine.inputs(image) != before


@pytest.mark.parametrize(("kind", "white"), [(np.uint16, 4095), (np.float32, 1)])
def test_frames_of_a_series_are_on_one_scale(tmp_path, image, capsys, kind, white):
    """A dark frame of few bits does not become as bright as the others."""
    place = tmp_path / "deep" / "a"
    place.mkdir(parents=True)
    for step, share in enumerate((0.05, 0.5, 1.0)):
        values = np.full((6, 8), share * white).astype(kind)
        Image.fromarray(values).save(place / f"{step}.tif")
    engine = FramesEngine(path=str(tmp_path / "deep" / "{image}"))
    path = engine.path(image, 0, lambda count: None)
    np.testing.assert_allclose(path.frames[:, 0, 0, 0], [13, 127, 255], atol=1)
    assert f"note: {white} is taken for white in {place}" in capsys.readouterr().err
    found = engine.inputs(image)
    assert len({found[f"frame {step}"] for step in range(3)}) == 3


def falling(tmp_path):
    """Frame k at the axis 5 + 10·k and of grey 110 + 10·k: the picture is the last, at 95."""
    for step in range(10):
        save_png(grey(110 + 10 * step), tmp_path / "shots" / f"{step}.png")
    rows = "".join(f"{step}.png,{5 + 10 * step}\n" for step in range(10))
    (tmp_path / "shots" / "a.csv").write_text("path,axis\n" + rows)
    return str(tmp_path / "shots" / "{image}.csv")


@pytest.mark.parametrize("reference", [None, 95.0])
def test_changes_count_from_the_frame_that_shows_the_picture_wherever_it_stands(
    tmp_path, image, reference
):
    engine = FramesEngine(path=falling(tmp_path), reference=reference)
    path = path_of(engine, image)
    assert path.axis[[0, -1]].tolist() == [5, 95]
    np.testing.assert_array_equal(path.unedited, grey(200))
    changes = pixel_change(path.frames, path.unedited)
    np.testing.assert_allclose(changes, np.arange(90, -1, -10) / 255)
    profile = profile_of(changes, 4)
    assert [point.side for point in profile] == [-1, -1, -1, 0]
    np.testing.assert_allclose([p.size for p in profile], np.array([90, 60, 30, 0]) / 255, 1e-3)


def test_a_series_that_runs_through_the_picture_has_two_sides(tmp_path, image):
    path = path_of(FramesEngine(path=falling(tmp_path), reference=45), image)
    np.testing.assert_array_equal(path.unedited, grey(150))  # as told, nearer ones or not
    sides = [point.side for point in profile_of(pixel_change(path.frames, path.unedited), 10)]
    assert sides == [-1] * 4 + [0] + [1] * 5


@pytest.mark.parametrize("reference", [0.0, 95.1, 100.0])
def test_a_reference_that_is_no_value_of_the_axis_is_refused(tmp_path, image, reference):
    engine = FramesEngine(path=falling(tmp_path), reference=reference)
    wanted = rf"reference: is {reference:g}, which is no value of the axis; expected one of 5, 15"
    with pytest.raises(ZollstockError, match=wanted):
        path_of(engine, image)


def test_a_picture_that_is_put_before_its_frames_is_their_reference(tmp_path, image):
    """Even where another frame is as near."""
    pattern = folder(tmp_path, "a", [0, 100, 200])
    path = path_of(FramesEngine(path=pattern, prepend_original=True), image)
    assert values(path) == [200, 0, 100, 200]
    np.testing.assert_array_equal(path.unedited, grey(200))


def shots(tmp_path, *sizes):
    """Write frames of these sizes, red on the left, green in the middle, blue on the right."""
    for step, (height, width) in enumerate(sizes):
        picture = np.zeros((height, width, 3), np.uint8)
        for channel in range(3):
            third = slice(channel * width // 3, (channel + 1) * width // 3)
            picture[:, third, channel] = 255
        save_png(picture, tmp_path / "series" / "a" / f"{step}.png")
    return str(tmp_path / "series" / "{image}")


def test_pictures_that_differ_in_size_want_a_size(tmp_path, image):
    pattern = shots(tmp_path, (20, 60), (20, 60), (30, 60))
    with pytest.raises(ZollstockError, match=r"Set the property's size: .* fit: crop, stretch"):
        FramesEngine(path=pattern).shape([image])


@pytest.mark.parametrize(("fit", "left"), [("stretch", [255, 0, 0]), ("crop", [0, 255, 0])])
def test_each_picture_is_cropped_or_stretched_to_the_size(tmp_path, image, fit, left):
    pattern = shots(tmp_path, (20, 60), (20, 60), (60, 180))
    engine = FramesEngine(path=pattern, size=[20, 20], fit=fit)
    assert engine.shape([image]) == (3, 20, 20)
    path = path_of(engine, image)
    assert path.frames.shape == (3, 20, 20, 3)
    for frame in path.frames:
        np.testing.assert_allclose(frame[[1, 10], 1], [left, left], atol=2)


def test_a_padded_picture_is_whole_between_bars_of_its_mean_colour(tmp_path, image):
    pattern = shots(tmp_path, (20, 60), (20, 60), (40, 120))
    path = path_of(FramesEngine(path=pattern, size=[60, 60], fit="pad"), image)
    for frame in path.frames:
        np.testing.assert_array_equal(frame[0], np.full((60, 3), 85))
        np.testing.assert_allclose(frame[30, [2, 30, 57]], 255 * np.eye(3), atol=2)


def test_a_link_that_leads_nowhere_is_a_lost_frame(tmp_path, image):
    pattern = named(tmp_path, "1.png", "2.png", "3.png", "4.png")
    (tmp_path / "series/a/2.png").unlink()
    (tmp_path / "series/a/2.png").symlink_to("../gone/2.png")
    with pytest.raises(ZollstockError, match=r"2\.png: is a link to \.\./gone/2\.png, which"):
        FramesEngine(path=pattern).shape([image])


def test_what_is_no_frame_is_named(tmp_path, image, capsys):
    pattern = named(tmp_path, "1.png", "2.png", "3.png", "30", "2.png~", ".3.png.x1Y", "3.png.bak")
    os.mkfifo(tmp_path / "series/a/5.png")
    (tmp_path / "series/a/notes").symlink_to("gone")
    (tmp_path / "series/a/sub").mkdir()
    engine = FramesEngine(path=pattern)
    assert engine.shape([image]).steps == 4  # what has no ending is read
    assert path_of(engine, image).axis.tolist() == [1, 2, 3, 30]
    said = capsys.readouterr().err
    assert "no frames: .3.png.x1Y, 2.png~, 3.png.bak, 5.png, notes, sub" in said


@pytest.mark.parametrize("ending", ["gif", "tif", "png"])
def test_of_several_pictures_in_a_frame_the_first_is_taken_and_said(
    tmp_path, image, ending, capsys
):
    pattern = named(tmp_path, "1.png", "2.png", "3.png", "4.png")
    (tmp_path / "series/a/2.png").unlink()
    first, second = (Image.fromarray(grey(value)) for value in (1, 200))
    first.save(tmp_path / f"series/a/2.{ending}", save_all=True, append_images=[second])
    engine = FramesEngine(path=pattern)
    engine.shape([image])
    said = capsys.readouterr().err
    assert f"2.{ending}: several pictures, the first of which is the frame" in said
    assert values(path_of(engine, image)) == [0, 1, 2, 3]
