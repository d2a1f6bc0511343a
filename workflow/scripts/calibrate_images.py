"""Draw the images of the calibration."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.calibrate_images import calibrate_images

    calibrate_images(
        world=snakemake.params.cfg["world"],
        images=snakemake.params.cfg["images"],
        seed=snakemake.params.cfg["seed"],
        table=Path(snakemake.output.table),
        pixels=Path(snakemake.output.pixels),
    )
