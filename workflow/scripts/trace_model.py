"""Trace properties, and classes, through one model."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.locating import looked_into
    from zollstock.jobs.trace_model import trace_model

    trace_model(
        folder=Path(snakemake.output.folder),
        cfg=snakemake.params.cfg,
        **looked_into(snakemake),
    )
