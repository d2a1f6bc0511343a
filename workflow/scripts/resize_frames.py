"""Resize a property's frames for the models that share a geometry."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.files import read_json
    from zollstock.images.geometry import Geometry
    from zollstock.inference.inputs import checked_inputs, write_inputs

    manifest = read_json(Path(snakemake.input.manifest))
    geometry = Geometry.from_key(snakemake.wildcards.geometry)
    inputs = checked_inputs(Path(snakemake.params.store), manifest, geometry)
    write_inputs(Path(snakemake.output.frames), inputs, len(manifest["images"]))
