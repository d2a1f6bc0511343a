"""A study as an RO-Crate: metadata that repositories of research data and workflows read.

RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) with the profile Workflow RO-Crate 1.0
(https://w3id.org/workflowhub/workflow-ro-crate/1.0).
"""

import os
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from rocrate.rocrate import ROCrate

from zollstock.errors import ZollstockError
from zollstock.provenance.record import CODE, CONFIG, README, RECORD

METADATA = "ro-crate-metadata.json"
"""Lies in the study's folder of results: a crate's files are those beside and below it."""

VERSION = "1.1"
# schema.org's term; the context of RO-Crate 1.1 is older than it.
TERMS = {"sha256": "http://schema.org/sha256"}
WORKFLOW = f"{CODE}/Snakefile"
PAPER = {
    "@id": "https://arxiv.org/abs/2503.05424",
    "@type": "ScholarlyArticle",
    "name": "Locally Explaining Prediction Behavior via Gradual Interventions and "
    "Measuring Property Gradients",
}
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
    "repair/repairs.csv": "Scores of every property before and after a repair",
    "repair/accuracy.csv": "Accuracy before and after a repair on each test split",
    "repair/candidates.csv": "Every weight and epoch of a repair, and what was chosen",
    "dynamics/checkpoints.csv": "The headline of every checkpoint of a training",
    "dynamics/series.csv": "Scores, flips and accuracy over each training",
    "dynamics/accuracy.csv": "Accuracy of every checkpoint",
    "dynamics/scores.csv": "Every score of every checkpoint",
    "dynamics/scores.parquet": "Every score of every checkpoint",
    "dynamics/tests.csv": "Every test of every checkpoint against placebo edits",
    "dynamics/tests.parquet": "Every test of every checkpoint against placebo edits",
    "scores/scores.csv": "Every score",
    "scores/scores.parquet": "Every score",
    "scores/tests.csv": "Every test against placebo edits",
    "scores/tests.parquet": "Every test against placebo edits",
    "scores/summary.csv": "The headline: one row per property and model",
    "scores/paper.csv": "The paper's measures: one row per property and model",
    "scores/summary.html": "The headline: one row per property and model",
    "report.html": "The report: the answer, its evidence, and how it was found",
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
    made = ROCrate(version=VERSION)
    made.metadata.extra_terms.update(TERMS)
    root = made.root_dataset
    root["name"] = record["study"]
    root["description"] = (
        f"Results of the study '{record['study']}': how much image classifiers' "
        "decisions depend on properties of the image, measured by intervening."
    )
    root["datePublished"] = date
    root["license"] = _license(made, license_)
    paper = made.add_jsonld(dict(PAPER))  # it takes its argument apart
    files = {
        name: entry
        for name, entry in record["files"].items()
        if entry["part"] in parts and not name.startswith(f"{CODE}/")
    }
    files[RECORD] = {"sha256": record_sha256}
    # The workflow tells who uses the crate that it is one of Workflow RO-Crate.
    made.add_workflow(
        dest_path=WORKFLOW,
        properties=_facts(WORKFLOW, record["files"][WORKFLOW])
        | _workflow(record)
        | {"license": _license(made, "MIT"), "citation": paper},
        main=True,
        lang="snakemake",
    )
    for name, entry in sorted(files.items()):
        add = made.add_dataset if name.endswith("/") else made.add_file
        add(dest_path=name, properties=_facts(name, entry))
    if "frames" in parts:
        for name, manifest in record["stores"].items():
            checked = f"Frames; their checksums are in {manifest}"
            facts = {"name": checked, "encodingFormat": KINDS[".zarr"]}
            made.add_dataset(dest_path=f"{name}/", properties=facts)
    code = "The workflow and its library, as they were when the record was written"
    made.add_dataset(dest_path=f"{CODE}/", properties={"name": code})
    made.get(README)["about"] = root
    found: dict[str, Any] = made.metadata.generate()
    return found


def _workflow(record: Mapping[str, Any]) -> dict[str, Any]:
    software = record["software"]
    entry = {
        "name": "zollstock",
        "description": "Snakemake workflow that made these results.",
        "encodingFormat": "text/plain",
        "version": software["zollstock"],
    }
    if "snakemake" in software["packages"]:
        entry["softwareRequirements"] = f"snakemake {software['packages']['snakemake']}"
    if record["git"] is not None:
        changed = ", with changes" if record["git"]["dirty"] else ""
        entry["identifier"] = f"git commit {record['git']['commit']}{changed}"
    return entry


def _facts(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        "name": MEANINGS.get(name, name.rstrip("/")),
        "encodingFormat": KINDS.get(PurePosixPath(name).suffix, "text/plain"),
        "sha256": entry["sha256"],
    }
    if "bytes" in entry:
        found["contentSize"] = str(entry["bytes"])
    return found


def _license(made: ROCrate, license_: str | None) -> Any:  # noqa: ANN401 - an entity or words
    """Add what describes a licence, and return what refers to it."""
    if license_ is None:
        return NO_LICENSE
    if " " in license_.strip():
        return license_
    address = license_ if "://" in license_ else f"https://spdx.org/licenses/{license_}"
    about = {"@id": address, "@type": "CreativeWork", "name": license_}
    return made.get(address) or made.add_jsonld(about)
