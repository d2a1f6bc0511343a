"""Draw all figures of one property."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.draw_property import draw_property
    from zollstock.jobs.drawing import DrawnStudy
    from zollstock.jobs.harness import named_files

    cfg = dict(snakemake.params.cfg)
    draw_property(
        files=named_files(snakemake.input),
        store=Path(snakemake.params.store),
        folder=Path(snakemake.params.folder),
        name=snakemake.wildcards.property,
        study=DrawnStudy(**cfg.pop("study")),
        **cfg,
    )
