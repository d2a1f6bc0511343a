"""Draws of an image."""

from pathlib import Path

from zollstock.draws import drawn_records
from zollstock.images.table import ImageRecord


def test_records_are_alike_but_for_the_draw():
    images = [ImageRecord(name, "cat", "00", "x", Path("none")) for name in "ab"]
    found = drawn_records(images, range(1, 3))
    assert [(record.id, record.draw) for record in found] == [
        ("a", 1),
        ("a", 2),
        ("b", 1),
        ("b", 2),
    ]
    assert images[0].draw == 0
