"""Judge a grid of perturbation methods: one model on a share of the images."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.locate_grid import locate_grid
    from zollstock.jobs.locating import Sources

    files, cfg = snakemake.input, snakemake.params.cfg
    locate_grid(
        model=snakemake.wildcards.model,
        sources=Sources(
            images=Path(files.images),
            pixels=Path(files.pixels),
            pictures=Path(snakemake.params.pictures[0]),
            weights=Path(files.weights),
            card=Path(files.card),
            code=[Path(file) for file in [*files.lib, *files.code]],
        ),
        manifests=dict(zip(cfg["manifests"], map(Path, files.manifests), strict=True)),
        rows=Path(snakemake.params.rows),
        table=Path(snakemake.output.table),
        share=(int(snakemake.wildcards.share), cfg["shares"]),
        output=cfg["output"],
        seed=cfg["seed"],
        world=cfg["world"],
        cfg=cfg["combined"],
        device=snakemake.config["inference"]["device"],
        shared=snakemake.resources.gpu_slots == 1,
        threads=snakemake.threads,
    )
