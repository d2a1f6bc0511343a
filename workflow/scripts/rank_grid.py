"""Join what was found of a grid of methods, over all models."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.rank_grid import rank_grid

    rank_grid(
        tables=[Path(file) for file in snakemake.input.tables],
        seed=snakemake.params.cfg["seed"],
        table=Path(snakemake.output.table),
    )
