"""Pack the study into one file."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.archive import archive

    asked = snakemake.params.cfg["archive"]
    archive(
        results=Path(snakemake.output.archive).parent,
        target=Path(snakemake.output.archive),
        parts=[name for name in ("predictions", "frames") if asked[name]],
        license_=asked["license"],
    )
