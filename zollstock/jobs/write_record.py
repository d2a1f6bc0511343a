"""Write down what made the results, and the checksum of each."""

import importlib.metadata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zollstock.files import sha256_of, write_json
from zollstock.plan.imports import ROOT, packages
from zollstock.provenance import record
from zollstock.provenance.crate import METADATA, crate, published
from zollstock.provenance.software import versions


def write_record(
    *,
    results: Path,
    parts: Mapping[str, Sequence[Path]],
    settings: Mapping[str, Any],
    checkpoints: Mapping[str, str],
    scripts: Sequence[str],
    modules: Sequence[str],
    without: Sequence[str],
    own_environments: bool,
) -> None:
    """Write the record of a finished study and its RO-Crate metadata.

    Parameters
    ----------
    results
        The study's folder of results.
    parts
        Part (``tables``, ``figures``, ``predictions``, ``frames``) → files and folders.
    settings
        The study's settings, defaults filled in.
    checkpoints
        Property → folder of its editor.
    scripts
        Names of the scripts whose packages are recorded.
    modules, without
        What they import by name in this study, and what only in others.
    own_environments
        Whether every rule ran in an environment of its own.
    """
    used = {"snakemake"}
    for name in scripts:
        script = ROOT / "workflow" / "scripts" / name
        used |= packages(script, *modules, without=tuple(without))
    found = versions(used, ROOT / "envs" if own_environments else None)
    # It starts the rules and is in none of their environments.
    found.setdefault("snakemake", importlib.metadata.version("snakemake"))
    written = record.write_record(
        results,
        ROOT,
        settings,
        parts,
        found,
        environments="one per rule, from envs/" if own_environments else "one for all rules",
        checkpoints={name: Path(folder) for name, folder in checkpoints.items()},
    )
    digest = sha256_of(results / record.RECORD)
    metadata = crate(
        written, digest, {"record", *parts}, published(), settings["archive"]["license"]
    )
    write_json(metadata, results / METADATA)
