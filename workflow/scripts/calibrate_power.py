"""Measure which statistic finds an effect, by its size."""

from zollstock.jobs.harness import job

with job(snakemake):
    import numpy as np
    import pandas as pd

    from zollstock.calibration.edited import latent_paths
    from zollstock.calibration.power import power_of_shapes, power_of_slopes

    cfg = snakemake.params.cfg
    seed = cfg["seed"]
    exact = [np.linspace(0, 1, cfg["steps"])]
    tables = [
        power_of_shapes(cfg["simulations"], seed),
        power_of_slopes(exact, cfg["simulations"], "exact", seed),
    ]
    if snakemake.input.get("latents"):
        edits = pd.read_csv(snakemake.input.latents, dtype={"image": str}, keep_default_na=False)
        walked = [path for path in latent_paths(edits).values() if len(path) == cfg["steps"]]
        tables.append(power_of_slopes(walked, cfg["simulations"], "edited", seed))
    pd.concat(tables).to_csv(snakemake.output.table, index=False, float_format="%.6g")
