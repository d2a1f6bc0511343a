"""Count how often tests reject where nothing is to be found."""

from zollstock.jobs.harness import job

with job(snakemake):
    import numpy as np
    import pandas as pd

    from zollstock.calibration.rates import judged, rates_of_models, rates_of_processes

    cfg = snakemake.params.cfg
    how = {"permutations": cfg["permutations"], "seed": cfg["seed"]}
    with np.load(snakemake.input.predictions) as seen:
        of_models = rates_of_models([str(name) for name in seen["models"]], seen["noise"], **how)
    of_processes = rates_of_processes(cfg["series"], cfg["length"], **how)
    table = judged(pd.concat([of_processes, of_models], ignore_index=True))
    table.to_csv(snakemake.output.table, index=False, float_format="%.6g")
