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
    paths = dict(iterate_paths(PathStore(Path(snakemake.params.store)), shown))
    set_style()
    figure = draw_path_sheet(
        {image: path.frames[steps] for image, path in paths.items()},
        next(iter(paths.values())).axis[steps],
        title=cfg["title"],
        total=len(manifest["images"]),
    )
    stem = Path(snakemake.output[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
