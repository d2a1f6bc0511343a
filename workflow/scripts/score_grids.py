"""Score all models on all grids of two properties."""

from zollstock.jobs.harness import job

with job(snakemake):
    from itertools import product
    from pathlib import Path

    from zollstock.jobs.score_grids import score_grids

    cfg = snakemake.params.cfg
    pairs = product(cfg["properties"], cfg["models"])
    score_grids(
        manifests=dict(zip(cfg["properties"], map(Path, snakemake.input.manifests), strict=True)),
        predictions=dict(zip(pairs, map(Path, snakemake.params.predictions), strict=True)),
        properties=cfg["properties"],
        output=cfg["output"],
        images=Path(snakemake.input.images),
        table=Path(snakemake.output.table),
        csv=Path(snakemake.output.csv),
    )
