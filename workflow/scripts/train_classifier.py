"""Draw a training set and train a classifier on it."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.train_classifier import train_classifier

    cfg = snakemake.params.cfg
    train_classifier(
        name=snakemake.wildcards.model,
        **{key: cfg[key] for key in ("model", "world", "training", "seed")},
        weights=Path(snakemake.output.weights),
        card=Path(snakemake.output.card),
        threads=snakemake.threads,
    )
