"""Draw the figures of a property whose axis closes on itself."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.draw_property import draw_property
    from zollstock.jobs.drawing import DrawnStudy
    from zollstock.jobs.harness import named_files

    cfg, files = dict(snakemake.params.cfg), named_files(snakemake.input)
    files["predictions"] = [Path(folder) for folder in snakemake.params.predictions]
    draw_property(
        files=files,
        folder=Path(cfg.pop("folder")),
        name=snakemake.wildcards.property,
        study=DrawnStudy(**cfg.pop("study")),
        **cfg,
    )
