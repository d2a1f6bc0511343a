"""What files hold, in a checksum: content decides what runs again. Standard library only.

To read 10,000 pictures takes seconds. So the checksum of a file is kept beside its size, its times
and its inode, and it is read again only if one of them is another. The time of its last change of
state (`ctime`) cannot be set: a file that came with an old time is read all the same.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from stat import S_ISREG

KEPT = Path(".snakemake/zollstock/checksums.json")
"""Where checksums are kept, from the folder of a run."""

_GRAIN = 2_000_000_000  # ns: the coarsest clock of a file system
_MANY = 2_000_000_000  # bytes: a reader should know why nothing happens
_BATCH = 50  # files; to hand over one alone costs more than to read a small one
_PART = 1 << 20  # bytes that are read at once
_UNREADABLE = "cannot be read"
_TOGETHER = 8  # files that are read at a time; a network's disk takes its time to answer

Known = dict[str, tuple[list[int], str]]
"""File → its state, and the checksum of its content."""


def content_of(files: Iterable[str]) -> str:
    """Return the number of files and a checksum of their names and contents.

    Folders count by their name, and so does what cannot be read: the job that reads it says what
    is wrong.
    """
    known = _known()
    states = {file: _state(file) for file in files}
    changed = {
        file: state
        for file, state in states.items()
        if state and known.get(file, ((), ""))[0] != state
    }
    read = _read(changed) if changed else {}
    digest = hashlib.sha256()
    for file, state in states.items():
        content = (read.get(file) or known[file][1]) if state else ""
        digest.update(f"{file}\n{content}\n".encode("utf-8", "surrogateescape"))
    return f"{len(states)} files: {digest.hexdigest()[:32]}"


def _read(changed: Mapping[str, list[int]]) -> dict[str, str]:
    """Return the checksums of files, and keep them for later runs too."""
    size = sum(state[0] for state in changed.values())
    if size > _MANY:
        what = f"{len(changed)} files, {size / 1e9:.1f} GB; their checksums are kept"
        print(f"zollstock: reading {what}", file=sys.stderr)
    now = time.time_ns()
    names = list(changed)
    batches = [names[start : start + _BATCH] for start in range(0, len(names), _BATCH)]
    with ThreadPoolExecutor(_TOGETHER) as readers:
        read = [one for batch in readers.map(_checksums, batches) for one in batch]
    found = dict(zip(names, read, strict=True))
    # What changes again within the same tick of the clock would look as it does now.
    # What could not be read may be readable the next time, with nothing else to tell.
    settled = {
        file
        for file, state in changed.items()
        if state[2] < now - _GRAIN and found[file] != _UNREADABLE
    }
    if settled:
        _known().update({file: (changed[file], found[file]) for file in settled})
        _keep(_known())
    return found


def _keep(known: Known) -> None:
    written = KEPT.with_name(f"{KEPT.name}.{os.getpid()}")
    try:
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(json.dumps(known), encoding="ascii")
        written.replace(KEPT)
    except OSError:
        pass  # they are read again next time


@cache
def _known() -> Known:
    try:
        kept = json.loads(KEPT.read_bytes())
        return {file: (state, found) for file, (state, found) in kept.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _state(file: str) -> list[int] | None:
    """Return size, times and inode of a file; None of a folder, or of what is not there."""
    try:
        found = os.stat(file)  # noqa: PTH116 - a Path costs more than the call
    except OSError:
        return None
    if not S_ISREG(found.st_mode):
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _checksums(files: Sequence[str]) -> list[str]:
    return [_checksum(file) for file in files]


def _checksum(file: str) -> str:
    digest = hashlib.sha256()
    try:
        with open(file, "rb", buffering=0) as content:  # noqa: PTH123
            while part := content.read(_PART):
                digest.update(part)
    except OSError:
        return _UNREADABLE
    return digest.hexdigest()
