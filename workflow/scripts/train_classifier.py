"""Draw or read labelled pictures and train a classifier on them."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.train_classifier import train_classifier

    cfg = snakemake.params.cfg
    checkpoints = snakemake.output.get("checkpoints")
    train_classifier(
        name=snakemake.wildcards.model,
        **{key: cfg[key] for key in ("model", "data", "training", "seed")},
        weights=Path(snakemake.output.weights),
        card=Path(snakemake.output.card),
        threads=snakemake.threads,
        code=[Path(file) for file in (*snakemake.input.code, *snakemake.input.lib)],
        start=next(map(Path, snakemake.input.start), None),
        every=cfg.get("every", 0),
        checkpoints=Path(checkpoints) if checkpoints else None,
    )
