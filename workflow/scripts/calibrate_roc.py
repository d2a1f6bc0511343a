"""Measure how well scores find the images whose decision depends on the latent."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.calibrate_roc import calibrate_roc

    calibrate_roc(
        predictions=Path(snakemake.input.predictions),
        areas=Path(snakemake.output.table),
        curves=Path(snakemake.output.curves),
        **snakemake.params.cfg,
    )
