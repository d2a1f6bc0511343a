"""A study in one file: a zip with a fixed order and fixed dates."""

import hashlib
import json
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.files import files_in, read_json, sha256_of
from zollstock.provenance.crate import METADATA, crate
from zollstock.provenance.record import RECORD, read_record, stores

ALWAYS = frozenset({"tables", "figures", "record"})
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
_PACKED_ALREADY = {".pdf", ".png", ".parquet"}
_CHUNK = 1 << 20
# At the start of a field: /folder/name or C:\\folder.
_PLACE = re.compile(r"""(?:^|[\s",'=])(?:/[^/\s",']+/[^/\s",']|[A-Za-z]:\\)""", re.MULTILINE)


def pack(results: Path, target: Path, parts: Collection[str], license_: str | None) -> int:
    """Pack a study's results into one zip and return the number of its files.

    The same results give the same bytes. The archive is an RO-Crate of its own, which lists
    what was packed; the record in it lists everything.

    Parameters
    ----------
    results
        The study's folder of results.
    target
        The zip to write.
    parts
        Parts to pack beside tables, figures and record: ``predictions``, ``frames``.
    license_
        See `zollstock.provenance.crate.crate`.

    Raises
    ------
    ZollstockError
        If a result is missing or differs from the record.
    """
    record = read_record(results)
    packed = ALWAYS | set(parts)
    date = _date_of(results)
    metadata = crate(record, sha256_of(results / RECORD), packed, date, license_)
    content = json.dumps(metadata, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    count = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file:
        file.writestr(_info(METADATA), content)
        for name, path, checksum in _chosen(results, record, packed):
            found = _add(file, name, path)
            if checksum is not None and found != checksum:
                raise _changed(path)
            count += 1
    return count + 1


def _chosen(
    results: Path, record: Mapping[str, Any], parts: Collection[str]
) -> Iterator[tuple[str, Path, str | None]]:
    """Yield name, file and checksum, as far as it is a file's own, of all that is packed."""
    yield RECORD, results / RECORD, None
    for name, entry in record["files"].items():
        if entry["part"] not in parts:
            continue
        path = results / name
        if not path.exists():
            raise _changed(path)
        if not name.endswith("/"):
            yield name, path, entry["sha256"]
            continue
        digest = hashlib.sha256()
        for file in files_in(path):
            inner = file.relative_to(path).as_posix()
            checksum = sha256_of(file)
            digest.update(f"{checksum}  {inner}\n".encode())
            yield name + inner, file, checksum
        if digest.hexdigest() != entry["sha256"]:
            raise _changed(path)
    if "frames" in parts:
        for store in (results / name for name in stores(record)):
            if not store.is_dir():
                raise _changed(store)
            _check_paths(store, results / record["stores"][store.relative_to(results).as_posix()])
            for file in files_in(store):
                yield file.relative_to(results).as_posix(), file, None


def _check_paths(store: Path, manifest: Path) -> None:
    """Raise a `ZollstockError` where a path differs from its checksum."""
    from zollstock.store import PathStore  # Zarr; most archives have no frames

    paths = PathStore(store)
    for entry in read_json(manifest)["images"]:
        if "failed" not in entry:
            paths.check(entry)


def _changed(path: Path) -> ZollstockError:
    return ZollstockError(
        path,
        "is missing or changed since the record was written",
        "the file that the record names",
        "Run again with --forcerun write_record if the change was meant. Otherwise make it again: "
        "predictions with --forcerun infer, anything else by deleting it and running snakemake.",
    )


def _date_of(results: Path) -> str:
    """Return the date in the crate beside the results."""
    graph = read_json(results / METADATA)["@graph"]
    return str(next(entity for entity in graph if entity["@id"] == "./")["datePublished"])


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DATE)
    info.external_attr = 0o100644 << 16
    info.create_system = 3  # Unix, wherever it is made
    packed = Path(name).suffix in _PACKED_ALREADY
    info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    return info


def _add(file: zipfile.ZipFile, name: str, path: Path) -> str:
    """Add a file and return the SHA-256 of what was added."""
    digest = hashlib.sha256()
    size = path.stat().st_size
    with path.open("rb") as source, file.open(_info(name), "w", force_zip64=size >= 1 << 31) as to:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            to.write(chunk)
    return digest.hexdigest()


def names_of_places(results: Path, record: Mapping[str, Any]) -> list[str]:
    """Return the tables that hold absolute paths, which tell of the machine they were made on."""
    told = []
    for name, entry in record["files"].items():
        if entry["part"] == "tables" and Path(name).suffix in {".csv", ".json"}:
            text = (results / name).read_text(encoding="utf-8", errors="replace")
            if _PLACE.search(text):
                told.append(name)
    return told
