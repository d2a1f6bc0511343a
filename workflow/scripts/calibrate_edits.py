"""Edit the images of the calibration, and read in each frame what the edit did."""

from zollstock.jobs.harness import job

with job(snakemake):
    from importlib import import_module
    from pathlib import Path

    import pandas as pd

    from zollstock.calibration.reading import measured
    from zollstock.engines import engine_for
    from zollstock.engines.planning import plan_paths
    from zollstock.engines.produce import produce_paths
    from zollstock.files import write_json
    from zollstock.images.table import read_table
    from zollstock.progress import Progress
    from zollstock.store import PathStore, iterate_paths

    cfg = snakemake.params.cfg
    images = read_table(Path(snakemake.input.images), Path(snakemake.input.pixels))
    options = snakemake.config["run_options"]
    run = import_module("zollstock.jobs.editing").run_options(options, threads=snakemake.threads)
    engine = engine_for(cfg["property"], run)
    settings, folder = cfg["property"], Path(snakemake.output.manifest).parent
    how = {"folder": folder, "name": "edits", "names": ["edits"], "seed": cfg["seed"]}
    plan = plan_paths(engine, settings, images, [0], **how)
    store = PathStore(folder / plan["store"], writable=True)
    with Progress("calibration, edits", len(images) * store.shape.steps) as count:
        entries = produce_paths(
            engine,
            settings,
            images,
            store,
            plan["rows"],
            seed=cfg["seed"],
            frames_done=count,
        )
    records = {image.id: image for image in images}
    read = [
        measured(records[name], path, cfg["world"]["name"])
        for name, path in iterate_paths(store, entries)
    ]
    pd.concat(read).to_csv(snakemake.output.latents, index=False)
    manifest = {key: plan[key] for key in ("shape", "facts", "store")} | {"images": entries}
    write_json(manifest, Path(snakemake.output.manifest))
