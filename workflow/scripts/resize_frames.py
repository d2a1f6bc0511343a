"""Resize a property's frames for the models that share a geometry."""

from workflow.scripts.harness import job

with job(snakemake):
    import json
    from pathlib import Path

    from zollstock.inference.inputs import checked_inputs, write_inputs
    from zollstock.models.geometry import Geometry

    manifest = json.loads(Path(snakemake.input.manifest).read_text())
    geometry = Geometry.from_key(snakemake.wildcards.geometry)
    inputs = checked_inputs(Path(snakemake.params.store), manifest, geometry)
    write_inputs(Path(snakemake.output.frames), inputs, len(manifest["images"]))
