"""Train the small editor from nothing and put it through the gate."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.files import models_in
    from zollstock.jobs.train_editor import train_editor

    cfg = snakemake.params.cfg
    train_editor(
        models=models_in(snakemake.input.models),
        trained_on=cfg["trained_on"],
        editor=cfg["editor_training"],
        world=cfg["world"],
        threads=snakemake.threads,
        folder=Path(snakemake.output.weights),
    )
