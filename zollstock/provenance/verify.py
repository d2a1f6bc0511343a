"""Whether results are what their record says."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zollstock.errors import ZollstockError
from zollstock.files import read_json
from zollstock.provenance.checksums import checksum_of
from zollstock.provenance.record import read_record

OPTIONAL = frozenset({"predictions", "frames"})
"""Parts that an archive may leave out as a whole."""


@dataclass(frozen=True)
class Verdict:
    """What a comparison with the record found.

    Attributes
    ----------
    same
        Names of files, and of folders that count as one, that are as recorded.
    changed
        Those with another content.
    missing
        Those that should be there and are not.
    left_out
        Those of a part that is absent as a whole: it was not packed.
    """

    same: list[str]
    changed: list[str]
    missing: list[str]
    left_out: list[str]

    @property
    def ok(self) -> bool:
        """Whether nothing is changed or missing."""
        return not self.changed and not self.missing


def verify(results: Path) -> Verdict:
    """Compare a study's results, as they were made or unpacked, with their record.

    Frames are compared with the checksums of the manifests, each path by itself.

    Parameters
    ----------
    results
        The study's folder of results.

    Raises
    ------
    ZollstockError
        If there is no record that can be read.
    """
    record = read_record(results)
    same, changed, absent = [], [], []
    for name, entry in record["files"].items():
        path = results / name
        if not path.exists():
            absent.append((name, entry["part"]))
        elif checksum_of(path) == entry["sha256"]:
            same.append(name)
        else:
            changed.append(name)
    for folder, of_store in record["stores"].items():
        name, store, manifest = f"{folder}/", results / folder, results / of_store
        if not store.exists():
            absent.append((name, "frames"))
        elif manifest.is_file():
            harmed = _harmed_paths(store, manifest)
            changed += [f"{name} ({image})" for image in harmed]
            same += [] if harmed else [name]
    here = {record["files"][name]["part"] for name in same if name in record["files"]}
    here |= {"frames" for name in same if name.startswith("interventions/") and name[-1] == "/"}
    left_out = [name for name, part in absent if part in OPTIONAL - here]
    missing = [name for name, part in absent if part not in OPTIONAL - here]
    return Verdict(same, changed, missing, left_out)


def _harmed_paths(store: Path, manifest: Path) -> list[str]:
    """Return the images whose paths differ from their checksums."""
    from zollstock.store import PathStore  # Zarr; most comparisons need none

    harmed = []
    try:
        paths = PathStore(store)
    except ZollstockError:
        return ["the whole store"]
    for entry in read_json(manifest)["images"]:
        if "failed" in entry:
            continue
        try:
            paths.check(entry)
        except ZollstockError:
            harmed.append(entry["image"])
    return harmed


def compare_figures(results: Path, names: Iterable[Path]) -> dict[str, str]:
    """Compare figures that were drawn again with the record.

    Parameters
    ----------
    results
        The study's folder of results.
    names
        Files; of folders, all files in them.

    Returns
    -------
    dict
        Name of every recorded figure → ``same``, ``differs`` or ``left out`` (not among the
        files given).
    """
    record = read_record(results)["files"]
    given = {path.relative_to(results).as_posix() for path in names}
    found = {}
    for name, entry in record.items():
        if entry["part"] != "figures":
            continue
        if name not in given and not any(name.startswith(f"{folder}/") for folder in given):
            found[name] = "left out"
        else:
            path = results / name
            equal = path.is_file() and checksum_of(path) == entry["sha256"]
            found[name] = "same" if equal else "differs"
    return found
