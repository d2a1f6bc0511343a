"""Take the maps of one model on a share of the images, and judge them."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.locate_maps import locate_maps
    from zollstock.jobs.locating import Sources

    files, cfg = snakemake.input, snakemake.params.cfg
    locate_maps(
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
        maps=Path(snakemake.params.maps),
        table=Path(snakemake.output.table),
        share=(int(snakemake.wildcards.share), cfg["shares"]),
        output=cfg["output"],
        seed=cfg["seed"],
        world=cfg["world"],
        cfg=cfg["locate"],
        device=snakemake.config["inference"]["device"],
        shared=snakemake.resources.gpu_slots == 1,
        threads=snakemake.threads,
    )
