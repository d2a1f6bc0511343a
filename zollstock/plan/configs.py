"""What is asked of config files before their settings are checked."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from zollstock.errors import ZollstockError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as fast
# As JSON escapes what is beyond 16 bits, which YAML does not know.
_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
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
            text = _PAIR.sub(_one_sign, file.read_text(encoding="utf-8").expandtabs())
            loader = _LOADER(text)
            repeated = list(_repeated(loader.get_single_node(), loader, (), set()))
        except (OSError, ValueError, yaml.YAMLError):
            continue  # Snakemake, which has read it, knows better
        for key, first, second in repeated:
            raise ZollstockError(
                f"{file}, line {second}",
                f"gives {key} again, which stands in line {first} already",
                "every key once",
                "Give one of the two another name, or remove it.",
            )


def profile_files(words: Sequence[str], root: Path) -> list[Path]:
    """Return the files of Snakemake's profiles that a command line takes.

    Parameters
    ----------
    words
        Of the command line.
    root
        Folder of the Snakefile.
    """
    found: dict[str, list[str]] = {"--profile": [], "--workflow-profile": []}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        flag, equals, value = word.partition("=")
        if flag in found:
            found[flag].append(value if equals else following)
    usual = ["profiles/default", f"{root}/profiles/default"]
    named = [*found["--profile"], *(found["--workflow-profile"] or usual)]
    of_the_user = Path.home() / ".config/snakemake"
    places = [at for name in filter(None, named) for at in (Path(name), of_the_user / name)]
    return sorted({file for folder in places for file in folder.glob("config*.yaml")})


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
    merged: list[tuple[int, dict[str, Any]]] = []
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.tag == _MERGE:
            yield from _repeated(value, loader, above, seen)
            merged.append((line, _held(value, loader)))
            continue
        name = _name(loader.construct_object(key, deep=True))
        if name in lines:
            yield ".".join((*above, name)), lines[name], line
        lines[name] = line
        yield from _repeated(value, loader, (*above, name), seen)
    for (first, one), (second, other) in combinations(merged, 2):
        # Of several `<<` the last would win, of one with a list the first.
        for name in one.keys() & other.keys() - lines.keys():
            if one[name] != other[name]:
                yield ".".join((*above, name)), first, second


def _held(node: Any, loader: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what a mapping holds that is merged into another; nothing of a list of some."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {
        _name(loader.construct_object(key, deep=True)): (
            (value.tag, value.value) if isinstance(value, yaml.ScalarNode) else id(value)
        )
        for key, value in node.value
        if key.tag != _MERGE
    }


def _name(key: Any) -> str:  # noqa: ANN401
    """Return what a key is taken for: 1, 1.0 and "1" are one key, and so are yes and true.

    So are letters with marks, composed or not, which nobody can tell apart.
    """
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    text = str(int(key)) if isinstance(key, float) and key.is_integer() else str(key)
    return unicodedata.normalize("NFC", text)


def _one_sign(pair: re.Match[str]) -> str:
    high, low = (int(half, 16) for half in pair.groups())
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
