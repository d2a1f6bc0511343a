"""Choosing images."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from zollstock.errors import ZollstockError
from zollstock.images.listing import Candidate
from zollstock.images.selection import select_files, select_rendered
from zollstock.worlds import get_world


@pytest.fixture
def files(tmp_path):
    """Ten different pictures in each of two classes."""
    folder = tmp_path / "source"
    folder.mkdir()
    rng = np.random.default_rng(0)
    found = []
    for label in ("dog", "cat"):
        for number in range(10):
            path = folder / f"{label}{number}.png"
            Image.fromarray(rng.integers(0, 256, (8, 9, 3), dtype=np.uint8)).save(path)
            found.append(Candidate(f"{label}{number}", label, path))
    return found


def choose(files, folder, n=3, seed=0, **options):
    return select_files(files, n_per_class=n, seed=seed, folder=folder, **options)


def ids(selection):
    return [image.id for image in selection.images]


def test_selection_does_not_depend_on_the_order_of_files(files, tmp_path):
    expected = choose(files, tmp_path / "a")
    shuffled = [files[i] for i in np.random.default_rng(1).permutation(len(files))]
    found = choose(shuffled, tmp_path / "a")
    assert found == expected
    assert [image.label for image in found.images] == ["cat"] * 3 + ["dog"] * 3


def test_a_larger_number_keeps_the_images_of_a_smaller_one(files, tmp_path):
    sets = [set(ids(choose(files, tmp_path, n))) for n in (1, 3, 7, 10)]
    assert all(small < large for small, large in pairwise(sets))
    assert set(ids(choose(files, tmp_path, None))) == sets[-1]


def test_another_seed_takes_other_images(files, tmp_path):
    assert ids(choose(files, tmp_path, seed=0)) != ids(choose(files, tmp_path, seed=1))


def test_taken_images_are_written_and_described(files, tmp_path):
    selection = choose(files, tmp_path / "out", 2)
    written = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert written == sorted(f"{name}.png" for name in ids(selection))
    for image in selection.images:
        with Image.open(image.source) as source:
            np.testing.assert_array_equal(image.pixels(), np.asarray(source))


def test_unusable_files_are_skipped_with_their_reasons(files, tmp_path):
    by_id = {item.id: item.path for item in files}
    by_id["cat0"].write_text("text")
    by_id["cat1"].unlink()
    by_id["cat3"].write_bytes(by_id["cat2"].read_bytes())
    Image.new("RGB", (7, 30)).save(by_id["cat4"])
    selection = choose(files, tmp_path / "out", None, accept=lambda pixels, label: label == "cat")
    reasons = {
        item.path.removeprefix(str(by_id["cat0"].parent)): item for item in selection.skipped
    }
    assert "not an image" in reasons["/cat0.png"].reason
    assert "missing" in reasons["/cat1.png"].reason
    assert "only 30×7" in reasons["/cat4.png"].reason
    twins = {"/cat2.png", "/cat3.png"} & reasons.keys()
    assert len(twins) == 1
    assert "same pixels as cat" in reasons[twins.pop()].reason
    assert "not classified correctly" in reasons["/dog0.png"].reason
    assert {item.label for item in selection.skipped} == {"cat", "dog"}
    assert len(selection.images) == 6


def test_a_skipped_file_is_replaced_by_the_next(files, tmp_path):
    first = choose(files, tmp_path, 3)
    lost = first.images[0]
    files[[item.id for item in files].index(lost.id)].path.write_text("broken")
    second = choose(files, tmp_path, 3)
    assert set(ids(first)) - set(ids(second)) == {lost.id}
    assert len(second.images) == 6


def test_too_few_images_name_the_class_and_the_number(files, tmp_path):
    files[0].path.write_text("broken")
    with pytest.raises(ZollstockError) as raised:
        choose(files, tmp_path, 10)
    message = str(raised.value)
    assert "asks for 10 images of class 'dog'" in message
    assert "of its 10 files only 9 can be taken (1 skipped, e.g." in message
    assert "dog0.png: not an image" in message
    assert raised.value.expected == "at most 9"


def test_a_folder_of_unusable_files_is_refused(files, tmp_path):
    for item in files:
        item.path.write_text("broken")
    with pytest.raises(ZollstockError, match="none of 20 files can be used"):
        choose(files, tmp_path, None)


def draw(folder, n, **options):
    settings = dict(distribution="unbiased", size=16, bias=0.9, shape_noise=0.1, seed=4) | options
    return select_rendered(get_world("pets"), n_per_class=n, folder=folder, **settings)


def test_drawn_images_are_the_same_however_many_are_asked_for(tmp_path):
    few, many = draw(tmp_path / "few", 2), draw(tmp_path / "many", 4)
    assert ids(few) == ["cat_0000", "cat_0001", "dog_0000", "dog_0001"]
    by_id = {image.id: image for image in many.images}
    for image in few.images:
        other = by_id[image.id]
        assert (image.sha256, image.latents) == (other.sha256, other.latents)
        np.testing.assert_array_equal(image.pixels(), other.pixels())
    assert len({image.sha256 for image in many.images}) == 8


def test_drawn_images_follow_the_seed(tmp_path):
    one, two = draw(tmp_path, 1), draw(tmp_path, 1, seed=5)
    assert one.images[0].sha256 != two.images[0].sha256


def test_refused_drawings_are_replaced_and_listed(tmp_path):
    refused = {image.sha256 for image in draw(tmp_path, 1).images}
    kept = draw(tmp_path, 2).images
    first = {image.label: image.pixels() for image in kept if image.sha256 in refused}
    selection = draw(
        tmp_path / "out", 1, accept=lambda pixels, label: not np.array_equal(pixels, first[label])
    )
    assert ids(selection) == ["cat_0001", "dog_0001"]
    assert [item.label for item in selection.skipped] == ["cat", "dog"]


def test_models_that_accept_nothing_are_reported(tmp_path):
    with pytest.raises(ZollstockError, match="only 0 of 1 images of class 'cat' after 50"):
        draw(tmp_path, 1, accept=lambda pixels, label: False)


def test_some_classes_alone_are_drawn_and_are_the_same_pictures(tmp_path):
    every = draw(tmp_path / "every", 2).images
    some = draw(tmp_path / "some", 2, classes=["dog"]).images
    assert [image.sha256 for image in some] == [i.sha256 for i in every if i.label == "dog"]
    assert {image.label for image in some} == {"dog"} and len(some) < len(every)
