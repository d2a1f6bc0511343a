"""Download an editor's weights and configs."""

from zollstock.jobs.harness import job

with job(snakemake, network=True):
    from pathlib import Path

    from zollstock.jobs.fetch_checkpoint import fetch_checkpoint

    fetch_checkpoint(note=Path(snakemake.output.note), **snakemake.params.cfg)
