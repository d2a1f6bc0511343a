"""Pictures in a folder with one subfolder a label."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.images.reading import read_rgb
from zollstock.images.splits import in_test, labelled_files
from zollstock.models.data.base import Pictures


def training_set(data: Mapping[str, Any], classes: Sequence[str], seed: int) -> Pictures:
    """Return the pictures that are not for tests.

    Parameters
    ----------
    data
        ``path``, and ``test_share``, the share of pictures that is for tests.
    classes, seed
        Decide nothing here: see `zollstock.images.splits.in_test`.
    """
    return _part(data, test=False)


def test_sets(data: Mapping[str, Any], seed: int) -> Iterator[tuple[str, Pictures]]:
    """Yield the pictures that are for tests, and as many of those that are not."""
    name = Path(data["path"]).name
    test = _part(data, test=True)
    yield f"{name}, test", test
    yield f"{name}, train", _part(data, test=False).some(len(test.labels))


def _part(data: Mapping[str, Any], *, test: bool) -> Pictures:
    root = Path(data["path"])
    try:
        listed = list(labelled_files(root))
    except OSError as error:
        raise ZollstockError(
            root, f"cannot be read ({error})", "a folder of labelled pictures", "Check the path."
        ) from None
    found = [
        (label, name, file)
        for label, name, file in listed
        if in_test(name, data["test_share"]) == test
    ]
    if not found:
        raise ZollstockError(
            root,
            f"holds no picture to {'test with' if test else 'train on'}",
            "one subfolder of pictures a class",
            "Add pictures.",
        )
    files = [file for *_, file in found]
    part = "to test with" if test else "to train on"
    return Pictures(
        f"{root}, {part}",
        [label for label, *_ in found],
        lambda place: read_rgb(files[place]),
        names=[str(PurePosixPath(name).with_suffix("")) for _, name, _ in found],
    )
