"""Join the scores and make the headline table."""

from workflow.scripts.harness import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from zollstock.scoring.summary import summarise, summary_page

    cfg = snakemake.params.cfg
    table = pd.concat([pd.read_parquet(name) for name in snakemake.input.tables])
    table.to_parquet(snakemake.output.table, index=False)
    table.to_csv(snakemake.output.csv, index=False, float_format="%.6g")
    summary = summarise(table, cfg["properties"], cfg["scoring"]["alpha"], cfg["seed"])
    summary.to_csv(snakemake.output.summary, index=False, float_format="%.6g")
    Path(snakemake.output.page).write_text(summary_page(summary, cfg["study"]))
