"""Measure what the edits of a property did."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.measure_edits import measure_edits

    files = {key: Path(snakemake.input[key]) for key in ("manifest", "images", "pixels")}
    tables = {key: Path(snakemake.output[key]) for key in ("steps", "verdicts")}
    measure_edits(**files, **tables, cfg=snakemake.params.cfg)
