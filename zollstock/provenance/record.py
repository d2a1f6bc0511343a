"""The record of a study: what it was told, what made it, and the checksum of all it gave."""

import csv
import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import zollstock
from zollstock.errors import ZollstockError
from zollstock.files import read_json, write_json
from zollstock.inference.seals import check_seal
from zollstock.provenance.checksums import checksum_of, list_files
from zollstock.provenance.software import code_files, git_state, interpreter

FOLDER = "record"
RECORD = f"{FOLDER}/record.json"
CONFIG = f"{FOLDER}/config.json"
CODE = f"{FOLDER}/code"
README = "README.md"
FORMAT = 2
"""Counts up when entries of the record change their meaning."""

_README = """\
# {study}

Results of a study with zollstock {version}: how much image classifiers' decisions depend on
properties of the image. `scores/summary.csv` is the headline, `record/config.json` says what was
asked for, `record/record.json` what made it, and `record/code/` is the program.

With this folder at `results/{study}` and the packages of `record/code/requirements.lock`:

    cd results/{study}/record/code && python -m zollstock.provenance ../..    # is all as recorded?

    snakemake redraw --snakefile results/{study}/record/code/Snakefile \\
        --workflow-profile redraw --configfile results/{study}/record/config.json

The second draws the figures again, as far as what they show was packed.

Both run the program in `record/code/`, with your rights, and no checksum in this folder proves who
wrote it. If you do not trust whoever gave you the folder, take a checkout of zollstock of your own
(`record/record.json` has the version and the commit) and run there:

    python -m zollstock.provenance results/{study}
    snakemake redraw --workflow-profile redraw --configfile results/{study}/record/config.json
"""


def without_places(value: Any, here: Path) -> Any:  # noqa: ANN401 - JSON holds anything
    """Return settings without absolute paths of this machine.

    Paths below `here` become relative to it; of others the last part is kept: ``.../name``.
    """
    if isinstance(value, Mapping):
        return {key: without_places(item, here) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_places(item, here) for item in value]
    if not isinstance(value, str):
        return value
    # A command of several words may name paths in the middle.
    return "".join(_placeless(word, here) for word in re.split(r"([\s=,'\"]+)", value))


def _placeless(word: str, here: Path) -> str:
    windows = PureWindowsPath(word)
    if windows.drive and windows.is_absolute():
        return f".../{windows.name}"
    path = PurePosixPath(word)
    at_home = word.startswith("~/")
    if not at_home and (not path.is_absolute() or len(path.parts) < 2 or word.startswith("//")):
        return word
    for folder in {here, here.resolve()}:
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    # What stands for an image's id or a draw keeps its place.
    kept = next((n for n, part in enumerate(path.parts) if "{" in part), len(path.parts) - 1)
    return "/".join(["...", *path.parts[kept:]])


def write_record(
    results: Path,
    root: Path,
    settings: Mapping[str, Any],
    parts: Mapping[str, Sequence[Path]],
    packages: Mapping[str, str],
    *,
    environments: str,
    checkpoints: Mapping[str, Path],
) -> dict[str, Any]:
    """Write the record of a finished study below ``record/`` and return it.

    Nothing in it depends on the time or the place: the same study gives the same record.

    Parameters
    ----------
    results
        The study's folder of results.
    root
        The workflow's folder, whose code is copied beside the record.
    settings
        The study's settings, defaults filled in.
    parts
        Part (``tables``, ``figures``, ``predictions``, ``frames``) → files and folders.
    packages
        Distribution → version.
    environments
        Where the packages were: in words.
    checkpoints
        Property → folder of its editor.

    Raises
    ------
    ZollstockError
        If a result is missing.
    """
    here = Path.cwd()
    folder = results / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # Unsorted: figures show models and properties in the order of the settings.
    text = json.dumps(without_places(settings, here), indent=1, ensure_ascii=False) + "\n"
    (results / CONFIG).write_text(text, encoding="utf-8")
    shutil.rmtree(results / CODE, ignore_errors=True)
    for file in code_files(root):
        copy = results / CODE / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    readme = _README.format(study=settings["study"], version=zollstock.__version__)
    (results / README).write_text(readme, encoding="utf-8")
    own = {"record": [results / README, results / CONFIG, results / CODE]}
    record = {
        "format": FORMAT,
        "study": settings["study"],
        "software": {
            "zollstock": zollstock.__version__,
            **interpreter(),
            "packages": dict(packages),
            "environments": environments,
        },
        "git": git_state(root),
        "seeds": {
            "study": settings["seed"],
            "properties": {name: found["seed"] for name, found in manifests(parts).items()},
        },
        "stores": {
            f"interventions/{found['store']}": f"interventions/{name}.json"
            for name, found in manifests(parts).items()
        },
        "devices": _devices(parts.get("predictions", []), results),
        "models": _models(parts, settings),
        "editors": _editors(settings, checkpoints),
        "inputs": _inputs(results / "images" / "images.csv", settings),
        "files": list_files(results, {**parts, **own}),
    }
    record = without_places(record, here)
    write_json(record, results / RECORD)
    return record


