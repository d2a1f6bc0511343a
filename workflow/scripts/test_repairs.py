"""Measure the accuracy of models before and after their repair."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.files import models_in
    from zollstock.jobs.test_repairs import test_repairs

    cfg = snakemake.params.cfg
    test_repairs(
        models=dict(zip(cfg["models"], models_in(snakemake.input.models), strict=True)),
        **{key: cfg[key] for key in ("data", "facts", "latents", "world", "seed")},
        device=snakemake.config["inference"]["device"],
        table=Path(snakemake.output.table),
    )
