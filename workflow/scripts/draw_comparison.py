"""Draw scores by edits over scores by exact interventions."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from zollstock.figures.comparison import draw_comparison
    from zollstock.figures.style import model_looks, save, set_style

    cfg = snakemake.params.cfg
    style = cfg["figures"]
    set_style()
    figure = draw_comparison(
        pd.read_parquet(snakemake.input.table),
        cfg["pairs"],
        model_looks(cfg["models"], style["palette"]),
        titles=cfg["titles"],
        statistic=cfg["scoring"]["statistics"][0],
    )
    stem = Path(snakemake.output[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
