"""Draw all figures of one property."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.draw_property import draw_property
    from zollstock.jobs.drawing import DrawnStudy
    from zollstock.jobs.harness import named_files

    cfg, files = dict(snakemake.params.cfg), named_files(snakemake.input)
    for name in ("predictions", "placebo_predictions"):
        files[name] = [Path(folder) for folder in snakemake.params[name]]
    draw_property(
        files=files,
        folder=Path(cfg.pop("folder")),
        name=snakemake.wildcards.property,
        study=DrawnStudy(**cfg.pop("study")),
        **cfg,
    )
