"""Measure the accuracy of trained models on each split of what they were trained on."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.files import models_in
    from zollstock.jobs.test_classifiers import test_classifiers

    cfg, files = snakemake.params.cfg, models_in(snakemake.input.models)
    test_classifiers(
        models=dict(zip(cfg["models"], files, strict=True)),
        data=cfg["data"],
        seed=cfg["seed"],
        device=snakemake.config["inference"]["device"],
        table=Path(snakemake.output.table),
    )
