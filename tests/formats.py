"""What docs/formats.md says of files: their columns, arrays and keys."""

import re
from fnmatch import fnmatch
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "formats.md"


class Formats:
    """The page, read.

    Attributes
    ----------
    common
        Columns that mean the same everywhere.
    own
        Pattern of a file's name → the names in the first column of its table.
    """

    def __init__(self, text=None):
        text = PAGE.read_text() if text is None else text
        begin, *parts = re.split(r"^##+ (.*)$", text, flags=re.MULTILINE)
        self.common = names_in(begin)
        self.own = {}
        for head, body in zip(parts[::2], parts[1::2], strict=True):
            stem = ""
            for name in re.findall(r"`([^`]+)`", head):
                stem = stem if name.startswith(".") else name.rpartition(".")[0]
                whole = stem + name if name.startswith(".") else name
                self.own[re.sub(r"<\w+>", "*", whole)] = names_in(body)

    def of(self, name):
        """Return what is said of a file; the most particular pattern holds."""
        fitting = [pattern for pattern in self.own if fnmatch(name, pattern)]
        return self.own[max(fitting, key=len)] if fitting else None

    def wrong(self, name, found):
        """Return names that the file has and the page lacks, and the other way round."""
        own = self.of(name)
        assert own is not None, f"docs/formats.md has no {name}"
        prefixes = tuple(one.removesuffix("…") for one in own if one.endswith("…"))
        found = {one for one in found if not (prefixes and one.startswith(prefixes))}
        missing = found - own - self.common
        return missing | {one for one in own - found if not one.endswith("…")}


def names_in(body):
    """Return the code in the first column of all tables."""
    rows = re.findall(r"^\| ([^|]*) \|", body, flags=re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
