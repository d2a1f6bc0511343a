"""Draw the figures of the study as a whole."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.draw_study import draw_study
    from zollstock.jobs.drawing import DrawnStudy
    from zollstock.jobs.harness import named_files

    cfg = dict(snakemake.params.cfg)
    draw_study(
        files=named_files(snakemake.input),
        folder=Path(cfg.pop("folder")),
        study=DrawnStudy(**cfg.pop("study")),
        **cfg,
    )
