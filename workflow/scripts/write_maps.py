"""Write maps of a model's explanations before its repair, to paint on."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.write_maps import write_maps

    files, cfg = snakemake.input, snakemake.params.cfg
    write_maps(
        weights=Path(files.model[0]),
        card=Path(files.model[1]),
        images=Path(files.images),
        pixels=Path(files.pixels),
        cfg=cfg["repair"],
        seed=cfg["seed"],
        folder=Path(snakemake.params.folder),
        table=Path(snakemake.output.table),
        threads=snakemake.threads,
    )
