"""Join the scores of all models."""

from workflow.scripts.harness import job

with job(snakemake):
    import pandas as pd

    table = pd.concat([pd.read_parquet(name) for name in snakemake.input.tables])
    table.to_parquet(snakemake.output.table, index=False)
    table.to_csv(snakemake.output.csv, index=False, float_format="%.6g")
