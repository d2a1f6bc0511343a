"""Join the parts of a property into the manifest that says its store is whole."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zollstock.engines.gathering import manifest_of
from zollstock.files import read_json, write_json


def gather_interventions(
    *,
    plan: Path,
    parts: Sequence[Path],
    manifest: Path,
    name: str,
    cfg: Mapping[str, Any],
    max_failed: int,
) -> None:
    """Write the manifest of a property.

    Parameters
    ----------
    plan
        Of `zollstock.jobs.plan_interventions`.
    parts
        The entries of each share of the images.
    manifest
        The JSON that is written.
    name
        Of the property or the set of placebos.
    cfg
        What the frames depend on, and whether they are placebos.
    max_failed
        How many edits may have failed.
    """
    entries = [entry for part in parts for entry in read_json(part)]
    write_json(gathered(read_json(plan), entries, name, cfg, max_failed), manifest)


def gathered(
    plan: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    name: str,
    cfg: Mapping[str, Any],
    max_failed: int,
) -> dict[str, Any]:
    """Return the manifest of all entries; see `gather_interventions`."""
    most = None if cfg["placebos"] else max_failed
    return manifest_of(name, cfg["property"], cfg["seed"], plan, entries, max_failed=most)
