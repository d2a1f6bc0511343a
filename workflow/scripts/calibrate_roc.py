"""Measure how well scores find the images whose decision depends on the property."""

from zollstock.jobs.harness import job

with job(snakemake):
    import numpy as np

    from zollstock.calibration.roc import roc_tables, scored, truths

    cfg = snakemake.params.cfg
    with np.load(snakemake.input.predictions) as seen:
        models, images = ([str(name) for name in seen[key]] for key in ("models", "images"))
        steps = seen["edited"].shape[2]
        exact = seen["exact"]
        paths = {"edited": seen["edited"], "exact": exact[:, :, :: cfg["dense"]]}
        truth = truths(exact.reshape(-1, exact.shape[2]), seen["flips"].ravel(), cfg["threshold"])
    if np.isnan(paths["edited"]).all():
        del paths["edited"]
    areas, curves = roc_tables(scored(models, images, paths), truth, cfg["seed"])
    areas.to_csv(snakemake.output.table, index=False, float_format="%.6g")
    curves.to_csv(snakemake.output.curves, index=False, float_format="%.6g")
