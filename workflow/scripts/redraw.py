"""Compare figures that were drawn again with the record."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.redraw import redraw
    from zollstock.plan.imports import ROOT

    redraw(
        unpacked=snakemake.params.cfg["archive"]["unpacked"],
        figures=[Path(file) for file in snakemake.input.figures],
        table=Path(snakemake.output.table),
        program=ROOT,
    )
