"""Train the small editor from nothing and put it through the gate."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.train_editor import train_editor

    cfg, models = snakemake.params.cfg, [Path(file) for file in snakemake.input.models]
    train_editor(
        models=list(zip(models[::2], models[1::2], strict=True)),
        trained_on=cfg["trained_on"],
        editor=cfg["editor_training"],
        world=cfg["world"],
        threads=snakemake.threads,
        folder=Path(snakemake.output.weights),
    )
