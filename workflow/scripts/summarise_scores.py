"""Make the headline table: one row per property and model."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from zollstock.significance.summary import summarise, summary_page

    cfg = snakemake.params.cfg
    table = pd.read_parquet(snakemake.input.table)
    tests = pd.read_parquet(snakemake.input.tests)
    alpha = cfg["scoring"]["alpha"]
    summary = summarise(table, tests, cfg["properties"], alpha, cfg["seed"])
    summary.to_csv(snakemake.output.summary, index=False, float_format="%.6g")
    page = summary_page(summary, cfg["study"], alpha)
    Path(snakemake.output.page).write_text(page, encoding="utf-8")
