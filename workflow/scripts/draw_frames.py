"""Draw the contact sheet of a property: some frames of every image."""

from workflow.scripts.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.figures.paths import strip_steps
    from zollstock.figures.sheets import draw_path_sheet
    from zollstock.figures.style import save, set_style
    from zollstock.files import read_json
    from zollstock.store import PathStore, iterate_paths

    cfg = snakemake.params.cfg
    style = cfg["figures"]
    manifest = read_json(Path(snakemake.input.manifest))
    steps = strip_steps(manifest["shape"]["steps"], style["strip_frames"])
    shown = manifest["images"][: style["max_images"]]
    rows, axes = {}, []
    for image, path in iterate_paths(PathStore(Path(snakemake.params.store)), shown):
        # Only what is drawn is kept: whole paths of many images do not fit the job's memory.
        rows[image] = path.frames[steps]
        axes.append(path.axis[steps])
    set_style()
    figure = draw_path_sheet(
        rows,
        axes[0],
        title=cfg["title"],
        total=len(manifest["images"]),
    )
    stem = Path(snakemake.output[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
