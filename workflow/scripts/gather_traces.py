"""Join what was traced in all models."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.gather_traces import gather_traces

    gather_traces(
        folders=[Path(folder) for folder in snakemake.input.folders],
        files={name: Path(file) for name, file in snakemake.output.items()},
    )
