"""Run one model on every frame of one property."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.infer import infer

    resized = snakemake.input.get("frames")
    infer(
        manifest=Path(snakemake.input.manifest),
        store=Path(snakemake.params.store),
        resized=Path(resized) if resized else None,
        weights=Path(snakemake.input.weights),
        card=Path(snakemake.input.card),
        predictions=Path(snakemake.output.predictions),
        title=f"{snakemake.wildcards.model} on {snakemake.wildcards.property}",
        **snakemake.params.cfg["inference"],
        threads=snakemake.threads,
    )
