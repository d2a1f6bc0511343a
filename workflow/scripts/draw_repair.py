"""Draw scores before and after, score against accuracy, and what became of maps and circuits."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.draw_repair import Mapped, draw_repair
    from zollstock.jobs.drawing import DrawnStudy
    from zollstock.jobs.harness import named_files

    cfg = dict(snakemake.params.cfg)
    mapped = Mapped(
        facts=cfg.pop("mapped"),
        models=list(cfg["located"]["methods"]),
        pictures=[Path(folder) for folder in snakemake.params.pictures],
        located=cfg.pop("located"),
    )
    draw_repair(
        files=named_files(snakemake.input),
        folder=Path(cfg.pop("folder")),
        mapped=mapped,
        study=DrawnStudy(**cfg.pop("study")),
        **cfg,
    )
