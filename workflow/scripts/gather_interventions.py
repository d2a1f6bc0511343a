"""Join the parts of a property into the manifest that says its store is whole."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.gather_interventions import gather_interventions

    gather_interventions(
        plan=Path(snakemake.input.plan),
        parts=[Path(part) for part in snakemake.input.parts],
        manifest=Path(snakemake.output.manifest),
        name=snakemake.wildcards.property,
        cfg=snakemake.params.cfg,
        max_failed=snakemake.config["editing"]["max_failed"],
    )
