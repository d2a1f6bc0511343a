"""Names of a model's classes, as people have them. Standard library only."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zollstock.errors import ZollstockError

SHIPPED = {"imagenet": Path(__file__).parent / "classes" / "imagenet.tsv"}
"""Lists that come with zollstock."""


def class_names(given: str | Sequence[str]) -> list[str]:
    """Return the names that settings mean, as they stand there.

    Parameters
    ----------
    given
        The names; or one of `SHIPPED`; or a file: of text with a name a line, or JSON with a list,
        or with index → name, which may stand below ``id2label``.

    Raises
    ------
    ZollstockError
        If the file is missing or holds no names.
    """
    if not isinstance(given, str):
        return list(given)
    if given in SHIPPED:
        lines = SHIPPED[given].read_text(encoding="utf-8").splitlines()
        return [line.split("\t")[1] for line in lines if not line.startswith("#")]
    return _in_file(Path(given))


def unique(names: Sequence[str]) -> list[str]:
    """Return names of which none is there twice: the second ``crane`` becomes ``crane (2)``."""
    taken = set(names)
    seen: set[str] = set()
    found = []
    for name in names:
        number = 2
        new = name
        while new in seen or (new != name and new in taken):
            new = f"{name} ({number})"
            number += 1
        seen.add(new)
        found.append(new)
    return found


def renamed(names: Sequence[str]) -> list[str]:
    """Return what to say of the names that `unique` changes."""
    pairs = zip(names, unique(names), strict=True)
    return [
        f"class {place} is called '{new}', since '{old}' is there twice"
        for place, (old, new) in enumerate(pairs)
        if old != new
    ]


def _in_file(path: Path) -> list[str]:
    if not os.path.isfile(path):  # noqa: PTH113 (it says no to what is too long for a name)
        near = "" if path.suffix else f", or one of the lists {', '.join(SHIPPED)}"
        raise ZollstockError(
            path,
            "is missing",
            f"a file of class names{near}",
            "Correct the model's classes; a list of names is [cat, dog].",
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
        names = (
            _of_json(json.loads(text, object_pairs_hook=_once))
            if path.suffix == ".json"
            else _of_lines(text)
        )
    except ValueError as error:  # bytes of another encoding, too
        raise _no_names(path, str(error)) from None
    if len(names) < 2 or not all(names):
        raise _no_names(path, f"{len(names)} names" if all(names) else "a name is empty")
    return names


def _of_lines(text: str) -> list[str]:
    return [line.strip() for line in text.rstrip().splitlines()]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, of which a key that stands there twice would take the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"gives '{twice}' twice")
    return found


def _of_json(content: Any) -> list[str]:  # noqa: ANN401
    if isinstance(content, Mapping) and isinstance(content.get("id2label"), Mapping):
        content = content["id2label"]
    if isinstance(content, Mapping):
        content = in_order(content)
    if not isinstance(content, list) or not all(isinstance(name, str) for name in content):
        raise ValueError("neither a list of names nor index: name")
    return [name.strip() for name in content]


def in_order(by_index: Mapping[Any, Any]) -> list[Any]:
    """Return the entries of index → name from 0 on.

    Raises
    ------
    ValueError
        If the keys are not the whole numbers from 0.
    """
    places = {int(key): name for key, name in by_index.items()}
    if sorted(places) != list(range(len(by_index))):
        raise ValueError("the indices are not 0, 1, 2, …")
    # `[id, name]`, as ImageNet's own index has it.
    names = [places[place] for place in range(len(places))]
    return [name[-1] if isinstance(name, list) and name else name for name in names]


def _no_names(path: Path, reason: str) -> ZollstockError:
    return ZollstockError(
        path,
        f"holds no class names ({reason})",
        "text with a name a line, or JSON with a list or index: name",
        "Write the names in the order of the model's outputs.",
    )


def wordnet_names() -> dict[str, str]:
    """Return WordNet id → name of ImageNet's 1,000 classes."""
    lines = SHIPPED["imagenet"].read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines if not line.startswith("#")]
    return {each[0]: each[1] for each in cells}
