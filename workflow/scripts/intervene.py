"""Make the paths of one job's share of the images."""

from zollstock.jobs.harness import job

with job(snakemake):
    from importlib import import_module
    from pathlib import Path

    from zollstock.draws import drawn_records
    from zollstock.engines import engine_for
    from zollstock.engines.produce import produce_paths
    from zollstock.files import read_json, write_json
    from zollstock.images.table import read_table
    from zollstock.progress import Progress
    from zollstock.store import PathStore

    cfg = snakemake.params.cfg
    plan = read_json(Path(snakemake.input.plan))
    images = read_table(Path(snakemake.input.images), Path(snakemake.input.pixels))
    mine = drawn_records(images[cfg["part"] :: cfg["parts"]], cfg["draws"])
    settings, run = cfg["property"] | cfg["inexact"], None
    if cfg["edited"]:
        watched, options = snakemake.input.watched, snakemake.config["run_options"]
        run = import_module("zollstock.jobs.editing").run_options(
            options, watched, snakemake.threads, snakemake.config["inference"]["device"]
        )
        # An adaptive path depends on the models that it looks at.
        seen = [read_json(Path(card))["sha256"] for card in watched[1::2]]
        settings = settings | {"watched": seen}
    title = f"{snakemake.wildcards.property}, part {cfg['part'] + 1} of {cfg['parts']}"
    with Progress(title, len(mine) * plan["shape"]["steps"]) as count:
        entries = produce_paths(
            engine_for(cfg["property"], run),
            settings,
            mine,
            PathStore(Path(snakemake.params.store), writable=True),
            plan["rows"],
            seed=(cfg["seed"], snakemake.wildcards.property),
            frames_done=count,
        )
    write_json(entries, Path(snakemake.output.part))
