"""Score one model along every property."""

from zollstock.jobs.harness import job

with job(snakemake):
    import sys
    from pathlib import Path

    import pandas as pd

    from zollstock.inference.predictions import iterate_predictions, predicted_classes
    from zollstock.scoring.table import score_predictions

    cfg = snakemake.params.cfg
    labels = pd.read_csv(snakemake.input.images, dtype=str, keep_default_na=False)
    tables = []
    known = predicted_classes(Path(snakemake.params.predictions[0]))
    strange = sorted(set(labels["label"]) - set(known))
    if strange:
        print(
            f"note: images have the label '{strange[0]}', which is no class of "
            f"{snakemake.wildcards.model} ({', '.join(known)})",
            file=sys.stderr,
        )
    for name, folder in zip(cfg["properties"], snakemake.params.predictions, strict=True):
        for part in iterate_predictions(Path(folder)):
            table = score_predictions(
                part,
                labels=dict(zip(labels["id"], labels["label"], strict=True)),
                statistics=cfg["scoring"]["statistics"],
                output=cfg["scoring"]["output"],
                permutations=cfg["scoring"]["permutations"],
                seed=cfg["seed"],
            )
            table.insert(0, "property", name)
            table.insert(1, "model", snakemake.wildcards.model)
            tables.append(table)
    pd.concat(tables).to_parquet(snakemake.output.table, index=False)
