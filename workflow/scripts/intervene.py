"""Make the paths of one job's share of the images."""

from workflow.scripts.harness import job

with job(snakemake):
    from pathlib import Path

    from workflow.editing import run_options, watched
    from zollstock.engines import engine_for
    from zollstock.engines.produce import produce_paths
    from zollstock.files import read_json, write_json
    from zollstock.images.table import read_table
    from zollstock.progress import FrameProgress
    from zollstock.store import PathStore

    cfg = snakemake.params.cfg
    plan = read_json(Path(snakemake.input.plan))
    images = read_table(Path(snakemake.input.images), Path(snakemake.input.pixels))
    mine = images[cfg["part"] :: cfg["parts"]]
    run = run_options(cfg, snakemake.input.watched, snakemake.threads)
    title = f"{snakemake.wildcards.property}, part {cfg['part'] + 1} of {cfg['parts']}"
    with FrameProgress(title, len(mine) * plan["shape"]["steps"]) as count:
        entries = produce_paths(
            engine_for(cfg["property"], run),
            cfg["property"] | watched(snakemake.input.watched),
            mine,
            PathStore(Path(snakemake.params.store), writable=True),
            plan["rows"],
            seed=(cfg["seed"], snakemake.wildcards.property),
            frames_done=count,
        )
    write_json(entries, Path(snakemake.output.part))
