"""Draw the accuracy of the trained models on every test split."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from zollstock.figures.style import save, set_style
    from zollstock.figures.tables import draw_accuracy

    style = snakemake.params.cfg["figures"]
    set_style()
    figure = draw_accuracy(pd.read_csv(snakemake.input.table), snakemake.params.cfg["models"])
    stem = Path(snakemake.output[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
