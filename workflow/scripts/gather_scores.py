"""Join the scores of all models."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.gather_scores import gather_scores

    ledgers = map(Path, snakemake.input.ledgers)
    gather_scores(
        tables=[Path(name) for name in snakemake.input.tables],
        ledgers=dict(zip(snakemake.params.cfg["properties"], ledgers, strict=True)),
        classes=[Path(name) for name in snakemake.input.classes],
        **{name: Path(file) for name, file in snakemake.output.items()},
    )
