"""Choose the images of a study."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.files import models_in
    from zollstock.jobs.select_images import select_images

    cfg = snakemake.params.cfg
    select_images(
        **{key: cfg[key] for key in ("images", "world", "seed")},
        models=models_in(snakemake.input.models),
        device=snakemake.config["inference"]["device"],
        table=Path(snakemake.output.table),
        skipped=Path(snakemake.output.skipped),
        pixels=Path(snakemake.output.pixels),
    )
