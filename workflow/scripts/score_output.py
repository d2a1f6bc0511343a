"""Score a study by one more output."""

from zollstock.jobs.harness import job

with job(snakemake):
    from zollstock.jobs.score_output import handed_over, score_output

    score_output(**handed_over(snakemake))
