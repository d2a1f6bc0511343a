"""Write the report of a study: one page that works offline."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.harness import named_files
    from zollstock.jobs.write_report import write_report

    write_report(
        page=Path(snakemake.output.page),
        files=named_files(snakemake.input),
        **snakemake.params.cfg,
    )
