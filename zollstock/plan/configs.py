"""What is asked of config files before their settings are checked."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from zollstock.errors import ZollstockError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as fast
_MERGE = "tag:yaml.org,2002:merge"


def check_keys(files: Iterable[str | Path]) -> None:
    """Refuse keys that a config file gives twice: YAML and JSON would take the last in silence.

    Parameters
    ----------
    files
        Config files that Snakemake has read; each counts by itself, since a later one may change
        settings of an earlier one.

    Raises
    ------
    ZollstockError
        For the first such key, with both of its lines.
    """
    for file in map(Path, files):
        try:
            # JSON may have tabs where YAML may not; in texts they do not matter here.
            loader = _LOADER(file.read_text(encoding="utf-8").expandtabs())
            root = loader.get_single_node()
        except (OSError, ValueError, yaml.YAMLError):
            continue  # Snakemake, which has read it, knows better
        for key, first, second in _repeated(root, loader, (), set()):
            raise ZollstockError(
                f"{file}, line {second}",
                f"gives {key} again, which stands in line {first} already",
                "every key once",
                "Give one of the two another name, or remove it.",
            )


def _repeated(
    node: Any,  # noqa: ANN401 - PyYAML has no types
    loader: Any,  # noqa: ANN401
    above: tuple[str, ...],
    seen: set[int],
) -> Iterator[tuple[str, int, int]]:
    """Yield keys that stand in one mapping twice, with their lines."""
    if id(node) in seen:  # the place an alias points to
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _repeated(item, loader, (*above, str(number)), seen)
    if not isinstance(node, yaml.MappingNode):
        return
    lines: dict[str, int] = {}
    for key, value in node.value:
        if key.tag == _MERGE:
            yield from _repeated(value, loader, above, seen)
            continue
        name, line = _name(loader.construct_object(key, deep=True)), key.start_mark.line + 1
        if name in lines:
            yield ".".join((*above, name)), lines[name], line
        lines[name] = line
        yield from _repeated(value, loader, (*above, name), seen)


def _name(key: Any) -> str:  # noqa: ANN401
    """Return what a key is taken for: 1, 1.0 and "1" are one key, and so are yes and true."""
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    return str(int(key)) if isinstance(key, float) and key.is_integer() else str(key)
