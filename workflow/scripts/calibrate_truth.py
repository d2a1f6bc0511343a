"""Compare scores of analytic classifiers with their closed forms."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from zollstock.calibration.edited import points, truth_table
    from zollstock.calibration.truth import error_against_steps
    from zollstock.images.table import latents_of, read_table

    cfg = snakemake.params.cfg
    images = read_table(Path(snakemake.input.images), Path(snakemake.input.pixels))
    read = snakemake.input.get("latents")
    # Names stay text; "007" would become a number.
    edits = pd.read_csv(read, dtype={"image": str}, keep_default_na=False) if read else None
    scores = points(images, edits, cfg["world"]["name"], cfg["steps"])
    decay = error_against_steps(latents_of(images), cfg["world"]["name"], cfg["counts"])
    scores.to_csv(snakemake.output.points, index=False, float_format="%.9g")
    truth_table(scores).to_csv(snakemake.output.table, index=False, float_format="%.6g")
    decay.to_csv(snakemake.output.decay, index=False, float_format="%.6g")
