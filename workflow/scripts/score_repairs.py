"""Score models before and after their repair along every property."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.score_output import handed_over
    from zollstock.jobs.score_repairs import score_repairs

    tables = {name: [Path(file) for file in snakemake.input[name]] for name in ("tried", "agreed")}
    score_repairs(**tables, **handed_over(snakemake))
