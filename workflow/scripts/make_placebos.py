"""Make the placebo paths of one job's share of the images."""

from workflow.scripts.harness import job

with job(snakemake):
    import sys
    from importlib import import_module
    from pathlib import Path

    import pandas as pd

    from zollstock.engines import engine_for
    from zollstock.engines.placebos import change_from_first
    from zollstock.engines.produce import produce_draws
    from zollstock.files import read_json, write_json
    from zollstock.images.table import read_table
    from zollstock.ledger.sizes import edit_sizes
    from zollstock.progress import FrameProgress
    from zollstock.store import PathStore

    cfg = snakemake.params.cfg
    plan = read_json(Path(snakemake.input.plan))
    images = read_table(Path(snakemake.input.images), Path(snakemake.input.pixels))
    mine = images[cfg["part"] :: cfg["parts"]]
    settings, run = cfg["property"], None
    if "editing" in cfg:
        run = import_module("workflow.editing").run_options(cfg, threads=snakemake.threads)
    sizes = [edit_sizes(pd.read_csv(file)) for file in snakemake.input.verdicts]
    limits = {
        image.id: max((found.get(image.id, 0.0) for found in sizes), default=0.0) for image in mine
    }
    store = PathStore(Path(snakemake.params.store), writable=True)
    stop = None
    if cfg["stop_after"]:
        stop = import_module("workflow.stopping").early_stop(
            cfg, snakemake.input.predictions, snakemake.input.watched, sizes
        )

    def enough(image, entry):
        """Return whether an image needs no further placebo."""
        if stop is None or "failed" in entry:
            return False
        frames = store.read(entry["row"]).frames
        return stop.enough(image, frames, change_from_first(frames))

    wanted = len(mine) * len(cfg["draws"])
    title = f"{snakemake.wildcards.property}, part {cfg['part'] + 1} of {cfg['parts']}"
    with FrameProgress(title, wanted * plan["shape"]["steps"]) as count:
        entries = produce_draws(
            engine_for(settings | {"limits": limits}, run),
            settings,
            mine,
            cfg["draws"],
            store,
            plan["rows"],
            seed=(cfg["seed"], snakemake.wildcards.property),
            frames_done=count,
            enough=enough,
        )
    print(
        f"{title}: {len(entries)} of {wanted} placebo edits were needed, "
        f"{wanted - len(entries)} saved",
        file=sys.stderr,
    )
    write_json(entries, Path(snakemake.output.part))
