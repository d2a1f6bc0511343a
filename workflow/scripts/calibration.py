"""Sum up the calibration, or say why a study has none."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.calibration import calibration

    parts = ("rates", "truth", "decay", "areas", "power")
    calibration(
        study=snakemake.params.cfg["study"],
        source=snakemake.params.cfg["source"],
        found={name: Path(file) for name in parts if (file := snakemake.input.get(name))},
        table=Path(snakemake.output.table),
    )
