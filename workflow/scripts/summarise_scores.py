"""Make the headline table: one row per property and model."""

from zollstock.jobs.harness import job, named_files

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.summarise_scores import summarise_scores

    cfg = snakemake.params.cfg
    summarise_scores(
        table=Path(snakemake.input.table),
        tests=Path(snakemake.input.tests),
        cards=named_files(snakemake.input)["cards"],
        summary=Path(snakemake.output.summary),
        paper=Path(snakemake.output.paper),
        page=Path(snakemake.output.page),
        **{key: cfg[key] for key in ("properties", "study", "seed")},
        **{key: cfg["scoring"][key] for key in ("alpha", "interest", "output")},
    )
