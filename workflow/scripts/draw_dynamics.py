"""Draw scores and accuracy over epochs, and scores against flips."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.draw_dynamics import draw_dynamics
    from zollstock.jobs.drawing import DrawnStudy
    from zollstock.jobs.harness import named_files

    cfg = dict(snakemake.params.cfg)
    draw_dynamics(
        files=named_files(snakemake.input),
        folder=Path(cfg.pop("folder")),
        study=DrawnStudy(**cfg.pop("study")),
        **cfg,
    )
