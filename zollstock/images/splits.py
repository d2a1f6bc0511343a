"""Labelled files of a folder, and which are for tests. Standard library: the plan asks too."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from zollstock.errors import printable
from zollstock.folders import files_in_classes

TEST_SHARE = 0.2
"""Share of the pictures that is kept for tests."""


def in_test(name: str, share: float = TEST_SHARE) -> bool:
    """Return whether a picture is for tests.

    It hangs on the name alone: not on a seed, nor on what other pictures there are. So a picture
    that a model was tested with in one study is none that it is trained on in another.

    Parameters
    ----------
    name
        Of the picture in its set, e.g. its path relative to the set's folder.
    share
        Of all pictures, in [0, 1].
    """
    number = int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8], "big")
    return number < share * 2**64


def labelled_files(root: Path) -> Iterator[tuple[str, str, str]]:
    """Yield label, path relative to the folder (POSIX) and path of each file in its subfolders.

    Each subfolder is a label, and is searched to any depth; files beside them have none.

    Raises
    ------
    OSError
        If the folder cannot be read.
    """
    for folder, file in files_in_classes(root):
        yield printable(Path(folder).name), Path(file).relative_to(root).as_posix(), file
