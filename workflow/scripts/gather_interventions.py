"""Join the parts of a property into the manifest that says its store is whole."""

from workflow.scripts.harness import job

with job(snakemake):
    import json
    from pathlib import Path

    from zollstock.images.table import write_json

    prop = snakemake.params.cfg["property"]
    plan = json.loads(Path(snakemake.input.plan).read_text())
    entries = [
        entry for part in snakemake.input.parts for entry in json.loads(Path(part).read_text())
    ]
    manifest = {
        "property": snakemake.wildcards.property,
        "settings": prop,
        "seed": snakemake.params.cfg["seed"],
        "shape": plan["shape"],
        "images": sorted(entries, key=lambda entry: entry["id"]),
    }
    write_json(manifest, Path(snakemake.output.manifest))
