"""The manifest that says a property's store is whole."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from zollstock.errors import ZollstockError


def manifest_of(
    name: str,
    settings: Mapping[str, Any],
    seed: int,
    plan: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    *,
    max_failed: int | None,
) -> dict[str, Any]:
    """Return the manifest of a property; see `zollstock.manifests`.

    Parameters
    ----------
    name, settings, seed
        Of the property.
    plan
        Of `zollstock.engines.planning.plan_paths`.
    entries
        Of all its paths, in any order.
    max_failed
        How many may have failed; None for placebos, of which any may be missing from a test.

    Raises
    ------
    ZollstockError
        If more have failed.
    """
    failed = {
        (entry["image"], entry["draw"]): entry["failed"] for entry in entries if "failed" in entry
    }
    if failed and max_failed is None:
        _note_missing_placebos(entries)
    elif max_failed is not None and len(failed) > max_failed:
        reasons = [
            f"{image}, draw {draw}: {reason}" if draw else f"{image}: {reason}"
            for (image, draw), reason in sorted(failed.items())
        ]
        raise ZollstockError(
            f"property {name}",
            f"{len(failed)} of {len(entries)} paths failed: " + "; ".join(reasons),
            f"at most {max_failed} (editing.max_failed)",
            "Try them again with --forcerun intervene (finished paths are kept), take the images "
            "out, or raise editing.max_failed; the tables then say which paths are missing.",
        )
    return {
        "property": name,
        "settings": dict(settings),
        "seed": seed,
        "shape": plan["shape"],
        "facts": plan["facts"],
        "store": plan["store"],
        "images": sorted(entries, key=lambda entry: (entry["image"], entry["draw"])),
    }


def _note_missing_placebos(entries: Sequence[Mapping[str, Any]]) -> None:
    """Say how many placebos there are not, and why."""
    missing = [entry for entry in entries if "failed" in entry]
    unmatched = [entry for entry in missing if entry.get("unmatched")]
    failed = [entry for entry in missing if not entry.get("unmatched")]
    for several, what in (
        (unmatched, "could not be made as large as the edit"),
        (failed, "failed"),
    ):
        if several:
            images = len({entry["image"] for entry in several})
            print(
                f"note: {len(several)} of {len(entries)} placebo edits, of {images} images, "
                f"{what}: {several[0]['failed']}, for example; tests use those that there are",
                file=sys.stderr,
            )
