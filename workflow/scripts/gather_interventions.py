"""Join the parts of a property into the manifest that says its store is whole."""

from workflow.scripts.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.files import read_json, write_json

    prop = snakemake.params.cfg["property"]
    plan = read_json(Path(snakemake.input.plan))
    entries = [entry for part in snakemake.input.parts for entry in read_json(Path(part))]
    manifest = {
        "property": snakemake.wildcards.property,
        "settings": prop,
        "seed": snakemake.params.cfg["seed"],
        "shape": plan["shape"],
        "images": sorted(entries, key=lambda entry: entry["id"]),
    }
    write_json(manifest, Path(snakemake.output.manifest))
