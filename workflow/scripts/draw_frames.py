"""Draw the contact sheet of a property: some frames of every image."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import numpy as np

    from zollstock.figures.sheets import draw_path_sheet, strip_steps
    from zollstock.figures.style import save, set_style
    from zollstock.files import read_json
    from zollstock.store import PathStore, iterate_paths

    cfg = snakemake.params.cfg
    style = cfg["figures"]
    manifest = read_json(Path(snakemake.input.manifest))
    shown = manifest["images"][: style["max_images"]]
    rows, axes = {}, {}
    for entry in shown:  # a failed image keeps its row
        rows[entry["id"]], axes[entry["id"]] = np.empty((0, 1, 1, 3), np.uint8), np.empty(0)
    for image, path in iterate_paths(PathStore(Path(snakemake.params.store)), shown):
        # Only what is drawn is kept: whole paths of many images do not fit the job's memory.
        steps = strip_steps(path.axis, style["strip_frames"])
        rows[image] = path.frames[steps]
        axes[image] = path.axis[steps]
    set_style()
    figure = draw_path_sheet(
        rows,
        axes,
        title=cfg["title"],
        total=len(manifest["images"]),
    )
    stem = Path(snakemake.output[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
