"""Compare every edit with placebo edits of its size: the table of tests."""

from zollstock.jobs.harness import job

with job(snakemake):
    from itertools import product
    from pathlib import Path

    from zollstock.jobs.compare_placebos import compare_placebos

    files, cfg = snakemake.input, snakemake.params.cfg
    pairs = product([*cfg["properties"], *cfg["sets"]], cfg["models"])
    compare_placebos(
        scores=Path(files.scores),
        images=Path(files.images),
        edits=dict(zip(cfg["properties"], map(Path, files.edits), strict=True)),
        placebos=dict(zip(cfg["sets"], map(Path, files.placebos), strict=True)),
        predictions=dict(zip(pairs, map(Path, snakemake.params.predictions), strict=True)),
        **{key: cfg[key] for key in ("placebos_of", "models", "output", "interest", "test")},
        table=Path(snakemake.output.table),
        csv=Path(snakemake.output.csv),
    )
