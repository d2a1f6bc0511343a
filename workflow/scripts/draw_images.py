"""Draw the contact sheet of the selected images."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.figures.sheets import draw_sheet
    from zollstock.figures.style import save, set_style
    from zollstock.images.table import read_table

    style = snakemake.params.cfg["figures"]
    images = read_table(Path(snakemake.input.images), Path(snakemake.input.pixels))
    set_style()
    shown = images[:200]
    figure = draw_sheet(
        [image.pixels() for image in shown],
        [f"{image.id} ({image.label})" for image in shown],
        title=f"{len(images)} images of the study",
        columns=8 if len(shown) > 4 else 4,
        total=len(images),
    )
    stem = Path(snakemake.output[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
