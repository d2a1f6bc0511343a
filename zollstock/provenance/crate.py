"""A study as an RO-Crate: metadata that repositories of research data and workflows read.

RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) with the profile Workflow RO-Crate 1.0
(https://w3id.org/workflowhub/workflow-ro-crate/1.0).
"""

import os
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.provenance.record import CODE, CONFIG, README, RECORD

METADATA = "ro-crate-metadata.json"
"""Lies in the study's folder of results: a crate's files are those beside and below it."""

SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
# schema.org's term; the context of RO-Crate 1.1 is older than it.
CONTEXT = [f"{SPECIFICATION}/context", {"sha256": "http://schema.org/sha256"}]
SNAKEMAKE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
WORKFLOW = f"{CODE}/Snakefile"
PAPER = "https://arxiv.org/abs/2503.05424"
NO_LICENSE = "No licence was named; ask whoever made this study before you use it."

KINDS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".zarr": "application/vnd.zarr",
}
MEANINGS = {
    "images/images.csv": "The study's images, each with the SHA-256 of its pixels",
    "images/skipped.csv": "Files that were skipped, and why",
    "models/accuracy.csv": "Accuracy of the trained models on each test split",
    "scores/scores.csv": "Every score",
    "scores/scores.parquet": "Every score",
    "scores/tests.csv": "Every test against placebo edits",
    "scores/tests.parquet": "Every test against placebo edits",
    "scores/summary.csv": "The headline: one row per property and model",
    "scores/summary.html": "The headline: one row per property and model",
    README: "What is in this folder, and how to check it and draw its figures again",
    CONFIG: "The settings of the study, defaults filled in",
    RECORD: "Versions, seeds, devices, and the checksum of every result",
}


def published(environ: Mapping[str, str] = os.environ) -> str:
    """Return today's date (UTC), or that of ``SOURCE_DATE_EPOCH`` where it is set.

    Source: https://reproducible-builds.org/specs/source-date-epoch.

    Raises
    ------
    ZollstockError
        If the variable is no whole number of seconds.
    """
    seconds = environ.get("SOURCE_DATE_EPOCH")
    if seconds is None:
        return datetime.now(UTC).date().isoformat()
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        raise ZollstockError(
            "SOURCE_DATE_EPOCH",
            f"is '{seconds}'",
            "whole seconds since 1970",
            "Correct or unset it.",
        ) from None


def crate(
    record: Mapping[str, Any],
    record_sha256: str,
    parts: Collection[str],
    date: str,
    license_: str | None,
) -> dict[str, Any]:
    """Return the RO-Crate metadata of a study's results.

    Parameters
    ----------
    record
        The study's record.
    record_sha256
        Checksum of the record's file, which cannot be in it.
    parts
        The parts of the results that are there; a crate may list no others.
    date
        When it was published, ISO 8601.
    license_
        Of the results: an identifier of https://spdx.org/licenses, an address, or a sentence.
    """
    files = {
        name: entry
        for name, entry in record["files"].items()
        if entry["part"] in parts and (not name.startswith(f"{CODE}/") or name == WORKFLOW)
    }
    files[RECORD] = {"sha256": record_sha256}
    entities = [_entity(name, entry) for name, entry in sorted(files.items())]
    if "frames" in parts:
        entities += [
            {
                "@id": f"{name}/",
                "@type": "Dataset",
                "name": f"Frames; their checksums are in {manifest}",
                "encodingFormat": KINDS[".zarr"],
            }
            for name, manifest in record["stores"].items()
        ]
    code = {
        "@id": f"{CODE}/",
        "@type": "Dataset",
        "name": "The workflow and its library, as they were when the record was written",
    }
    license_entity, license_value = _license(license_)
    mit, mit_value = _license("MIT")
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": record["study"],
        "description": f"Results of the study '{record['study']}': how much image classifiers' "
        "decisions depend on properties of the image, measured by intervening.",
        "datePublished": date,
        "license": license_value,
        "mainEntity": {"@id": WORKFLOW},
        "hasPart": [{"@id": entity["@id"]} for entity in [*entities, code]],
    }
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": [{"@id": SPECIFICATION}, {"@id": PROFILE}],
    }
    for entity in entities:
        if entity["@id"] == WORKFLOW:
            entity |= _workflow(record) | {"license": mit_value}
        if entity["@id"] == README:
            entity["about"] = {"@id": "./"}
    language = {
        "@id": SNAKEMAKE,
        "@type": "ComputerLanguage",
        "name": "Snakemake",
        "identifier": {"@id": "https://doi.org/10.1093/bioinformatics/bts480"},
        "url": {"@id": "https://snakemake.readthedocs.io"},
    }
    paper = {
        "@id": PAPER,
        "@type": "ScholarlyArticle",
        "name": "Locally Explaining Prediction Behavior via Gradual Interventions and "
        "Measuring Property Gradients",
    }
    context = [*mit, *license_entity, language, paper]
    unique = {entity["@id"]: entity for entity in context}
    return {"@context": CONTEXT, "@graph": [descriptor, root, *entities, code, *unique.values()]}


def _workflow(record: Mapping[str, Any]) -> dict[str, Any]:
    software = record["software"]
    entry = {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": "zollstock",
        "description": "Snakemake workflow that made these results.",
        "encodingFormat": "text/plain",
        "programmingLanguage": {"@id": SNAKEMAKE},
        "version": software["zollstock"],
        "citation": {"@id": PAPER},
    }
    if "snakemake" in software["packages"]:
        entry["softwareRequirements"] = f"snakemake {software['packages']['snakemake']}"
    if record["git"] is not None:
        changed = ", with changes" if record["git"]["dirty"] else ""
        entry["identifier"] = f"git commit {record['git']['commit']}{changed}"
    return entry


def _entity(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    path = PurePosixPath(name)
    found: dict[str, Any] = {
        # A folder's name ends in "/", a file's does not.
        "@id": name,
        "@type": "Dataset" if name.endswith("/") else "File",
        "name": MEANINGS.get(name, name.rstrip("/")),
        "encodingFormat": KINDS.get(path.suffix, "text/plain"),
        "sha256": entry["sha256"],
    }
    if "bytes" in entry:
        found["contentSize"] = str(entry["bytes"])
    return found


def _license(license_: str | None) -> tuple[list[dict[str, Any]], Any]:
    """Return the entities that describe a licence, and what refers to it."""
    if license_ is None:
        return [], NO_LICENSE
    if " " in license_.strip():
        return [], license_
    address = license_ if "://" in license_ else f"https://spdx.org/licenses/{license_}"
    entity = {"@id": address, "@type": "CreativeWork", "name": license_}
    return [entity], {"@id": address}
