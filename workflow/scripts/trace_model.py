"""Trace properties, and classes, through one model."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.locating import Sources
    from zollstock.jobs.trace_model import trace_model

    files, cfg = snakemake.input, snakemake.params.cfg
    trace_model(
        model=snakemake.wildcards.model,
        sources=Sources(
            images=Path(files.images),
            pixels=Path(files.pixels),
            pictures=Path(snakemake.params.pictures[0]),
            weights=Path(files.weights),
            card=Path(files.card),
            code=[Path(file) for file in [*files.lib, *files.code]],
        ),
        manifests=dict(zip(cfg["properties"], map(Path, files.manifests), strict=True)),
        folder=Path(snakemake.output.folder),
        output=cfg["output"],
        seed=cfg["seed"],
        cfg=cfg,
        device=snakemake.config["inference"]["device"],
        shared=snakemake.resources.gpu_slots == 1,
        threads=snakemake.threads,
    )
