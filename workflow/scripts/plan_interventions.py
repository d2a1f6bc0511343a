"""Check an engine's inputs and lay out the store of a property."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.plan_interventions import plan_interventions

    config = snakemake.config
    plan_interventions(
        images=Path(snakemake.input.images),
        pixels=Path(snakemake.input.pixels),
        files=snakemake.input.files,
        state=snakemake.params.files,
        edits=[Path(file) for file in snakemake.input.edits],
        plan=Path(snakemake.output.plan),
        name=snakemake.wildcards.property,
        cfg=snakemake.params.cfg,
        options=config["run_options"],
        names=config["stores_of"],
    )
