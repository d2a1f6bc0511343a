"""Score one model along every property."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.score import score

    cfg, classes = snakemake.params.cfg, snakemake.output.get("classes")
    folders = map(Path, snakemake.params.predictions)
    score(
        predictions=dict(zip(cfg["properties"], folders, strict=True)),
        images=Path(snakemake.input.images),
        table=Path(snakemake.output.table),
        classes=Path(classes) if classes else None,
        model=snakemake.wildcards.model,
        **cfg["scoring"],
        seed=cfg["seed"],
        periods=cfg["periods"],
    )
