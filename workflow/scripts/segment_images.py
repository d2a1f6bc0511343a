"""Draw masks of a study's images by a segmentation model."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.segment_images import segment_images

    segment_images(
        images=Path(snakemake.input.images),
        pixels=Path(snakemake.input.pixels),
        masks=Path(snakemake.output.masks),
        threads=snakemake.threads,
        **snakemake.params.cfg,
    )
