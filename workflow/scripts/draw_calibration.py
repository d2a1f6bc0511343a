"""Draw what the calibration found."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from zollstock.calibration.rates import TITLES
    from zollstock.calibration.summary import ASSUMED, case_titles
    from zollstock.calibration.truth import CLASSIFIERS
    from zollstock.figures.calibration import draw_power, draw_rates
    from zollstock.figures.style import save, set_style
    from zollstock.figures.truth import draw_roc, draw_truth

    cfg = snakemake.params.cfg
    style = cfg["figures"]
    tables = {
        # "NA" may be a model's name.
        name: pd.read_csv(snakemake.input[name], keep_default_na=False, na_values=["", "nan"])
        for name in ("rates", "points", "decay", "areas", "curves", "power")
    }
    set_style()
    figures = [
        draw_rates(tables["rates"], TITLES, case_titles(), list(ASSUMED.items())),
        draw_truth(
            tables["decay"], tables["points"], {found.name: found.title for found in CLASSIFIERS}
        ),
        draw_roc(tables["curves"], tables["areas"], cfg["threshold"]),
        draw_power(tables["power"]),
    ]
    for figure, file in zip(figures, snakemake.output, strict=False):
        save(figure, Path(file).with_suffix(""), style["formats"], style["dpi"])
