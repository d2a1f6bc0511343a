"""Draw the contact sheet of a property: some frames of every image."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import numpy as np

    from zollstock.figures.sheets import draw_path_sheet, strip_steps
    from zollstock.figures.style import save, set_style
    from zollstock.manifests import read_manifest, store_of
    from zollstock.store import PathStore, iterate_paths

    cfg = snakemake.params.cfg
    style = cfg["figures"]
    file = Path(snakemake.input.manifest)
    manifest, store = read_manifest(file), PathStore(store_of(file))
    shown = manifest["images"][: style["max_images"]]
    rows, axes = {}, {}
    for entry in shown:
        name = f"{entry['image']}, {entry['draw'] + 1}" if entry["draw"] else entry["image"]
        rows[name], axes[name] = np.empty((0, 1, 1, 3), np.uint8), np.empty(0)  # of a failed path
        for _, path in iterate_paths(store, [entry]):
            # Only what is drawn is kept: whole paths of many images do not fit the job's memory.
            steps = strip_steps(path.axis, style["strip_frames"])
            rows[name], axes[name] = path.frames[steps], path.axis[steps]
    set_style()
    figure = draw_path_sheet(
        rows,
        axes,
        title=cfg["title"],
        total=len(manifest["images"]),
    )
    stem = Path(snakemake.output[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
