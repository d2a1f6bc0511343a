"""Draw what the calibration found."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.draw_calibration import draw_calibration

    tables = ("rates", "points", "decay", "areas", "curves", "power")
    figures = snakemake.params.cfg["figures"]
    draw_calibration(
        **{name: Path(snakemake.input[name]) for name in tables},
        folder=Path(snakemake.output[0]).parent,
        latent=snakemake.params.cfg["latent"],
        threshold=snakemake.params.cfg["threshold"],
        formats=figures["formats"],
        dpi=figures["dpi"],
    )
