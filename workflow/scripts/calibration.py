"""Sum up the calibration, or say why a study has none."""

from zollstock.jobs.harness import job

with job(snakemake):
    import pandas as pd

    from zollstock.calibration.summary import summary
    from zollstock.errors import ZollstockError

    cfg = snakemake.params.cfg
    if not snakemake.input.get("rates"):
        lacks = "no model with trained_on" if cfg["source"] == "renderer" else "no drawn images"
        raise ZollstockError(
            f"study {cfg['study']}: calibration",
            f"has {lacks}, so that the truth is not known",
            "images.source: renderer, and models with trained_on",
            "Calibrate with config/config.yaml; what it says of the tests holds for every study.",
        )
    tables = {
        # "NA" may be a model's name.
        name: pd.read_csv(snakemake.input[name], keep_default_na=False, na_values=["", "nan"])
        for name in ("rates", "truth", "decay", "areas", "power")
    }
    summary(**tables).to_csv(snakemake.output.table, index=False, float_format="%.4g")
