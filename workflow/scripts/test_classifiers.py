"""Measure the accuracy of trained models on one test split per distribution."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.files import models_in
    from zollstock.jobs.test_classifiers import test_classifiers

    cfg, files = snakemake.params.cfg, models_in(snakemake.input.models)
    test_classifiers(
        models=dict(zip(cfg["models"], files, strict=True)),
        **{key: cfg[key] for key in ("world", "test_images", "seed")},
        device=snakemake.config["inference"]["device"],
        table=Path(snakemake.output.table),
    )
