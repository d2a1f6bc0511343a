"""Join the parts of a property into the manifest that says its store is whole."""

from zollstock.jobs.harness import job

with job(snakemake):
    import sys
    from pathlib import Path

    from zollstock.errors import ZollstockError
    from zollstock.files import read_json, write_json

    cfg = snakemake.params.cfg
    plan = read_json(Path(snakemake.input.plan))
    entries = [entry for part in snakemake.input.parts for entry in read_json(Path(part))]
    failed = {entry["id"]: entry["failed"] for entry in entries if "failed" in entry}
    most = snakemake.config["editing"]["max_failed"]
    if failed and cfg["placebos"]:
        first = next(iter(failed.values()))
        print(
            f"note: {len(failed)} of {len(entries)} placebo edits failed, e.g. {first}; the tests "
            "use those that there are",
            file=sys.stderr,
        )
    elif failed and len(failed) > most:
        raise ZollstockError(
            f"property {snakemake.wildcards.property}",
            f"{len(failed)} of {len(entries)} paths failed: "
            + "; ".join(f"{image}: {reason}" for image, reason in sorted(failed.items())),
            f"at most {most} (editing.max_failed)",
            "Try them again with --forcerun intervene (finished paths are kept), take the images "
            "out, or raise editing.max_failed; the tables then say which paths are missing.",
        )
    manifest = {
        "property": snakemake.wildcards.property,
        "settings": cfg["property"],
        "seed": cfg["seed"],
        "shape": plan["shape"],
        "facts": plan["facts"],
        "images": sorted(entries, key=lambda entry: entry["id"]),
    }
    write_json(manifest, Path(snakemake.output.manifest))
