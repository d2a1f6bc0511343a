"""Weights in several files, with an index. Standard library only: the workflow's plan asks too."""

import json
from pathlib import Path

from zollstock.errors import ZollstockError

INDEX = ".index.json"


def shards_of(index: Path) -> list[Path]:
    """Return the files that an index of weights (``model.safetensors.index.json``) names.

    Raises
    ------
    ZollstockError
        If it is no such index, or names a file outside its folder.
    """
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        if not names or any(Path(name).name != name for name in names):
            raise ValueError("weight_map names no files beside it")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ZollstockError(
            index,
            f"is no index of weights ({type(error).__name__}: {error})",
            "JSON with a weight_map: name of a tensor → file beside the index",
            "Copy it again, with the files that it names.",
        ) from None
    return [index.parent / name for name in names]
