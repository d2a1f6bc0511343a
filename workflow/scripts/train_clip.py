"""Train a small CLIP on captions of drawn worlds."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.train_clip import train_clip

    cfg = snakemake.params.cfg
    train_clip(
        training=cfg["training"],
        seed=cfg["seed"],
        folder=Path(snakemake.output.card).parent,
        threads=snakemake.threads,
        code=[Path(file) for file in snakemake.input.lib],
    )
