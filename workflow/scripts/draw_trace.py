"""Draw which units carry properties, what holding them does, and the graphs of classes."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.draw_trace import draw_trace
    from zollstock.jobs.drawing import DrawnStudy
    from zollstock.jobs.harness import named_files

    cfg = dict(snakemake.params.cfg)
    draw_trace(
        files=named_files(snakemake.input),
        folder=Path(cfg.pop("folder")),
        study=DrawnStudy(**cfg.pop("study")),
        **cfg,
    )
