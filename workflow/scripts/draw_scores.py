"""Draw the score tables: the summary, effects against q, and a heat map per property."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from zollstock.figures.style import model_looks, save, set_style
    from zollstock.figures.tables import draw_heatmap, draw_summary
    from zollstock.figures.volcano import draw_volcano

    cfg = snakemake.params.cfg
    style, scoring = cfg["figures"], cfg["scoring"]
    table = pd.read_parquet(snakemake.input.table)
    tests = pd.read_parquet(snakemake.input.tests)
    summary = pd.read_csv(snakemake.input.summary)
    set_style()
    save_as = {"formats": style["formats"], "dpi": style["dpi"]}
    folder = Path(snakemake.output[0]).parent
    headline = table[table["statistic"] == scoring["statistics"][0]]
    for name, title in cfg["titles"].items():
        figure = draw_heatmap(
            headline[headline["property"] == name],
            tests[tests["property"] == name],
            cfg["models"],
            alpha=scoring["alpha"],
            title=title,
            vmax=float(np.fmax(headline["score"].max(), 1e-9)),  # no score at all is NaN
        )
        save(figure, folder / f"heatmap_{name}", **save_as)
    looks = model_looks(cfg["models"], style["palette"])
    save(draw_summary(table, summary, looks), folder / "summary", **save_as)
    groups = summary.drop(columns=["score", "low", "high"]).rename(
        columns={"corrected": "score", "corrected_low": "low", "corrected_high": "high"}
    )
    volcano = draw_volcano(tests, groups, looks, cfg["titles"], alpha=scoring["alpha"])
    save(volcano, folder / "volcano", **save_as)
