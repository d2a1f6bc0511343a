"""Train a model further so that properties matter no longer."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.repair_model import repair_model

    files, cfg = snakemake.input, snakemake.params.cfg
    repair_model(
        name=snakemake.wildcards.model,
        weights=Path(files.model[0]),
        card=Path(files.model[1]),
        images=Path(files.images),
        pixels=Path(files.pixels),
        cfg=cfg["repair"],
        seed=cfg["seed"],
        files={name: Path(file) for name, file in snakemake.output.items()},
        kept=Path(snakemake.params.kept),
        threads=snakemake.threads,
        code=[Path(file) for file in (*files.code, *files.lib)],
    )
