"""Measure which statistic finds an effect, by its size."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.calibrate_power import calibrate_power

    edits = snakemake.input.get("latents")
    calibrate_power(
        edits=Path(edits) if edits else None,
        table=Path(snakemake.output.table),
        **snakemake.params.cfg,
    )
