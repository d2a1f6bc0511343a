"""Draw the images of the calibration."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.images.selection import select_rendered
    from zollstock.images.table import write_table
    from zollstock.seeds import seed_for
    from zollstock.worlds import get_world

    cfg = snakemake.params.cfg
    world = cfg["world"]
    drawn = get_world(world["name"])
    folder = Path(snakemake.output.pixels)
    folder.mkdir(parents=True)
    selection = select_rendered(
        drawn,
        n_per_class=-(-cfg["images"] // len(drawn.class_names)),
        # Other images than the study's and the training's.
        seed=seed_for(cfg["seed"], "calibration"),
        folder=folder,
        distribution=drawn.distributions[0],
        size=world["size"],
        bias=world["bias"],
        shape_noise=world["shape_noise"],
    )
    write_table(selection.images, Path(snakemake.output.table))
