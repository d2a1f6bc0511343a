"""Run every model once on the study's unedited pictures, before frames are made."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.files import models_in
    from zollstock.jobs.try_models import try_models

    cfg, files = snakemake.params.cfg, snakemake.input
    try_models(
        models=dict(zip(cfg["models"], models_in(files.models), strict=True)),
        images=Path(files.images),
        pixels=Path(files.pixels),
        frames=cfg["frames"],
        given=Path(snakemake.output.given),
        pictures=Path(snakemake.output.pictures),
        **cfg["inference"],
        shared=snakemake.resources.gpu_slots <= 1,
        threads=snakemake.threads,
    )
