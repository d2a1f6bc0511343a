"""Draw what changed in each image of a property, and its flags."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from zollstock.figures.ledger import draw_ledger
    from zollstock.figures.style import save, set_style

    cfg = snakemake.params.cfg
    style = cfg["figures"]
    # An image may be called "NA" or "007".
    steps, verdicts = (
        pd.read_csv(
            file,
            dtype=dict.fromkeys(("image", "meter", "flags", "reason"), str),
            keep_default_na=False,
            na_values=[""],
        )
        for file in (snakemake.input.steps, snakemake.input.verdicts)
    )
    for table in (steps, verdicts):
        # A panel each: further replicates of an image are told apart by their number.
        number = table["replicate"].map(lambda draw: f", {draw + 1}" if draw else "")
        table["image"] = table["image"] + number
    set_style()
    figure = draw_ledger(steps, verdicts, cfg["title"], style["max_images"])
    stem = Path(snakemake.output[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
