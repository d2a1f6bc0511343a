"""Compare scores of classifiers that are formulas with their closed forms."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.calibrate_truth import calibrate_truth

    edits = snakemake.input.get("latents")
    calibrate_truth(
        images=Path(snakemake.input.images),
        pixels=Path(snakemake.input.pixels),
        edits=Path(edits) if edits else None,
        table=Path(snakemake.output.table),
        decay=Path(snakemake.output.decay),
        scores=Path(snakemake.output.points),
        **snakemake.params.cfg,
    )
