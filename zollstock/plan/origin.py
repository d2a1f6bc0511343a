"""Which config file a study's results were made from, so that no other one overwrites them."""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from zollstock.errors import ZollstockError
from zollstock.files import write_json
from zollstock.settings import Study

NOTE = "made_from.json"
"""In a study's results: which config files, and a checksum of their settings."""


def claim(study: Study, results: Path, files: Sequence[str | Path]) -> None:
    """Note that a study's results are made from config files; for `onstart`.

    The same files may say something else by now, and others may be added to them or left out. A
    note in a folder that was moved, and of a file that was, is no obstacle.

    Parameters
    ----------
    study
        The settings, with what the command line changes in them.
    results
        The study's folder.
    files
        The config files of this run.

    Raises
    ------
    ZollstockError
        If the results were made from another config file, which is still there, still has the
        study's name, and has other settings.
    """
    note, settings = results / NOTE, _checksum(study)
    made = _read(note)
    before = [found for entry in made.get("files", []) if (found := _place(entry))]
    others = len(before) == len(made.get("files", [])) > 0 and not all(
        one.samefile(two) for one, two in zip(before, map(Path, files), strict=False)
    )
    if others and settings == made.get("settings"):
        return  # a copy; the note stays with the file that was first
    if others and _name_in(before) == made.get("named"):
        raise ZollstockError(
            files[-1],
            f"is another study '{study.study}' than {before[-1]}, from which the results in "
            f"{results} were made",
            "a name of its own for every study",
            f"Change study: in one of them, or delete {note} if this one takes over the results.",
        )
    entries = [
        {"absolute": _text(os.path.abspath(file)), "relative": _text(os.path.relpath(file))}  # noqa: PTH100
        for file in files
    ]
    write_json({"files": entries, "named": _name_in(files), "settings": settings}, note)


def check_made_from(
    study: Study, results: Path, files: Sequence[str | Path], *, settings: bool = True
) -> None:
    """Check that a study's results were last made from the files and settings told now.

    Parameters
    ----------
    study, results, files
        As in `claim`.
    settings
        Whether the settings have to be those of the last run, too.

    Raises
    ------
    ZollstockError
        If they are others, so that what these do not use may be all that was made.
    """
    made = _read(results / NOTE)
    if not made or made.get("settings") == _checksum(study):
        return
    before = [found for entry in made.get("files", []) if (found := _place(entry))]
    there = len(before) == len(made.get("files", []))
    where = " ".join(map(str, files))
    if there and [file.resolve() for file in before] != [Path(file).resolve() for file in files]:
        raise ZollstockError(
            where,
            f"says something else than what the results in {results} were made from",
            " ".join(map(str, before)),
            "Name these files, in this order.",
        )
    if settings:
        raise ZollstockError(
            where,
            f"says something else than the last run that wrote into {results} was told",
            "the settings of that run, those after --config included",
            "Run snakemake to its end first.",
        )


def _text(name: str) -> str:
    """Return a file's name as UTF-8, whatever the locale takes its bytes for."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _name(text: str) -> str:
    return os.fsdecode(text.encode("utf-8"))


def _checksum(study: Study) -> str:
    return hashlib.sha256(study.model_dump_json().encode()).hexdigest()


def _read(note: Path) -> dict[str, Any]:
    try:
        made = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return made if isinstance(made, dict) else {}


def _place(entry: dict[str, str]) -> Path | None:
    """Return where a config file lies now: all may have moved together, or the results alone."""
    places = (Path(_name(entry[kind])) for kind in ("relative", "absolute"))
    return next((place for place in places if place.is_file()), None)


def _name_in(files: Sequence[str | Path]) -> str | None:
    """Return the study's name in config files, the last of which counts."""
    name = None
    for file in files:
        try:
            told = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            continue
        if isinstance(told, dict):
            name = told.get("study", name)
    return name
