"""Score one model along one property."""

from workflow.scripts.harness import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from zollstock.inference.predictions import read_predictions
    from zollstock.scoring.table import score_predictions

    scoring = snakemake.params.cfg["scoring"]
    labels = pd.read_csv(snakemake.input.images, dtype=str, keep_default_na=False)
    table = score_predictions(
        read_predictions(Path(snakemake.input.predictions)),
        labels=dict(zip(labels["id"], labels["label"], strict=True)),
        statistics=scoring["statistics"],
        output=scoring["output"],
        permutations=scoring["permutations"],
        seed=snakemake.params.cfg["seed"],
    )
    table.insert(0, "property", snakemake.wildcards.property)
    table.insert(1, "model", snakemake.wildcards.model)
    table.to_parquet(snakemake.output.table, index=False)
