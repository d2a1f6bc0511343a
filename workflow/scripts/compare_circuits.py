"""Compare which units carry properties before and after repairs."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.compare_circuits import compare_circuits

    cfg = snakemake.params.cfg
    folders = map(Path, snakemake.input.folders)
    compare_circuits(
        folders=dict(zip(cfg["models"], folders, strict=True)),
        facts=cfg["facts"],
        alpha=cfg["alpha"],
        files={name: Path(file) for name, file in snakemake.output.items()},
    )
