"""Names of draws."""

from pathlib import Path

import pytest

from zollstock.draws import draw_id, drawn_records, split_id
from zollstock.images.table import ImageRecord


@pytest.mark.parametrize("draw", [0, 1, 7, 19, 1000])
@pytest.mark.parametrize("image", ["cat", "cat_001", "a.b-c"])
def test_a_name_is_taken_apart_again(image, draw):
    assert split_id(draw_id(image, draw)) == (image, draw)


def test_the_first_draw_is_called_like_the_image():
    assert draw_id("cat", 0) == "cat"


def test_records_come_image_by_image_and_differ_in_name_only():
    images = [ImageRecord(name, "cat", "00", "x", Path(name)) for name in "ab"]
    found = drawn_records(images, [1, 2])
    assert [record.id for record in found] == ["a~1", "a~2", "b~1", "b~2"]
    assert [record.file for record in found] == [Path("a"), Path("a"), Path("b"), Path("b")]
