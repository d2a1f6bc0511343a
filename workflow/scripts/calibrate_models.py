"""Let the trained models look at pixel noise, at exact interventions and at edits."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.calibrate_models import calibrate_models

    manifest = snakemake.input.get("manifest")
    calibrate_models(
        images=Path(snakemake.input.images),
        pixels=Path(snakemake.input.pixels),
        manifest=Path(manifest) if manifest else None,
        models=[Path(file) for file in snakemake.input.models],
        predictions=Path(snakemake.output.predictions),
        **snakemake.params.cfg,
        threads=snakemake.threads,
    )