def read_record(results: Path) -> dict[str, Any]:
    """Read a study's record.

    Raises
    ------
    ZollstockError
        If there is none, or none that this version understands.
    """
    try:
        record = read_json(results / RECORD)
        understood = record["format"] == FORMAT and "files" in record
    except (FileNotFoundError, NotADirectoryError):
        raise ZollstockError(
            results / RECORD,
            "is missing",
            "the record of a study",
            "Give the study's folder of results, or run snakemake to write the record.",
        ) from None
    except (ValueError, KeyError, TypeError):
        understood = False
    if not understood:
        raise ZollstockError(
            results / RECORD,
            "cannot be read",
            f"a record of format {FORMAT}",
            "Write it again: snakemake --forcerun write_record.",
        )
    return record


def stores(record: Mapping[str, Any]) -> list[str]:
    """Return the names of the stores of frames that the record's manifests speak of."""
    return list(record["stores"])


def manifests(parts: Mapping[str, Sequence[Path]]) -> dict[str, dict[str, Any]]:
    """Return property → manifest, for all manifests among the tables."""
    files = [file for file in parts.get("tables", []) if file.parent.name == "interventions"]
    return {file.stem: read_json(file) for file in files}


def _devices(groups: Iterable[Path], results: Path) -> dict[str, Any]:
    """Return predictions → device, precision and batch size they were made with."""
    found = {}
    for group in groups:
        if group.suffix != ".zarr":
            continue  # the notes beside them
        check_seal(group)  # what is harmed is not to be written down as the result
        attributes = read_json(group / "zarr.json")["attributes"]
        found[group.relative_to(results).as_posix()] = attributes.get("facts", {})
    return found


def _models(parts: Mapping[str, Sequence[Path]], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return model → the checksums of its weights, as kept and as given."""
    models = {}
    for file in parts.get("tables", []):
        if file.parent.name == "models" and file.suffix == ".json":
            card = read_json(file)
            entry = {key: card.get(key) for key in ("family", "parameters", "sha256")}
            if card.get("outputs", "logits") != "logits":
                entry["outputs"] = card["outputs"]
            if "repaired" in card:  # which is no model of the settings
                entry["repaired"] = card["repaired"]
            given = settings["models"].get(file.stem, {}).get("weights")
            if given and Path(given).is_file():
                entry["given"] = {"file": given, "sha256": checksum_of(Path(given))}
            models[file.stem] = entry
    return models


def _editors(settings: Mapping[str, Any], checkpoints: Mapping[str, Path]) -> dict[str, Any]:
    """Return property → the checkpoint of its editor and its checksum, as far as it is here."""
    editors = {}
    for name, folder in checkpoints.items():
        prop = settings["properties"][name]
        note = folder / "fetched.json"
        entry = {key: prop.get(key) for key in ("engine", "checkpoint", "revision")}
        if note.is_file():  # gigabytes, read once when they were fetched
            noted = read_json(note)
            entry["sha256"] = noted["sha256"]
            if noted.get("commit"):  # a copy made by hand may not know it
                entry["commit"] = noted["commit"]
        elif folder.is_dir():
            entry["sha256"] = checksum_of(folder)
        editors[name] = entry
    return editors


def _inputs(table: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return where images come from; their checksums stand in the table of images."""
    with table.open(newline="", encoding="utf-8") as file:
        number = sum(1 for _ in csv.DictReader(file))
    return {
        "images": {
            "source": settings["images"]["source"],
            "number": number,
            "table": "images/images.csv",
        }
    }
