"""Judge a grid of perturbation methods: one model on a share of the images."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.locate_grid import locate_grid
    from zollstock.jobs.locating import handed_over

    locate_grid(
        rows=Path(snakemake.params.rows),
        cfg=snakemake.params.cfg["combined"],
        **handed_over(snakemake),
    )
