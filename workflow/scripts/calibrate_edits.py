"""Edit the images of the calibration, and read in each frame what the edit did."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.calibrate_edits import calibrate_edits

    calibrate_edits(
        images=Path(snakemake.input.images),
        pixels=Path(snakemake.input.pixels),
        latents=Path(snakemake.output.latents),
        manifest=Path(snakemake.output.manifest),
        engine=snakemake.params.cfg["property"],
        world=snakemake.params.cfg["world"]["name"],
        latent=snakemake.params.cfg["latent"],
        seed=snakemake.params.cfg["seed"],
        running=snakemake.config["run_options"],
        threads=snakemake.threads,
    )
