"""Draw a page of maps an image, the ranking of methods and the control."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.draw_locate import draw_locate
    from zollstock.jobs.drawing import DrawnStudy
    from zollstock.jobs.harness import named_files

    cfg = dict(snakemake.params.cfg)
    draw_locate(
        files=named_files(snakemake.input),
        folder=Path(cfg.pop("folder")),
        maps=Path(cfg.pop("maps")),
        pictures=[Path(folder) for folder in snakemake.params.pictures],
        study=DrawnStudy(**cfg.pop("study")),
        **cfg,
    )
