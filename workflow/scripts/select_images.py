"""Choose the images of a study."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.select_images import select_images

    cfg, files = snakemake.params.cfg, [Path(file) for file in snakemake.input.models]
    select_images(
        **{key: cfg[key] for key in ("images", "world", "seed")},
        models=list(zip(files[::2], files[1::2], strict=True)),
        device=snakemake.config["inference"]["device"],
        table=Path(snakemake.output.table),
        skipped=Path(snakemake.output.skipped),
        pixels=Path(snakemake.output.pixels),
    )
