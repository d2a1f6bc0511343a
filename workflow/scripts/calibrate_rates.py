"""Count how often tests reject where nothing is to be found."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.calibrate_rates import calibrate_rates

    calibrate_rates(
        predictions=Path(snakemake.input.predictions),
        table=Path(snakemake.output.table),
        **snakemake.params.cfg,
    )
