"""Draw scores before and after a repair, and score against accuracy."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.draw_repair import draw_repair
    from zollstock.jobs.drawing import DrawnStudy
    from zollstock.jobs.harness import named_files

    cfg = dict(snakemake.params.cfg)
    draw_repair(
        files=named_files(snakemake.input),
        folder=Path(cfg.pop("folder")),
        study=DrawnStudy(**cfg.pop("study")),
        **cfg,
    )
