"""Join the scores of all models."""

from zollstock.jobs.harness import job

with job(snakemake):
    import pandas as pd

    from zollstock.scoring.table import with_flags

    table = pd.concat([pd.read_parquet(name) for name in snakemake.input.tables])
    files = zip(snakemake.params.cfg["properties"], snakemake.input.ledgers, strict=True)
    ledgers = {
        name: pd.read_csv(file, dtype={"image": str, "flags": str}, keep_default_na=False)
        for name, file in files
    }
    table = with_flags(table, ledgers)
    table.to_parquet(snakemake.output.table, index=False)
    table.to_csv(snakemake.output.csv, index=False, float_format="%.6g")
